"""Settings of the demo's own installation: secrets from the scenario, a database of its own made anew at each start."""

from dataclasses import replace
from pathlib import Path

from psycopg.conninfo import make_conninfo

from adapters.postgres import server
from api.demo.scenario import read_scenario
from api.settings import Settings
from api.wiring import data_dir_of
from domain.errors import Malformed

#: The committed example, beside the packages.
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "viet-hoa"

#: The second act: a year of the same ward.
EXAMPLE_YEAR = EXAMPLE.parent / "viet-hoa-nam"

DATABASE = "dangphi_demo"
DATABASE_YEAR = "dangphi_demo_nam"


def demo_settings(folder: Path = EXAMPLE, data_dir: Path | None = None, *, database: str = DATABASE) -> Settings:
    """Settings that point at a database of the demo on the embedded server, which is started if need be."""
    settings = replace(read_scenario(folder).settings, data_dir=data_dir)
    dsn = server.start(data_dir_of(settings))
    return replace(settings, database_url=make_conninfo(dsn, dbname=database))


def played_settings(data_dir: Path | None = None) -> Settings:
    """Settings of a demo that was played on this machine; ``Malformed`` when there is none.

    Nothing is created for the sake of the question: no folder, no server, no database.
    """
    folder = data_dir_of(replace(read_scenario(EXAMPLE).settings, data_dir=data_dir))
    missing = Malformed(f"chưa có dữ liệu mẫu trong {folder}; chạy `dangphi demo` trước", where="--demo")
    if not server.is_initialised(folder):
        raise missing
    settings = demo_settings(data_dir=data_dir)
    if not server.has_database(server.start(folder), DATABASE):
        server.stop(folder)
        raise missing
    return settings


def fresh_database(settings: Settings, database: str = DATABASE) -> None:
    """Drop a database of the demo, if it is there, and make it again."""
    dsn = server.start(data_dir_of(settings))
    server.drop_database(dsn, database)
    server.create_database(dsn, database)

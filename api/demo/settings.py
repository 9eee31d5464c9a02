"""Settings of the demo's own installation: secrets from the scenario, a database of its own made anew at each start."""

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

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

#: The setting that says on which act ``--demo`` works, and what each act is played from and into.
ACT_NAME = "DANGPHI_DEMO_ACT"
ACTS = MappingProxyType({"1": (EXAMPLE, DATABASE), "2": (EXAMPLE_YEAR, DATABASE_YEAR)})


def demo_settings(folder: Path = EXAMPLE, data_dir: Path | None = None, *, database: str = DATABASE) -> Settings:
    """Settings that point at a database of the demo on the embedded server, which is started if need be."""
    settings = replace(read_scenario(folder).settings, data_dir=data_dir)
    dsn = server.start(data_dir_of(settings))
    return replace(settings, database_url=make_conninfo(dsn, dbname=database))


def played_settings(data_dir: Path | None = None, *, act: str = "1") -> Settings:
    """Settings of an act of the demo ("1" or "2") that was played on this machine; ``Malformed`` when there is none.

    Nothing is created for the sake of the question: no folder, no server, no database.
    """
    if act not in ACTS:
        raise Malformed(f"{ACT_NAME}={act}: viết 1 (các tháng mẫu) hoặc 2 (trọn một năm)", where="môi trường")
    example, database = ACTS[act]
    folder = data_dir_of(replace(read_scenario(example).settings, data_dir=data_dir))
    missing = Malformed(
        f"chưa có dữ liệu mẫu của màn {act} trong {folder}; chạy `dangphi demo --act {act}` trước", where="--demo"
    )
    if not server.is_initialised(folder):
        raise missing
    settings = demo_settings(example, data_dir, database=database)
    if not server.has_database(server.start(folder), database):
        server.stop(folder)
        raise missing
    return settings


def fresh_database(settings: Settings, database: str = DATABASE) -> None:
    """Drop a database of the demo, if it is there, and make it again."""
    dsn = server.start(data_dir_of(settings))
    server.drop_database(dsn, database)
    server.create_database(dsn, database)

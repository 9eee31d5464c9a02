"""Settings of the demo's own installation: secrets from the scenario, a database of its own made anew at each start."""

from dataclasses import replace
from pathlib import Path

from psycopg.conninfo import make_conninfo

from adapters.postgres import server
from api.demo.scenario import read_scenario
from api.settings import Settings
from api.wiring import data_dir_of

#: The committed example, beside the packages.
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "viet-hoa"

DATABASE = "dangphi_demo"


def demo_settings(folder: Path = EXAMPLE, data_dir: Path | None = None) -> Settings:
    """Settings that point at the demo's database on the embedded server, which is started if need be."""
    settings = replace(read_scenario(folder).settings, data_dir=data_dir)
    dsn = server.start(data_dir_of(settings))
    return replace(settings, database_url=make_conninfo(dsn, dbname=DATABASE))


def fresh_database(settings: Settings) -> None:
    """Drop the demo's database, if it is there, and make it again."""
    dsn = server.start(data_dir_of(settings))
    server.drop_database(dsn, DATABASE)
    server.create_database(dsn, DATABASE)

"""The generated pages of the reference are what the program says, and they say everything."""

import runpy
from pathlib import Path

import pytest

from api.app import ROUTERS
from domain.policy_settings import SettingName
from tests.unit.docs_commands import leaves

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"
MADE = {name: runpy.run_path(str(REFERENCE / f"make_{name}.py")) for name in ("api_routes", "cli", "policy_settings")}


@pytest.mark.parametrize("name", sorted(MADE))
def test_the_page_is_up_to_date(name):
    # A mismatch is mended by running: make reference
    page = REFERENCE / f"{name.replace('_', '-')}.md"
    assert page.read_text(encoding="utf-8") == MADE[name]["page"]()


def test_every_command_stands_on_the_page_of_the_command_line():
    page = MADE["cli"]["page"]()
    assert [path for path in leaves() if f"# `dangphi {' '.join(path)}`" not in page] == []


def test_every_operation_stands_on_the_page_of_the_routes():
    page = MADE["api_routes"]["page"]()
    routes = [route for router in ROUTERS for route in router.routes if getattr(route, "include_in_schema", False)]
    assert len(routes) > 100
    assert [route.path for route in routes if f" {route.path}`" not in page] == []


def test_every_argument_and_option_says_what_it_is_for():
    silent = [
        f"{' '.join(path)} {parameter.name}"
        for path, command in leaves().items()
        for parameter in command.params
        if not parameter.help
    ]
    assert silent == []


def test_every_setting_says_what_it_changes_and_somebody_reads_it():
    assert set(MADE["policy_settings"]["CHANGES"]) == set(SettingName)
    assert set(MADE["policy_settings"]["readers"]()) == set(SettingName)

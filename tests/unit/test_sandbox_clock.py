"""Only an installation that is a sandbox's own may take its time from a file."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.clock import FileClock, SystemClock
from api.settings import Settings
from api.wiring import clock_of
from domain.errors import Malformed

ENVIRONMENT = {
    "DANGPHI_REFERENCE_KEY": "00" * 16,
    "DANGPHI_VAULT_KEY": "00" * 32,
    "DANGPHI_PORTAL_SECRET": "x",
    "DANGPHI_TOP_UNIT": "31.001",
    "DANGPHI_SCHEMA": "sandbox_01",
    "DANGPHI_PORTAL_PARTNER": "SANDBOX1234",
}


def test_a_file_tells_the_time_to_a_sandbox(tmp_path: Path) -> None:
    path = tmp_path / "clock"
    settings = Settings.from_environ({**ENVIRONMENT, "DANGPHI_SANDBOX_CLOCK": str(path)})
    clock = clock_of(settings)
    assert isinstance(clock, FileClock)
    with pytest.raises(Malformed):
        clock.now()
    path.write_text("2026-08-05T10:00:00+07:00", encoding="ascii")
    assert clock.now() == datetime(2026, 8, 5, 3, tzinfo=UTC)
    path.write_text("2026-08-05T10:00:00", encoding="ascii")
    with pytest.raises(Malformed):
        clock.now()


@pytest.mark.parametrize("other", [{"DANGPHI_SCHEMA": "shard_01"}, {"DANGPHI_PORTAL_PARTNER": "HPVIETHOA"}])
def test_nobody_else_may_take_his_time_from_a_file(tmp_path: Path, other: dict[str, str]) -> None:
    with pytest.raises(Malformed, match="DANGPHI_SANDBOX_CLOCK"):
        Settings.from_environ({**ENVIRONMENT, "DANGPHI_SANDBOX_CLOCK": str(tmp_path / "clock"), **other})


def test_without_a_file_the_machine_tells_the_time() -> None:
    assert isinstance(clock_of(Settings.from_environ(ENVIRONMENT)), SystemClock)

"""The story of the demo as data: ``demo.toml`` says what is done when; the files beside it say with what."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from api.demo.months import expand
from api.settings import Settings, token_hash
from domain.errors import Malformed

#: Where the parser stumbled.
_AT = re.compile(r"at line (\d+), column (\d+)")

#: Vietnam has one time zone and no summer time.
VIETNAM = timezone(timedelta(hours=7))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: when, what, and its parameters. ``text`` tells a reader of the progress bar what happens."""

    at: datetime
    do: str
    text: str
    given: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A story: where its files are, its seed and secrets, its units, its steps."""

    folder: Path
    seed: int
    title: str
    units: Mapping[str, str]  #: "ward", "province" → code of the unit
    document: str  #: by which the law is activated
    decided_on: date
    approver: str
    as_of: date
    results: Mapping[str, Any]  #: what is left at the end: title of the page, month of the papers, workbooks
    special: Mapping[str, Any]  #: what happens outside the office: mishaps by month, other movements on accounts
    settings: Settings
    steps: tuple[Step, ...]


def read_scenario(folder: Path) -> Scenario:
    """Read ``demo.toml`` in a folder; raise Malformed naming what is missing."""
    path = folder / "demo.toml"
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise Malformed("không có tệp kịch bản demo.toml; kiểm tra thư mục kịch bản", where=str(folder)) from error
    except UnicodeDecodeError as error:
        raise Malformed(
            f"không phải UTF-8 (byte thứ {error.start + 1}); lưu lại theo UTF-8", where=str(path)
        ) from error
    except tomllib.TOMLDecodeError as error:
        found = _AT.search(str(error))
        place = f"{path}, dòng {found[1]} cột {found[2]}" if found else f"{path}, cuối tệp"
        raise Malformed("TOML sai cú pháp hoặc bị cắt; lấy lại tệp kịch bản đầy đủ", where=place) from error
    try:
        return _scenario(folder, raw)
    except KeyError as error:
        raise Malformed(f"thiếu mục {error}; tệp có thể bị cắt, lấy lại tệp kịch bản", where=str(path)) from error
    except Malformed:
        raise
    except (TypeError, ValueError, AttributeError) as error:
        # Such as a number where a table belongs, or a key that is not hexadecimal.
        raise Malformed("có mục sai kiểu; so với tệp kịch bản gốc", where=str(path)) from error


def _scenario(folder: Path, raw: Mapping[str, Any]) -> Scenario:
    return Scenario(
        folder=folder,
        seed=raw["seed"],
        title=raw["title"],
        units=raw["units"],
        document=raw["law"]["document"],
        decided_on=raw["law"]["decided_on"],
        approver=raw["law"]["approver"],
        as_of=raw["as_of"],
        results=raw["results"],
        special=raw["special"],
        settings=_settings(raw),
        steps=_steps(raw),
    )


def _settings(raw: Mapping[str, Any]) -> Settings:
    shard, portal = raw["shard"], raw["portal"]
    return Settings(
        database_url=None,
        data_dir=None,
        schema=shard["schema"],
        shard=shard["number"],
        reference_key=bytes.fromhex(shard["reference_key"]),
        reference_prefix=shard["prefix"],
        vault_key=bytes.fromhex(shard["vault_key"]),
        portal_partner=portal["partner"],
        portal_secret=portal["secret"],
        sepay_key=raw["webhooks"]["sepay_key"],
        casso_secret=raw["webhooks"]["casso_secret"],
        tokens={token_hash(token): actor for actor, token in raw["tokens"].items()},
        top_unit=raw["units"]["ward"],
    )


def _steps(raw: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps written out and those that come every month, in order of time; at one moment, as they are written."""
    written = [_step(item) for item in raw["step"]]
    monthly = [_step(item) for every in raw.get("every", ()) for item in expand(every)]
    return tuple(written) if not monthly else tuple(sorted((*written, *monthly), key=lambda step: step.at))


def _step(item: Mapping[str, Any]) -> Step:
    at = item["at"]
    if not isinstance(at, datetime):
        raise Malformed(f"bước {item.get('do')}: «at» phải là thời điểm", where="demo.toml")
    if at.tzinfo is None:
        at = at.replace(tzinfo=VIETNAM)
    given = _Given(item["text"], {key: value for key, value in item.items() if key not in ("at", "do", "text")})
    return Step(at=at, do=item["do"], text=item["text"], given=given)


class _Given(dict[str, Any]):
    """A step's parameters; one that is asked for and not there is named with its step."""

    def __init__(self, text: str, given: Mapping[str, Any]) -> None:
        super().__init__(given)
        self._text = text

    def __missing__(self, key: str) -> Any:
        raise Malformed(f"bước «{self._text}» thiếu mục «{key}»; thêm mục này", where="demo.toml")

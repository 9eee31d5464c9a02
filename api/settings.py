"""What an installation is told: read once at the edge, every missing name reported at once."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from domain.errors import Malformed

#: How a schema may be named; the shard's adapter holds to the same alphabet.
_SCHEMA = re.compile(r"[a-z][a-z0-9_]{0,47}")


@dataclass(frozen=True, slots=True)
class _Environment:
    """Names and texts as they are set, and what is missing or wrong in them."""

    environ: Mapping[str, str]
    wrong: list[str] = field(default_factory=list)

    def text(self, name: str, default: str | None = None) -> str:
        value = self.environ.get(name, default)
        if value is None:
            self.wrong.append(name)
            return ""
        return value

    def key(self, name: str, least: int) -> bytes:
        raw = self.text(name)
        try:
            found = bytes.fromhex(raw)
        except ValueError:
            found = b""
        if raw and len(found) < least:
            self.wrong.append(f"{name} (cần ít nhất {2 * least} chữ số thập lục phân)")
        return found

    def hour(self, name: str, default: str) -> int:
        raw = self.text(name, default)
        if raw.isdecimal() and 1 <= int(raw) <= 24:
            return int(raw)
        self.wrong.append(f"{name} (giờ từ 1 đến 24)")
        return 24

    def one_of(self, name: str, *known: str) -> str:
        raw = self.text(name, known[0])
        if raw not in known:
            self.wrong.append(f"{name} ({' hoặc '.join(known)})")
        return raw


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of one shard's installation.

    ``database_url`` None means the embedded server under ``data_dir``. Secrets never appear in logs or errors.
    """

    database_url: str | None = field(repr=False)  #: may carry a password
    data_dir: Path | None
    schema: str
    shard: int
    reference_key: bytes = field(repr=False)
    reference_prefix: str
    vault_key: bytes = field(repr=False)
    portal_partner: str
    portal_secret: str = field(repr=False)
    sepay_key: str = field(repr=False)
    casso_secret: str = field(repr=False)
    #: sha256 hex of a bearer token → actor ("HP-VH-KT1", "service:portal")
    tokens: Mapping[str, str] = field(repr=False)
    holidays: Path | None = None  #: an office's own list of public holidays; None: the shipped one
    templates: Path | None = None  #: an office's own printed forms; files missing there are the shipped ones
    top_unit: str  #: id of the unit whose subtree this shard serves
    portal_url: str = ""  #: where the portal's Payment Platform answers; "" while we only listen
    gateway_url: str = ""  #: where the card gateway answers; "" where none is used
    gateway_key: str = field(default="", repr=False)
    gateway_unit: str = ""  #: id or code of the unit whose account the gateway pays to; "" while nobody has said
    #: of its webhooks; several while one is being replaced
    gateway_secrets: tuple[str, ...] = field(default=(), repr=False)
    sepay_hub_secret: str = field(default="", repr=False)  #: of the bank hub's own notifications
    portal_closes: int = 24  #: hour at which the portal's day ends, as agreed with it
    portal_lumps: bool = False  #: whether the portal pays a day's payments to each account in one credit
    column_maps: Path | None = None  #: file of saved column maps; None: column-maps.json in the data folder
    match_after_import: bool = True  #: whether the matching rules run after every import of a bank's file
    sandbox_clock: Path | None = None  #: the file a sandbox tells the time in; None: the machine's clock

    @staticmethod
    def from_environ(environ: Mapping[str, str]) -> "Settings":
        """Read DANGPHI_… names; raise Malformed with every missing or bad one."""
        read = _Environment(environ)
        wrong = read.wrong
        settings = Settings(
            database_url=environ.get("DANGPHI_DATABASE_URL"),
            data_dir=Path(environ["DANGPHI_DATA_DIR"]) if "DANGPHI_DATA_DIR" in environ else None,
            schema=read.text("DANGPHI_SCHEMA", "shard_01"),
            shard=int(read.text("DANGPHI_SHARD", "1")) if read.text("DANGPHI_SHARD", "1").isdecimal() else -1,
            reference_key=read.key("DANGPHI_REFERENCE_KEY", 16),
            reference_prefix=read.text("DANGPHI_REFERENCE_PREFIX", "HJ"),
            vault_key=read.key("DANGPHI_VAULT_KEY", 32),
            portal_partner=read.text("DANGPHI_PORTAL_PARTNER"),
            portal_secret=read.text("DANGPHI_PORTAL_SECRET"),
            sepay_key=read.text("DANGPHI_SEPAY_KEY", ""),
            casso_secret=read.text("DANGPHI_CASSO_SECRET", ""),
            tokens=read_tokens(read.text("DANGPHI_TOKENS", "")),
            top_unit=read.text("DANGPHI_TOP_UNIT"),
            portal_url=read.text("DANGPHI_PORTAL_URL", "").rstrip("/"),
            gateway_url=read.text("DANGPHI_GATEWAY_URL", "").rstrip("/"),
            gateway_key=read.text("DANGPHI_GATEWAY_KEY", ""),
            gateway_unit=read.text("DANGPHI_GATEWAY_UNIT", ""),
            gateway_secrets=tuple(one for one in read.text("DANGPHI_GATEWAY_SECRETS", "").split(",") if one),
            sepay_hub_secret=read.text("DANGPHI_SEPAY_HUB_SECRET", ""),
            portal_closes=read.hour("DANGPHI_PORTAL_CLOSES", "24"),
            portal_lumps=read.one_of("DANGPHI_PORTAL_PAYS", "each", "lump") == "lump",
            match_after_import=read.text("DANGPHI_MATCH_AFTER_IMPORT", "1") != "0",
            sandbox_clock=Path(environ["DANGPHI_SANDBOX_CLOCK"]) if "DANGPHI_SANDBOX_CLOCK" in environ else None,
            column_maps=Path(environ["DANGPHI_COLUMN_MAPS"]) if "DANGPHI_COLUMN_MAPS" in environ else None,
            templates=Path(environ["DANGPHI_TEMPLATES"]) if "DANGPHI_TEMPLATES" in environ else None,
            holidays=Path(environ["DANGPHI_HOLIDAYS"]) if "DANGPHI_HOLIDAYS" in environ else None,
        )
        if settings.sandbox_clock is not None and not is_sandbox(settings):
            wrong.append("DANGPHI_SANDBOX_CLOCK (chỉ dùng khi DANGPHI_SCHEMA và DANGPHI_PORTAL_PARTNER là của sandbox)")
        if read.text("DANGPHI_MATCH_AFTER_IMPORT", "1") not in ("0", "1"):
            wrong.append("DANGPHI_MATCH_AFTER_IMPORT (0 hoặc 1)")
        if not 0 <= settings.shard <= 63:
            wrong.append("DANGPHI_SHARD (0 đến 63)")
        if not _SCHEMA.fullmatch(settings.schema):
            wrong.append("DANGPHI_SCHEMA (chữ thường không dấu, chữ số hoặc _, bắt đầu bằng chữ, tối đa 48 ký tự)")
        if wrong:
            raise Malformed(
                f"thiếu hoặc sai: {', '.join(wrong)}. Đặt các biến này (docs/reference/settings.md), hoặc thêm --demo "
                "để làm trên dữ liệu mẫu.",
                where="môi trường",
            )
        return settings


def is_sandbox(settings: Settings) -> bool:
    """Whether an installation is a sandbox's own: its books and its partner are named so, and are nobody's."""
    return settings.schema.startswith("sandbox") and settings.portal_partner.startswith("SANDBOX")


def read_tokens(text: str) -> dict[str, str]:
    """``actor=token`` pairs separated by commas → token hash → actor; only hashes are kept in memory."""
    pairs = (item.split("=", 1) for item in text.split(",") if "=" in item)
    return {token_hash(token): actor for actor, token in pairs}


def token_hash(token: str) -> str:
    """How a bearer token is known."""
    return sha256(token.strip().encode()).hexdigest()


def environ() -> Mapping[str, str]:
    """The process environment: the only place it is read."""
    return os.environ

"""A long reconciliation that survives being killed: each finished account is kept in a folder and used again.

What is kept belongs to one log position and one question; when either changed, everything is begun anew. A kept file
whose bytes are not those that were written is made again.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec

from api.flows.reconcile import Progress, parts_at, reconcile_one
from api.wiring import Installation
from domain.identifiers import AccountId
from ledger.reports_reconciliation import ReconciliationResult

_QUESTION, _DONE = "question.json", "done.jsonl"
#: Raised whenever what is kept looks otherwise than before.
_FORMAT = 1

_decoder = msgspec.msgpack.Decoder(ReconciliationResult)


@dataclass(frozen=True, slots=True)
class Kept:
    """Results kept in files, read one at a time and as often as wanted."""

    files: tuple[Path, ...]

    def __iter__(self) -> Iterator[ReconciliationResult]:
        for file in self.files:
            yield _decoder.decode(file.read_bytes())

    def __len__(self) -> int:
        return len(self.files)


def reconcile_into(
    inst: Installation,
    folder: Path,
    *,
    from_date: date,
    to_date: date,
    as_of: date,
    known_on: date | None = None,
    progress: Progress,
) -> Kept:
    """Reconcile all accounts of the shard into ``folder``; what is there for this position and question is used."""
    folder.mkdir(parents=True, exist_ok=True)
    head = inst.store.head()
    days = {"from": from_date, "to": to_date, "as_of": as_of, "known_on": known_on}
    question = {"format": _FORMAT, "position": head, **{k: d.isoformat() if d else None for k, d in days.items()}}
    done = _begin(folder, question, progress)
    listed = folder / "accounts.json"
    if listed.exists():
        wanted = [AccountId(one) for one in json.loads(listed.read_text(encoding="utf-8"))]
        if all(one in done for one in wanted):
            progress(f"dùng lại cả {len(wanted)} tài khoản đã xong ở vị trí {head}; không đọc lại nhật ký")
            return Kept(tuple(folder / done[one] for one in wanted))
    parts = parts_at(inst, head, known_on, progress=progress)
    wanted = list(parts)
    _write(listed, json.dumps(wanted).encode())
    if done:
        progress(f"dùng lại {len(done)}/{len(wanted)} tài khoản đã xong ở vị trí {head}")
    for place, account in enumerate(wanted, start=1):
        if account not in done:
            result = reconcile_one(inst, parts, account, from_date=from_date, to_date=to_date, as_of=as_of)
            done[account] = _keep(folder, account, msgspec.msgpack.encode(result))
            progress(f"xong {account or 'chưa rõ tài khoản'} ({place}/{len(wanted)})")
    return Kept(tuple(folder / done[one] for one in wanted))


def _begin(folder: Path, question: Mapping[str, object], progress: Progress) -> dict[AccountId, str]:
    """What is finished for this very question, by account; anything else in the folder that is ours is put away."""
    asked = folder / _QUESTION
    known = json.loads(asked.read_text(encoding="utf-8")) if asked.exists() else None
    if known == question:
        return _finished(folder, progress)
    if known is not None:
        moved = known.get("position") != question["position"]
        why = f"sổ đã từ vị trí {known.get('position')} đến {question['position']}" if moved else "câu hỏi đã khác"
        progress(f"{why}: làm lại từ đầu")
        for old in (*folder.glob("account-*.msgpack"), folder / _DONE, folder / "accounts.json"):
            old.unlink(missing_ok=True)
    _write(asked, json.dumps(question).encode())
    return {}


def _finished(folder: Path, progress: Progress) -> dict[AccountId, str]:
    done: dict[AccountId, str] = {}
    listed = folder / _DONE
    for line in listed.read_text(encoding="utf-8").splitlines() if listed.exists() else ():
        try:
            told = json.loads(line)
        except ValueError:
            continue  # The run was killed while it wrote this line; its account is done again.
        file = folder / told["file"]
        if file.exists() and hashlib.sha256(file.read_bytes()).hexdigest() == told["sha256"]:
            done[AccountId(told["account"])] = told["file"]
        else:
            progress(f"tệp của {told['account']} đã bị sửa hoặc mất: làm lại tài khoản này")
    return done


def _keep(folder: Path, account: AccountId, data: bytes) -> str:
    """Write a result, then say that it is finished."""
    name = f"account-{hashlib.sha256(account.encode()).hexdigest()[:24]}.msgpack"
    _write(folder / name, data)
    line = json.dumps({"account": account, "file": name, "sha256": hashlib.sha256(data).hexdigest()})
    with (folder / _DONE).open("a", encoding="utf-8") as log:
        log.write(f"{line}\n")
    return name


def _write(file: Path, data: bytes) -> None:
    """Whole or not at all."""
    half = file.with_suffix(".half")
    half.write_bytes(data)
    os.replace(half, file)

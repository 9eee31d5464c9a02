"""What the matching bench works on: receipts, lines and raw contents, written to files that every process reads.

The truth is known by construction: which line answers which receipt, and how well.
"""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from bench import world
from domain.identifiers import AccountId, MemberId, UnitId
from domain.notice import Direction
from domain.period import Month
from domain.reference import mint
from reconciliation.match.values import Claim, ClaimKind, MoneyIn, MoneyKind

#: Of a hundred lines: so many carry a good reference but another amount, or stand on another account; so many repeat a
#: reference; so many carry one that is not on record. The others are exact.
OTHER_AMOUNT, OTHER_ACCOUNT, REPEATED, UNKNOWN = 2, 1, 1, 2
ACCOUNTS = 700

_SHAPES = (
    "MBVCB.3278907687.{r}.CT tu 0011009999999 NGUYEN VAN A toi 0011001234567",
    "{r}",
    "NOP DANG PHI {r} thang 07",
    "IBFT {spaced} FT26185123456789",
    "128667960303-{lower}-CHUYEN TIEN-OQCH000BMyrx-MOMO128667960303MOMO",
    "884114.100926.223854.NGUYEN VAN A chuyen {r} FT26255276428461",
    "SHGD:10003411.DD:260501.BO:NGUYEN VAN A.Remark:({r} HP T5)",
    "Thanh toan QR {r}",
)


def prepare(folder: Path, count: int) -> None:
    """Write ``count`` receipts and ``count`` lines, as columns and as contents, into a folder."""
    chance = np.random.default_rng(7)
    references = [str(mint(key=world.KEY, shard=1, counter=number)) for number in range(count * 102 // 100)]
    receipt = np.arange(count, dtype=np.int64)
    amount = chance.integers(20, 600, count) * 500
    account = chance.integers(0, ACCOUNTS, count)
    answers = chance.permutation(count)
    kind = chance.integers(0, 100, count)
    edges = np.cumsum([OTHER_AMOUNT, OTHER_ACCOUNT, REPEATED, UNKNOWN])
    repeated = (kind >= edges[1]) & (kind < edges[2])
    # A repeated reference takes the place of the line's own, whose receipt is then answered by nobody.
    answers[repeated] = np.roll(answers, 1)[repeated]
    line_amount = amount[answers] + np.where(kind < edges[0], 1_000, 0)
    line_account = np.where((kind >= edges[0]) & (kind < edges[1]), ACCOUNTS + 1, account[answers])
    unknown = (kind >= edges[2]) & (kind < edges[3])
    named = np.where(unknown, count + chance.integers(0, count * 2 // 100, count), answers)
    shapes = chance.integers(0, len(_SHAPES), count)
    with (folder / "contents.txt").open("w", encoding="utf-8") as file:
        for shape, number in zip(shapes.tolist(), named.tolist(), strict=True):
            r = references[number]
            file.write(_SHAPES[shape].format(r=r, lower=r.lower(), spaced=f"{r[:4]} {r[4:8]} {r[8:]}") + "\n")
    (folder / "references.txt").write_text("\n".join(references[:count]), encoding="ascii")
    np.savez(
        folder / "columns.npz",
        receipt=receipt,
        receipt_account=account,
        receipt_amount=amount,
        line_account=line_account,
        line_amount=line_amount,
        answers=np.where(unknown, -1, answers),
        named=named,
    )


def truth(folder: Path) -> tuple[int, int, int]:
    """What a right answer adds up to: pairs, exact pairs, and a sum over line × receipt that no other pairing has."""
    columns = np.load(folder / "columns.npz")
    answers = columns["answers"]
    lines = np.flatnonzero(answers >= 0)
    receipts = answers[lines]
    exact = (columns["line_amount"][lines] == columns["receipt_amount"][receipts]) & (
        columns["line_account"][lines] == columns["receipt_account"][receipts]
    )
    alone = np.bincount(receipts, minlength=len(columns["receipt"]))[receipts] == 1
    return len(lines), int((exact & alone).sum()), checksum(lines, receipts)


def checksum(
    lines: "np.ndarray[tuple[int], np.dtype[np.int64]]", receipts: "np.ndarray[tuple[int], np.dtype[np.int64]]"
) -> int:
    """A sum of products modulo 2^61 - 1: another pairing of the same lines has another one."""
    prime = (1 << 61) - 1
    mixed = (lines.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= (receipts.astype(np.uint64) + np.uint64(7)) * np.uint64(0xC2B2AE3D27D4EB4F)
    return int(sum((mixed >> np.uint64(8)).tolist()) % prime)


def frames(folder: Path, keys: "pd.Series[int]", line_keys: "pd.Series[int]") -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lines and receipts with integer references."""
    columns = np.load(folder / "columns.npz")
    lines = pd.DataFrame(
        {
            "line": np.arange(len(line_keys), dtype=np.int64),
            "account": columns["line_account"],
            "amount": columns["line_amount"],
            "reference": line_keys.to_numpy(),
        }
    )
    receipts = pd.DataFrame(
        {
            "receipt": columns["receipt"],
            "account": columns["receipt_account"],
            "amount": columns["receipt_amount"],
            "reference": keys.to_numpy(),
        }
    )
    return lines, receipts


def values(folder: Path, references: "pd.Series[str]") -> tuple[list[MoneyIn], list[Claim]]:
    """The same lines and receipts as the engine reads them: money in suspense, and members' months in their cells."""
    columns = np.load(folder / "columns.npz")
    known = references.tolist()
    accounts = [AccountId(f"970436:{number:08d}") for number in range(ACCOUNTS + 2)]
    cells = [UnitId(f"C{number}") for number in range(ACCOUNTS + 2)]
    month, due_on = Month("2026-07"), date(2026, 7, 1)
    open_ = [
        Claim(
            key=f"month:M{number}:{month}",
            kind=ClaimKind.MONTH,
            units=(cells[account], UnitId("W"), UnitId("P")),
            amount=amount,
            account_id=accounts[account],
            references=(known[number],),
            member_id=MemberId(f"M{number}"),
            month=month,
            due_on=due_on,
        )
        for number, (account, amount) in enumerate(
            zip(columns["receipt_account"].tolist(), columns["receipt_amount"].tolist(), strict=True)
        )
    ]
    rows = zip(
        columns["named"].tolist(), columns["line_account"].tolist(), columns["line_amount"].tolist(), strict=True
    )
    waiting = [
        MoneyIn(
            key=f"p{number}",
            kind=MoneyKind.SUSPENSE,
            account_id=accounts[account],
            unit_id=cells[account],
            on=date(2026, 7, 1 + number % 28),
            amount=amount,
            direction=Direction.IN,
            # References that are not on record are valid in form all the same.
            references=(known[named] if named < len(known) else str(mint(key=world.KEY, shard=1, counter=named)),),
        )
        for number, (named, account, amount) in enumerate(rows)
    ]
    return waiting, open_

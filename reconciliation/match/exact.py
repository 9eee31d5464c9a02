"""The exact-reference step over whole columns: money lines against receipts by reference, in DuckDB.

References become integers (ten base-32 symbols are 50 bits), so that the join runs over integer columns and no amount
ever becomes a float: only inner joins are used, and what found nothing is simply not among the pairs.
"""

from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from domain.reference import DEFAULT_PREFIX, find_references, require_prefix
from reconciliation.match.left import Left
from reconciliation.match.values import Claim, MoneyIn

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BODY = 10
_CODES = np.full(256, -1, dtype=np.int64)
for _at, _symbol in enumerate(_ALPHABET):
    _CODES[ord(_symbol)] = _at

#: What ``verdict`` of a pair may be.
VERDICTS = ("exact", "other-amount", "other-account", "several")
_EXACT = 0
_OTHER_ACCOUNT = np.int8(2)
_SEVERAL = np.int8(3)
#: From so many moneys with references on, frames are made of them.
VOLUME = 5_000
#: Ids that spread over no more than so many times their number are counted in an array.
_DENSE = 8

#: Only keys and places go through the join: to fetch amounts by place afterwards is cheaper than to carry them.
_SQL = "select lines.place as line, receipts.place as receipt from lines join receipts using (reference)"


def match_references(lines: pd.DataFrame, receipts: pd.DataFrame) -> pd.DataFrame:
    """Every pair of a line and a receipt under one reference.

    ``lines``: line, account, amount, reference; ``receipts``: receipt, account, amount (what is open), reference; all
    int64 (:func:`reference_keys` for references, any numbering for accounts); a line with two references has two rows.
    Returns line, receipt, amount, open (int64) and verdict (int8, an index into ``VERDICTS``): 0 exact (one line, one
    receipt, same account, same amount), 1 another amount, 2 another account, 3 the line or the receipt has several.
    Raises ``TypeError`` where a column is not of integers. The order of the pairs is that of nothing.
    """
    _require_integers(lines, ("line", "account", "amount", "reference"))
    _require_integers(receipts, ("receipt", "account", "amount", "reference"))
    with duckdb.connect(":memory:") as db:
        db.register("lines", _places(lines))
        db.register("receipts", _places(receipts))
        found = db.sql(_SQL).fetchnumpy()
    of_lines = {name: lines[name].to_numpy()[found["line"]] for name in ("line", "account", "amount")}
    of_receipts = {name: receipts[name].to_numpy()[found["receipt"]] for name in ("receipt", "account", "amount")}
    verdict = (of_lines["amount"] != of_receipts["amount"]).astype(np.int8)
    verdict[of_lines["account"] != of_receipts["account"]] = _OTHER_ACCOUNT
    # Whether a line or a receipt stands in several pairs is asked of the join's result: two integer columns.
    verdict[_repeated(of_lines["line"]) | _repeated(of_receipts["receipt"])] = _SEVERAL
    pairs = {
        "line": of_lines["line"],
        "receipt": of_receipts["receipt"],
        "amount": of_lines["amount"],
        "open": of_receipts["amount"],
        "verdict": verdict,
    }
    return pd.DataFrame(pairs, copy=False)


def certain(left: Left, at_least: int = VOLUME) -> tuple[tuple[MoneyIn, Claim], ...]:
    """Each money that carries the reference of one open claim, on its account and of its amount, and no other does.

    Below ``at_least`` moneys nothing: to look a few up costs less than to make frames of them.
    """
    carriers = [one for one in left.money.values() if one.references]
    if len(carriers) < at_least:
        return ()
    open_ = [one for one in left.claims.values() if one.references and one.amount > 0]
    numbers: dict[object, int] = {}
    # An account that is not known equals none: such pairs are left for the rule that weighs it.
    lines = _frame("line", carriers, numbers, nobody=-1)
    receipts = _frame("receipt", open_, numbers, nobody=-2)
    if not len(lines) or not len(receipts):
        return ()
    pairs = match_references(lines, receipts)
    exact = pairs[pairs["verdict"] == _EXACT]
    found = zip(exact["line"].tolist(), exact["receipt"].tolist(), strict=True)
    told = ((carriers[line], open_[receipt]) for line, receipt in sorted(found))
    return tuple((money, claim) for money, claim in told if money.direction is claim.direction)


def _frame(what: str, rows: Sequence[MoneyIn | Claim], numbers: dict[object, int], nobody: int) -> pd.DataFrame:
    """One row for each reference of each of the rows, which are named by their places."""
    at = [place for place, row in enumerate(rows) for _ in row.references]
    places = np.array(at, dtype=np.int64)
    accounts = [nobody if row.account_id is None else numbers.setdefault(row.account_id, len(numbers)) for row in rows]
    references = pd.Series([reference for row in rows for reference in row.references], dtype="str")
    return pd.DataFrame(
        {
            what: places,
            "account": np.array(accounts, dtype=np.int64)[places],
            "amount": np.array([row.amount for row in rows], dtype=np.int64)[places],
            "reference": reference_keys(references).to_numpy(),
        },
        copy=False,
    )


def _places(frame: pd.DataFrame) -> pd.DataFrame:
    columns = {"reference": frame["reference"].to_numpy(), "place": np.arange(len(frame), dtype=np.int32)}
    return pd.DataFrame(columns, copy=False)


def _repeated(ids: "np.ndarray[Any, np.dtype[np.int64]]") -> "np.ndarray[Any, np.dtype[np.bool_]]":
    """Which of the ids stand there more than once; numbers that lie close together are counted in place."""
    if not len(ids):
        return np.zeros(0, dtype=bool)
    low = ids.min()
    if ids.max() - low < _DENSE * len(ids):
        several: np.ndarray[Any, np.dtype[np.bool_]] = np.bincount(ids - low)[ids - low] > 1
        return several
    return pd.Series(ids).duplicated(keep=False).to_numpy()


def _require_integers(frame: pd.DataFrame, columns: tuple[str, ...]) -> None:
    for column in columns:
        if not pd.api.types.is_integer_dtype(frame[column]) or frame[column].isna().any():
            raise TypeError(f"column {column!r} must hold integers without gaps, is {frame[column].dtype}")


def reference_keys(references: "pd.Series[str]") -> "pd.Series[int]":
    """Canonical references as int64: the ten symbols behind the prefix as 50 bits; the same index."""
    joined = "".join(references.str[-_BODY:].tolist())
    symbols = np.frombuffer(joined.encode("ascii"), dtype=np.uint8)
    values = _CODES[symbols].reshape(-1, _BODY)
    if (values < 0).any():
        raise ValueError("a reference holds a symbol outside the alphabet")
    shifts = np.arange(5 * (_BODY - 1), -1, -5, dtype=np.int64)
    return pd.Series((values << shifts).sum(axis=1), index=references.index, dtype=np.int64)


def references_in(contents: "pd.Series[str]", prefix: str = DEFAULT_PREFIX) -> pd.DataFrame:
    """Every valid reference in each content: columns ``at`` (place in ``contents``, int64) and ``reference`` (text).

    Contents in which the prefix's letters do not all occur are put aside before any content is folded: only where a
    reference can stand is it looked for.
    """
    require_prefix(prefix)
    at: list[int] = []
    found: list[str] = []
    letters = frozenset(prefix)
    for number, content in enumerate(contents.tolist()):
        if not content or (content.isascii() and not letters.issubset(content.upper())):
            continue
        for reference in find_references(content, prefix):
            at.append(number)
            found.append(reference)
    return pd.DataFrame({"at": pd.Series(at, dtype=np.int64), "reference": pd.Series(found, dtype="str")})

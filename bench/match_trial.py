"""One fresh process of the matching bench: settings on stdin, seconds and peak memory on stdout.

Variants: "match" is the product's step over frames, "merge" a plain pandas merge of the same frames, "whole" goes from
raw contents to pairs, "engine" is the matching run that users start, every rule and all evidence, over as many waiting
moneys and open months; "extract" and "scan" look for references in the contents, ours and by one regular expression.
"""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import pandas as pd

from bench.match_data import checksum, frames, values
from bench.measure import peak_mb
from domain.match import CERTAIN
from reconciliation.match.engine import match
from reconciliation.match.exact import match_references, reference_keys, references_in

_EXACT = 0


def main() -> None:
    """Do one variant and say what it took."""
    asked = json.loads(sys.stdin.read())
    folder = Path(asked["folder"])
    variants: dict[str, Callable[[Path], dict[str, Any]]] = {
        "match": _match,
        "merge": _merge,
        "whole": _whole,
        "engine": _engine,
        "extract": _extract,
        "scan": _scan,
    }
    found = variants[asked["variant"]](folder)
    found["peak_mb"] = peak_mb()
    sys.stdout.write(json.dumps(found))


def _references(folder: Path) -> "pd.Series[str]":
    return pd.Series((folder / "references.txt").read_text(encoding="ascii").split("\n"), dtype="str")


def _contents(folder: Path) -> "pd.Series[str]":
    return pd.Series((folder / "contents.txt").read_text(encoding="utf-8").splitlines(), dtype="str")


def _frames(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Frames with keys of the same 50 bits as the product's, made from numbers alone so that no text weighs."""
    named = np.load(folder / "columns.npz")["named"]
    known = reference_keys(_references(folder)).to_numpy()
    # References not on record get numbers that no receipt has.
    every = np.concatenate([known, np.arange(1 << 50, (1 << 50) + len(named), dtype=np.int64)])
    return frames(folder, pd.Series(known), pd.Series(every[named]))


def _match(folder: Path) -> dict[str, Any]:
    lines, receipts = _frames(folder)
    before = peak_mb()
    start = perf_counter()
    pairs = match_references(lines, receipts)
    spent = perf_counter() - start
    return {**_told(pairs, spent), "exact": int((pairs["verdict"] == _EXACT).sum()), "before_mb": before}


def _merge(folder: Path) -> dict[str, Any]:
    lines, receipts = _frames(folder)
    before = peak_mb()
    start = perf_counter()
    pairs = lines.merge(receipts, on="reference", suffixes=("", "_open"))
    spent = perf_counter() - start
    return {**_told(pairs, spent), "before_mb": before}


def _whole(folder: Path) -> dict[str, Any]:
    contents, references = _contents(folder), _references(folder)
    start = perf_counter()
    found = references_in(contents)
    keys = reference_keys(found["reference"])
    lines, receipts = frames(folder, reference_keys(references), pd.Series(np.arange(len(contents), dtype=np.int64)))
    lines = lines.iloc[found["at"].to_numpy()].assign(reference=keys.to_numpy())
    pairs = match_references(lines, receipts)
    spent = perf_counter() - start
    return {**_told(pairs, spent), "exact": int((pairs["verdict"] == _EXACT).sum())}


def _engine(folder: Path) -> dict[str, Any]:
    """The whole engine: what waits and what is open as a run reads them from the log, then every rule in its order."""
    waiting, open_ = values(folder, _references(folder))
    before = peak_mb()
    start, busy = perf_counter(), process_time()
    result = match(waiting, open_)
    spent, busy = perf_counter() - start, process_time() - busy
    exact = sum(pair.confidence == CERTAIN and pair.over == 0 for pair in result.pairs)
    told = sum(len(pair.money) for pair in result.pairs) + len(result.unmatched)
    return {"seconds": spent, "exact_posted": exact, "told": told, "before_mb": before, "cpu": busy}


def _extract(folder: Path) -> dict[str, Any]:
    contents = _contents(folder)
    start = perf_counter()
    found = references_in(contents)
    return {"seconds": perf_counter() - start, "found": len(found)}


def _scan(folder: Path) -> dict[str, Any]:
    """The least that any reader does: one expression over each content, without folding and without the checks."""
    contents = _contents(folder).tolist()
    looks = re.compile("HJ[0-9A-Z]{10}", re.IGNORECASE)
    start = perf_counter()
    found = sum(looks.search(content) is not None for content in contents)
    return {"seconds": perf_counter() - start, "found": found}


def _told(pairs: pd.DataFrame, spent: float) -> dict[str, Any]:
    total = checksum(pairs["line"].to_numpy(), pairs["receipt"].to_numpy())
    return {"seconds": spent, "pairs": len(pairs), "checksum": total}


if __name__ == "__main__":
    main()

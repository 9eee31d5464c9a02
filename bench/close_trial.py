"""One cold process: close a unit's month, make its B01 with all three files; settings on stdin, figures on stdout."""

import json
import sys
import uuid
from dataclasses import replace
from datetime import datetime
from time import perf_counter

from api import wiring
from api.flows.books import make_book
from bench.province import READER
from bench.what_if import settings
from domain.identifiers import UnitId
from domain.period import VIETNAM, Month
from ledger.close_checklist import KINDS
from ledger.handlers.close import CloseMonth, Explanation
from ledger.statutory.b01 import B01
from ledger.statutory.books import Asked
from ledger.statutory.heading import BookKind
from ledger.work import Act


def main() -> None:
    """Do it and say how long each part took (seconds), and what the report has as collected in the year."""
    asked = json.loads(sys.stdin.read())
    unit, month = UnitId(asked["unit"]), Month(asked["month"])
    start = perf_counter()
    with wiring.on_postgres(replace(settings(asked["dsn"]), schema=asked["schema"])) as inst:
        reasons = tuple(Explanation(kind=kind, key=None, reason="bench") for kind in KINDS)
        act = Act(actor=READER, at=datetime.fromisoformat(asked["at"]).astimezone(VIETNAM), command_id=uuid.uuid4())
        inst.ledger.execute(CloseMonth(unit_id=unit, month=month, explanations=reasons), act)
        closed = perf_counter()
        made = make_book(inst, Asked(kind=BookKind.B01, unit_id=unit, period="2026-12"))
        done = perf_counter()
    assert isinstance(made.book, B01)
    figures = {"closing": closed - start, "book": done - closed, "collected": made.book.value("03")}
    sys.stdout.write(json.dumps({**figures, "members": made.book.value("01")}))


if __name__ == "__main__":
    main()

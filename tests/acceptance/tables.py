"""Stories as tables: balances read from text in the form of accounting.md, and checks that hold at every date."""

from collections import defaultdict

from ledger.chart import ASSETS, CHART, OWED
from ledger.posting import entry
from tests.acceptance.story import PROVINCE, WARD, Story

Balances = dict[str, dict[str, int]]


def table(text: str) -> Balances:
    """A table of account × unit as in accounting.md, "·" for zero; returns unit → account → balance."""
    head, *rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in text.strip().splitlines()]
    found: Balances = {unit: {} for unit in head[1:]}
    for code, *amounts in rows:
        for unit, amount in zip(head[1:], amounts, strict=True):
            if amount != "·":
                found[unit][code] = int(amount.replace(",", ""))
    return found


def check(story: Story, text: str, *, superior: dict[str, str]) -> None:
    """Every balance of every unit named stands in the table, to the đồng, and the books hold together."""
    expected = table(text)
    assert {unit: story.balances(unit) for unit in expected} == expected
    hold_together(story, superior)


def hold_together(story: Story, superior: dict[str, str]) -> None:
    """Trial balance zero per unit and book, mirrors, A3, cover (A4); ``superior`` maps each unit to the one above."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    by_key: dict[tuple[str, str, str], int] = defaultdict(int)
    for recorded in story.installation.store.read(0, 1_000_000):
        for line in entry(recorded.event):
            sums[line.unit, CHART[line.account].book] += line.amount
            by_key[line.unit, line.account, line.key] += line.amount
        assert not any(sums.values()), f"{recorded.name} at {recorded.position} does not balance"
    for unit, above in superior.items():
        for (owner, code, key), amount in list(by_key.items()):
            if owner == unit and code == "3360" and above not in ("TW", ""):
                assert -amount == by_key[above, "1360", f"{unit}:{key}"], f"3360 {unit} {key}"
            if owner == unit and code == "1380" and above not in ("TW", ""):
                assert amount == -by_key[above, "3365", key], f"1380 {unit} {key}"
            if owner == unit and code == "1390":
                assert amount == -by_key[key, "3390", unit], f"1390 {unit} {key}"
    for unit in superior:
        b = story.balances(unit)
        assert b.get("1360", 0) == b.get("3350", 0)
        # Cash that a count found missing is an open case of its own.
        there = sum(b.get(a, 0) for a in (*ASSETS, "1370"))
        assert there >= sum(b.get(a, 0) for a in OWED) - b.get("1380", 0)


#: The tree of the stories.
ABOVE = {WARD: PROVINCE, PROVINCE: "TW"}

"""Steps of the story about people: admitted, moved, died; relieved, restated, paying more than is due."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid5

from api.demo.scenario import Step
from api.demo.stage import Stage
from api.demo.steps_up import member_of
from api.flows.members import keep, person_for
from domain.access import Role
from domain.identifiers import MemberId, UnitId
from domain.membership import Ending, TransferKind
from domain.period import parse_month
from ledger.application import command_id_for
from ledger.handlers.adjust import RestateBase
from ledger.handlers.exemptions import NotePartyAge, ProposeExemptions, SettleExemption
from ledger.handlers.members import AdmitMember, EndMembership, FirstStanding
from ledger.handlers.relief_life import ApplyForRelief, DecideRelief, decider
from ledger.handlers.roster import BaseRow
from ledger.handlers.surplus import DecideSurplus, DeclareSurplus
from ledger.handlers.transfers import IssueTransfer, ReceiveTransfer


def _admit(stage: Stage, step: Step) -> Any:
    """A new member: the person goes to the vault, an id to the ledger."""
    unit = stage.unit(str(step.given["unit"]))
    new_id = str(uuid5(command_id_for("demo-admitted", str(stage.scenario.seed)), str(step.given["card"])))
    person = person_for(stage.inst, name=str(step.given["name"]), card=str(step.given["card"]), new_id=lambda: new_id)
    salary = BaseRow(
        kind="si-salary", from_month=parse_month(str(step.given["from"])), amount=int(step.given["salary"])
    )
    command = AdmitMember(
        unit_id=unit.unit_id,
        member_id=keep(stage.inst, person),
        decision=str(step.given["decision"]),
        decided_on=step.given["decided_on"],
        ceremony_on=step.given["ceremony_on"],
        standing=FirstStanding(
            category=str(step.given["category"]), category_342=str(step.given["category_342"]), bases=(salary,)
        ),
    )
    actor = stage.officer(unit.unit_id, Role.SECRETARY, step.at.date())
    return stage.run(command, actor=actor, at=step.at, name=f"admit:{step.given['card']}").answer


def _transfer(stage: Stage, step: Step) -> Any:
    """The letter, and some days later the member with it at the new cell."""
    old, new = stage.unit(str(step.given["unit"])), stage.unit(str(step.given["to"]))
    member, letter = member_of(stage, step), str(step.given["letter"])
    to_month = step.given.get("to_month")
    issue = IssueTransfer(
        unit_id=old.unit_id,
        member_id=member,
        kind=TransferKind(str(step.given.get("kind", "official"))),
        to_unit=new.unit_id,
        to_outside=None,
        letter=letter,
        issued_on=step.given["issued_on"],
        paid_through=parse_month(str(step.given["paid_through"])),
        to_month=None if to_month is None else parse_month(str(to_month)),
    )
    on = step.at.date()
    stage.run(issue, actor=stage.officer(old.unit_id, Role.SECRETARY, on), at=step.at, name=f"letter:{letter}")
    receive = ReceiveTransfer(unit_id=new.unit_id, member_id=member, letter=letter, received_on=on)
    return stage.run(
        receive, actor=stage.officer(new.unit_id, Role.SECRETARY, on), at=step.at, name=f"receive:{letter}"
    ).answer


def _died(stage: Stage, step: Step) -> Any:
    unit = stage.unit(str(step.given["unit"]))
    command = EndMembership(
        unit_id=unit.unit_id,
        member_id=member_of(stage, step),
        why=Ending.DIED,
        effective_on=step.given["effective_on"],
        decision=str(step.given["decision"]),
        decided_on=step.at.date(),
    )
    actor = stage.officer(unit.unit_id, Role.SECRETARY, step.at.date())
    return stage.run(command, actor=actor, at=step.at, name=f"died:{step.given['card']}").answer


def _party_age(stage: Stage, step: Step) -> Any:
    """Days from which Party age counts; then the ledger proposes who is exempt, and the body entitled confirms."""
    on = step.at.date()
    ward = stage.unit("ward").unit_id
    accountant = stage.officer(ward, Role.ACCOUNTANT, on)
    for card, counts_from in step.given["counts_from"].items():
        member = _by_card(stage, card)
        note = NotePartyAge(
            unit_id=_cell_of(stage, member),
            member_id=member,
            counts_from=counts_from,
            document=str(step.given["decision"]),
        )
        stage.run(note, actor=accountant, at=step.at, name=f"party-age:{card}")
    propose = ProposeExemptions(unit_id=ward, month=parse_month(str(step.given["month"])))
    proposed = stage.run(propose, actor=accountant, at=step.at, name="propose").answer
    for row in proposed["proposed"]:
        member = MemberId(row["member_id"])
        body = decider(stage.inst.ledger.work(), _cell_of(stage, member), on)
        settle = SettleExemption(
            decider_id=body,
            member_id=member,
            relief=row["relief"],
            from_month=parse_month(row["from_month"]),
            confirmed=True,
            reason="Đã đối chiếu hồ sơ đảng viên",
            decision=str(step.given["decision"]),
        )
        stage.run(settle, actor=_deciding(stage, body, step), at=step.at, name=f"settle:{member}")
    return {"proposed": len(proposed["proposed"])}


def _relief(stage: Stage, step: Step) -> Any:
    """Applications for hardship or poverty, each entered by the cell and decided by the body entitled."""
    on = step.at.date()
    granted = 0
    for number, row in enumerate(step.given["rows"], start=1):
        member = _by_card(stage, row["card"])
        unit = _cell_of(stage, member)
        application = f"{step.given['decision']}/{number:02d}"
        apply = ApplyForRelief(
            unit_id=unit,
            member_id=member,
            application=application,
            relief=row["relief"],
            percent=row["percent"],
            from_month=parse_month(str(step.given["from"])),
            months=row["months"],
            document=str(step.given["document"]),
            renews=row.get("renews"),
        )
        stage.run(apply, actor=stage.maker(unit, on), at=step.at, name=f"apply:{application}")
        body = decider(stage.inst.ledger.work(), unit, on)
        decide = DecideRelief(
            decider_id=body,
            member_id=member,
            application=application,
            granted=True,
            decision=application,
            reason=str(step.given["reason"]),
        )
        stage.run(decide, actor=_deciding(stage, body, step), at=step.at, name=f"decide:{application}")
        granted += 1
    return {"granted": granted}


def _restate(stage: Stage, step: Step) -> Any:
    """The insurance agency corrected a month's salary: the month that was reckoned on it is adjusted."""
    member = member_of(stage, step)
    unit = _cell_of(stage, member)
    month = parse_month(str(step.given["month"]))
    command = RestateBase(
        unit_id=unit,
        member_id=member,
        kind="si-salary",
        from_month=month,
        to_month=month,
        amount=int(step.given["amount"]),
        reason=str(step.given["reason"]),
        decision=str(step.given["decision"]),
    )
    actor = stage.officer(unit, Role.ACCOUNTANT, step.at.date())
    return stage.run(command, actor=actor, at=step.at, name=f"restate:{step.given['card']}").answer


def _surplus(stage: Stage, step: Step) -> Any:
    """A member gives more than is due; the cell reports it, the direct superior accepts it."""
    member = member_of(stage, step)
    unit = _cell_of(stage, member)
    superior = stage.superior(unit)
    declare = DeclareSurplus(
        unit_id=unit,
        member_id=member,
        surplus_id=str(step.given["surplus"]),
        amount=stage.inst.ledger.work().dues(member, step.at.year).credit,
        document=str(step.given["document"]),
    )
    on = step.at.date()
    stage.run(declare, actor=stage.maker(unit, on), at=step.at, name=f"surplus:{declare.surplus_id}")
    decide = DecideSurplus(
        superior_id=superior,
        member_id=member,
        surplus_id=declare.surplus_id,
        accepted=True,
        decision=str(step.given["decision"]),
    )
    actor = stage.officer(superior, Role.COMMITTEE, on)
    return stage.run(decide, actor=actor, at=step.at, name=f"surplus-decided:{declare.surplus_id}").answer


def _by_card(stage: Stage, card: str) -> MemberId:
    found = stage.inst.vault.find_by_card(card)
    return MemberId(found or card)


def _cell_of(stage: Stage, member: MemberId) -> UnitId:
    return stage.inst.ledger.work().member(member).unit_id


def _deciding(stage: Stage, body: UnitId, step: Step) -> str:
    """Who decides for a body: its committee, or the secretary of a base cell."""
    own = stage.officers(body, Role.COMMITTEE, step.at.date())
    return own[0] if own else stage.officer(body, Role.SECRETARY, step.at.date())


PEOPLE_STEPS: Mapping[str, Callable[[Stage, Step], Any]] = {
    "admit": _admit,
    "transfer": _transfer,
    "died": _died,
    "party-age": _party_age,
    "relief": _relief,
    "restate": _restate,
    "surplus": _surplus,
}

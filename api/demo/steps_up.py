"""Steps of the story in which money goes up, or back: declarations, remittances, a dispute, refunds."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from api.demo.scenario import Step
from api.demo.stage import Stage
from api.demo.steps_money import account_of
from domain import declaration
from domain.access import Role
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, RefundId, RemittanceId
from domain.notice import Direction
from domain.organisation import UnitRegistered
from domain.payment import Asset
from domain.period import Period, parse_month, parse_period
from domain.remittance import Remittance, Way, under_way
from domain.remittance_cases import Resolution
from ledger.handlers.ask import OpenRemittanceAttempt
from ledger.handlers.declare import DeclarePeriod
from ledger.handlers.handshake import ReceivedElsewhere
from ledger.handlers.payouts import PayRefund
from ledger.handlers.refunds import ApproveRefund, RequestCreditRefund, RequestReliefRefund
from ledger.handlers.reliefs import RecogniseRelief
from ledger.handlers.remit import (
    AcknowledgeRemittance,
    ApproveRemittance,
    CorrectSending,
    DisputeRemittance,
    ExplainDispute,
    PrepareRemittance,
    SendRemittance,
)
from ledger.handlers.resolve import NameSending, ResolveDispute


def group(stage: Stage, name: str) -> Sequence[UnitRegistered]:
    """The units that the scenario means by a word or a code."""
    groups = {"cells": stage.cells, "bases": stage.bases}
    return groups[name]() if name in groups else (stage.unit(name),)


def _declare(stage: Stage, step: Step) -> Any:
    period = parse_period(str(step.given["period"]))
    totals = {"units": 0, "collected": 0, "kept": 0, "payable": 0}
    for unit in group(stage, str(step.given["units"])):
        on = step.at.date()
        own = (*stage.officers(unit.unit_id, Role.SECRETARY, on), *stage.officers(unit.unit_id, Role.ACCOUNTANT, on))
        actor = own[0] if own else stage.officer(unit.unit_id, Role.ACCOUNTANT, on)
        command = DeclarePeriod(unit_id=unit.unit_id, period=period)
        answer = stage.run(command, actor=actor, at=step.at, name=f"declare:{unit.code}").answer
        totals["units"] += 1
        for key in ("collected", "kept", "payable"):
            totals[key] += answer[key]
    return totals


def _remit(stage: Stage, step: Step) -> Any:
    """Prepare, approve, and send: through the portal by own account, or settled from what is held above."""
    period = parse_period(str(step.given["period"]))
    skip = set(step.given.get("except", ()))
    sent: dict[str, tuple[str, str, int]] = {}
    transfers: dict[str, tuple[str, str | None, int]] = {}
    settled = 0
    for unit in group(stage, str(step.given["units"])):
        made = declaration.of_period(stage.inst.ledger.work().declarations(unit.unit_id), period)
        if unit.code in skip or made is None or made.payable == 0:
            continue
        own = stage.has_own_account(unit.unit_id, step.at.date())
        if own and step.given.get("way") == "bank":
            transfers[unit.unit_id] = _transfer(stage, step, unit, period)
            continue
        case = _prepare(stage, step, unit, period, Way.PORTAL if own else Way.HELD, None)
        if own:
            sent[unit.unit_id] = _open_attempt(stage, step, unit, case)
        else:
            settled += _settle(stage, step, unit, case)
    stage.notes["remittances"] = sent
    stage.notes["transfers"] = transfers
    amount = sum(s[2] for s in (*sent.values(), *transfers.values()))
    return {"by_portal": len(sent), "by_bank": len(transfers), "amount": amount, "settled_from_held": settled}


def _transfer(stage: Stage, step: Step, unit: UnitRegistered, period: Period) -> tuple[str, str | None, int]:
    """Before the portal: a bank transfer with its reason on record."""
    case = _prepare(stage, step, unit, period, Way.BANK, str(step.given["reason"]))
    command = SendRemittance(unit_id=unit.unit_id, remittance_id=case, sent_on=step.at.date())
    on = step.at.date()
    collectors = stage.officers(unit.unit_id, Role.COLLECTOR, on)
    sender = collectors[0] if collectors else stage.officer(unit.unit_id, Role.CASHIER, on)
    answer = stage.run(command, actor=sender, at=step.at, name=f"send:{unit.code}").answer
    return case, stage.notes["references"][case], answer["sent"]


def _acknowledged(stage: Stage, step: Step) -> Any:
    """A transfer to where the books are kept elsewhere: the debit is named by a person, then the money arrived."""
    unit = stage.unit(str(step.given["unit"]))
    period = parse_period(str(step.given["period"]))
    actor = stage.officer(unit.unit_id, Role.ACCOUNTANT, step.at.date())
    account = account_of(stage, unit.unit_id)
    work = stage.inst.ledger.work()
    arrived = 0
    for case in map(RemittanceId, work.directory.remittances_of(unit.unit_id, period)):
        state = work.remittance(case)
        if account is None or not isinstance(state, Remittance) or not under_way(state):
            continue
        bank = work.account(account.account_id)
        amount = under_way(state)
        free = (line for key, line in bank.lines.items() if key not in bank.placed)
        debit = next(one for one in free if (one.direction, one.amount) == (Direction.OUT, amount))
        name = NameSending(unit_id=unit.unit_id, account_id=account.account_id, line_key=debit.key, remittance_id=case)
        paper = str(step.given["paper"])
        stage.run(name, actor=actor, at=step.at, name=f"name-sending:{case}", reason="lệnh chuyển tiền của thành ủy")
        told = ReceivedElsewhere(
            unit_id=unit.unit_id,
            remittance_id=case,
            amount=amount,
            received_on=debit.booked_on,
            acknowledgement=paper,
        )
        stage.run(told, actor=actor, at=step.at, name=f"acknowledged:{case}", document=paper)
        arrived += amount
    return {"acknowledged": arrived}


def _prepare(
    stage: Stage, step: Step, unit: UnitRegistered, period: Period, way: Way, reason: str | None
) -> RemittanceId:
    maker = stage.maker(unit.unit_id, step.at.date())
    command = PrepareRemittance(unit_id=unit.unit_id, period=period, way=way, reason=reason)
    answer = stage.run(command, actor=maker, at=step.at, name=f"prepare:{unit.code}", reason=reason).answer
    case = RemittanceId(answer["remittance_id"])
    stage.notes.setdefault("references", {})[case] = answer["reference"]
    checker = stage.checker(unit.unit_id, step.at.date(), maker)
    approve = ApproveRemittance(unit_id=unit.unit_id, remittance_id=case)
    stage.run(approve, actor=checker, at=step.at, name=f"approve:{unit.code}")
    return case


def _open_attempt(stage: Stage, step: Step, unit: UnitRegistered, case: RemittanceId) -> tuple[str, str, int]:
    maker = stage.maker(unit.unit_id, step.at.date())
    command = OpenRemittanceAttempt(unit_id=unit.unit_id, remittance_id=case)
    answer = stage.run(command, actor=maker, at=step.at, name=f"attempt:{unit.code}").answer
    return case, answer["reference"], answer["amount"]


def _settle(stage: Stage, step: Step, unit: UnitRegistered, case: RemittanceId) -> int:
    state = stage.inst.ledger.work().remittance(case)
    if not isinstance(state, Remittance):
        raise Refusal(RefusalCode.REMITTANCE_STATE, f"Lệnh nộp {case} chưa được lập.")
    superior = state.prepared.superior_id
    on = step.at.date()
    actor = stage.officer(superior, Role.ACCOUNTANT, on, other_than=state.prepared.prepared_by)
    command = AcknowledgeRemittance(superior_id=superior, remittance_id=case, received_on=on)
    stage.run(command, actor=actor, at=step.at, name=f"settle:{unit.code}")
    return state.prepared.amount


def _remit_keyed_wrong(stage: Stage, step: Step) -> Any:
    """A bank transfer with a recorded reason; the officer records what he meant, the bank takes what was keyed."""
    unit = stage.unit(str(step.given["unit"]))
    period = parse_period(str(step.given["period"]))
    case = _prepare(stage, step, unit, period, Way.BANK, str(step.given["reason"]))
    maker = stage.maker(unit.unit_id, step.at.date())
    amount = int(step.given["amount"])
    command = SendRemittance(unit_id=unit.unit_id, remittance_id=case, sent_on=step.at.date(), amount=amount)
    stage.run(command, actor=maker, at=step.at, name=f"send:{unit.code}")
    stage.notes["keyed_wrong"] = (unit.unit_id, case, stage.notes["references"][case])
    return {"remittance_id": case, "recorded": amount, "bank_took": step.given["bank_took"]}


def _dispute(stage: Stage, step: Step) -> Any:
    _, case, _ = stage.notes["keyed_wrong"]
    ward = stage.unit("ward").unit_id
    actor = stage.officer(ward, Role.ACCOUNTANT, step.at.date())
    command = DisputeRemittance(superior_id=ward, remittance_id=case, reason=str(step.given["reason"]))
    return stage.run(command, actor=actor, at=step.at, name="dispute", reason=str(step.given["reason"])).answer


def _explain_and_correct(stage: Stage, step: Step) -> Any:
    """The sender explains, takes back what never left, and sends the rest of what is owed."""
    unit_id, case, _ = stage.notes["keyed_wrong"]
    maker = stage.maker(unit_id, step.at.date())
    reason = str(step.given["explanation"])
    explain = ExplainDispute(
        unit_id=unit_id, remittance_id=case, explanation=reason, document=str(step.given["document"])
    )
    stage.run(explain, actor=maker, at=step.at, name="explain", reason=reason)
    correct = CorrectSending(
        unit_id=unit_id, remittance_id=case, difference=int(step.given["difference"]), reason=reason
    )
    stage.run(correct, actor=maker, at=step.at, name="correct", reason=reason)
    rest = SendRemittance(unit_id=unit_id, remittance_id=case, sent_on=step.at.date())
    answer = stage.run(rest, actor=maker, at=step.at, name="send-rest").answer
    stage.notes["rest_sent"] = answer["sent"]
    ward = stage.unit("ward").unit_id
    resolve = ResolveDispute(
        superior_id=ward, remittance_id=case, resolution=Resolution.KEYED_WRONG, note="đã điều chỉnh và gửi bổ sung"
    )
    stage.run(resolve, actor=stage.officer(ward, Role.ACCOUNTANT, step.at.date()), at=step.at, name="resolve")
    return {"corrected": step.given["difference"], "sent_again": answer["sent"]}


def _refund_credit(stage: Stage, step: Step) -> Any:
    unit = stage.unit(str(step.given["unit"]))
    member = member_of(stage, step)
    credit = stage.inst.ledger.work().dues(member, step.at.year).credit
    command = RequestCreditRefund(
        refund_id=RefundId(str(step.given["refund"])),
        unit_id=unit.unit_id,
        member_id=member,
        amount=credit,
        reason=str(step.given["reason"]),
        decision=str(step.given["decision"]),
    )
    return _ask_refund(stage, step, unit, command)


def _refund_relief(stage: Stage, step: Step) -> Any:
    unit = stage.unit(str(step.given["unit"]))
    command = RequestReliefRefund(
        refund_id=RefundId(str(step.given["refund"])),
        unit_id=unit.unit_id,
        member_id=member_of(stage, step),
        month=parse_month(str(step.given["month"])),
        period=parse_period(str(step.given["period"])),
        relief=str(step.given["relief"]),
        percent=100,
        reason=str(step.given["reason"]),
        decision=str(step.given["decision"]),
    )
    return _ask_refund(stage, step, unit, command)


def _recognise_relief(stage: Stage, step: Step) -> Any:
    """The same relief for a month assessed and not paid yet: nothing to give back, only less is owed."""
    unit = stage.unit(str(step.given["unit"]))
    command = RecogniseRelief(
        unit_id=unit.unit_id,
        member_id=member_of(stage, step),
        month=parse_month(str(step.given["month"])),
        relief=str(step.given["relief"]),
        percent=100,
        reason=str(step.given["reason"]),
        decision=str(step.given["decision"]),
    )
    actor = stage.officer(unit.unit_id, Role.ACCOUNTANT, step.at.date())
    given = {"reason": str(step.given["reason"]), "document": str(step.given["decision"])}
    return stage.run(command, actor=actor, at=step.at, name=f"relieve:{command.month}", **given).answer


def _ask_refund(stage: Stage, step: Step, unit: UnitRegistered, command: object) -> Any:
    """Requested by one, approved by two others; the plan of every level's part is in the answer."""
    maker = stage.officer(unit.unit_id, Role.ACCOUNTANT, step.at.date())
    refund = str(step.given["refund"])
    given = {"reason": str(step.given["reason"]), "document": str(step.given["decision"])}
    answer = stage.run(command, actor=maker, at=step.at, name=f"refund:{refund}", **given).answer
    for n, approver in enumerate(stage.approvers(unit.unit_id, step.at.date(), maker), start=1):
        approve = ApproveRefund(unit_id=unit.unit_id, refund_id=RefundId(refund))
        stage.run(approve, actor=approver, at=step.at, name=f"refund-approve:{refund}:{n}")
    return answer


def _pay_refund(stage: Stage, step: Step) -> Any:
    unit = stage.unit(str(step.given["unit"]))
    refund = RefundId(str(step.given["refund"]))
    actor = stage.officer(unit.unit_id, Role.CASHIER, step.at.date())
    command = PayRefund(unit_id=unit.unit_id, refund_id=refund, asset=Asset.BANK, paid_on=step.at.date())
    answer = stage.run(command, actor=actor, at=step.at, name=f"pay:{refund}").answer
    stage.notes.setdefault("payouts", {})[refund] = (unit.unit_id, answer["reference"], answer["paid"])
    return answer


def member_of(stage: Stage, step: Step) -> MemberId:
    """The member whose card the step names."""
    found = stage.inst.vault.find_by_card(str(step.given["card"]))
    if found is None:
        raise Refusal(RefusalCode.UNKNOWN_MEMBER, f"Số thẻ trong bước «{step.text}» không có trong danh sách.")
    return MemberId(found)


UP_STEPS: Mapping[str, Callable[[Stage, Step], Any]] = {
    "declare": _declare,
    "remit": _remit,
    "acknowledged": _acknowledged,
    "remit-keyed-wrong": _remit_keyed_wrong,
    "dispute": _dispute,
    "explain-and-correct": _explain_and_correct,
    "refund-credit": _refund_credit,
    "refund-relief": _refund_relief,
    "recognise-relief": _recognise_relief,
    "pay-refund": _pay_refund,
}

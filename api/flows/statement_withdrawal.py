"""Taking a statement file back: every statement that it held, the newest first, by corrections of kind "import"."""

from dataclasses import replace
from typing import Any

from api.flows.statement_files import StatementFile, find_statements
from api.wiring import Installation
from domain.correction import Kind, Wanted, waiting
from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId
from ledger.application import command_id_for
from ledger.handlers.correct import ApproveCorrection, CorrectEntry
from ledger.work import Act


def withdraw(
    inst: Installation, act: Act, *, digest: str, reason: str, decision: str, dry_run: bool = False
) -> dict[str, Any]:
    """Take back every statement of the file that still counts; what stands in the way is refused by name.

    Above the threshold of corrections each is proposed, and another person approves it by the number in the answer.
    """
    standing = [one for one in find_statements(inst, digest) if one.state != "withdrawn"]
    if not standing:
        raise Refusal(
            RefusalCode.CORRECTION_UNKNOWN, f"Sao kê {digest[:16]}… đã được rút trước đó; không còn gì để rút."
        )
    return {"withdrawn": [_one(inst, act, one, reason, decision, dry_run) for one in standing]}


def approve(inst: Installation, act: Act, *, digest: str, dry_run: bool = False) -> dict[str, Any]:
    """The second person agrees to what was proposed for a file, all its statements at once, the newest first."""
    found = [one for one in find_statements(inst, digest) if one.state != "withdrawn"]
    answers: list[dict[str, Any]] = []
    for one in found:
        state = inst.ledger.work().corrections(one.unit_id)
        asked = [a.correction_id for a in waiting(state) if a.wanted.file_digest == one.digest]
        for number in asked[-1:]:
            own = replace(act, command_id=command_id_for("approve-withdrawal", str(act.command_id), one.digest))
            command = ApproveCorrection(unit_id=one.unit_id, correction_id=number)
            outcome = inst.ledger.execute(command, own, dry_run=dry_run)
            answers.append({"account": one.account_id, "number": number, **outcome.answer})
            if dry_run:
                # The older statements can be taken back only once this one is.
                return {"withdrawn": answers}
    if not answers:
        raise Refusal(
            RefusalCode.CORRECTION_UNKNOWN,
            f"Không có đề nghị rút nào đang chờ cho tệp {digest[:16]}…. Người thứ nhất đề nghị trước "
            "(dangphi statement withdraw).",
        )
    return {"withdrawn": answers}


def number_of(one: StatementFile, times: int) -> str:
    """The number of the correction by which a statement is taken back; a file that came again gets another one."""
    return f"SK-{one.digest[:12]}" + (f"-{times + 1}" if times else "")


def _one(inst: Installation, act: Act, one: StatementFile, reason: str, decision: str, dry_run: bool) -> dict[str, Any]:
    work = inst.ledger.work()
    state = work.corrections(one.unit_id)
    times = sum(1 for number in state.done if number.startswith(f"SK-{one.digest[:12]}"))
    wanted = Wanted(kind=Kind.IMPORT, account_id=AccountId(one.account_id), file_digest=one.digest)
    command = CorrectEntry(
        unit_id=one.unit_id,
        correction_id=number_of(one, times),
        wanted=wanted,
        reason=reason,
        decision=decision,
    )
    own = replace(act, command_id=command_id_for("withdraw", str(act.command_id), one.digest))
    outcome = inst.ledger.execute(command, own, dry_run=dry_run)
    told = {
        "account": one.account_id,
        "from": f"{one.from_date}",
        "to": f"{one.to_date}",
        "number": number_of(one, times),
    }
    return {**told, **outcome.answer}

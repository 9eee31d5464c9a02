"""Decisions on money whose owner is not known: whose it is, what it is, or that it goes back (I14).

What a waiting request for a refund has set aside cannot be used otherwise until the request is approved or withdrawn.
"""

from domain.errors import Refusal, RefusalCode
from domain.money import Dong, format_dong, require_amount
from domain.payment import (
    Asset,
    Payment,
    State,
    SuspenseForRemittance,
    SuspenseIdentified,
    SuspenseNamed,
    SuspenseReleased,
    require_seen,
    waits_at,
)
from domain.suspense_reserved import SuspenseReserved, SuspenseUnreserved


def reserved(payment: Payment) -> Dong:
    """What waits for the approval of refunds that were asked for."""
    return sum(payment.reserved.values())


def require_free(payment: Payment, amount: Dong) -> None:
    """Refuse to use more than no request for a refund has set aside (I8)."""
    asked = reserved(payment)
    if asked and amount > payment.suspense - asked:
        raise Refusal(
            RefusalCode.NOT_IN_SUSPENSE,
            f"Khoản {payment.received.payment_id}: {format_dong(asked)} đồng đang chờ duyệt hoàn trả "
            f"({', '.join(payment.reserved)}), chỉ còn {format_dong(payment.suspense - asked)} đồng dùng được. Rút đề "
            "nghị hoàn trả trước nếu khoản này có chủ.",
        )


def reserve(state: State, *, amount: Dong, refund_id: str) -> tuple[SuspenseReserved, ...]:
    """Set waiting money aside for a refund that was asked for; the same again adds nothing."""
    payment = require_seen(state)
    if refund_id in payment.reserved:
        return ()
    seen = payment.received
    return (
        SuspenseReserved(payment_id=seen.payment_id, unit_id=waits_at(payment), amount=amount, refund_id=refund_id),
    )


def unreserve(state: State, refund_id: str) -> tuple[SuspenseUnreserved, ...]:
    """Let go what a withdrawn request had set aside; nothing where nothing was."""
    payment = require_seen(state)
    if refund_id not in payment.reserved:
        return ()
    seen, amount = payment.received, payment.reserved[refund_id]
    return (
        SuspenseUnreserved(payment_id=seen.payment_id, unit_id=waits_at(payment), amount=amount, refund_id=refund_id),
    )


def identify(state: State, asked: SuspenseIdentified) -> tuple[SuspenseIdentified, ...]:
    """Say whose waiting money is; never more than waits (I14)."""
    payment = require_seen(state)
    require_amount(asked.amount)
    if asked.amount > payment.suspense:
        raise Refusal(
            RefusalCode.NOT_IN_SUSPENSE,
            f"Khoản này còn treo {payment.suspense} đồng, không thể xác định {asked.amount} đồng.",
        )
    require_free(payment, asked.amount)
    if asked.dues_amount + asked.credit_amount != asked.amount:
        raise Refusal(RefusalCode.AMOUNT_DIFFERS, "Phần đóng và phần thừa không cộng thành số tiền xác định.")
    return (asked,)


def name_suspense(state: State, asked: SuspenseNamed) -> tuple[SuspenseNamed, ...]:
    """Say that waiting money is not dues; the whole of what came in, or nothing."""
    payment = require_seen(state)
    if payment.suspense != asked.amount or payment.received.amount != asked.amount:
        raise Refusal(
            RefusalCode.NOT_IN_SUSPENSE,
            f"Khoản này còn treo {payment.suspense} đồng trên {payment.received.amount} đồng, "
            "không thể đổi loại cả khoản.",
        )
    require_free(payment, asked.amount)
    return (asked,)


def give_to_remittance(state: State, asked: SuspenseForRemittance) -> tuple[SuspenseForRemittance, ...]:
    """Say that waiting money is a unit's remittance; the whole of what came into a bank account, or nothing."""
    payment = require_seen(state)
    if payment.suspense != asked.amount or payment.received.asset is not Asset.BANK:
        said = f"Khoản này còn treo {payment.suspense} đồng, không thể ghi {asked.amount} đồng là tiền nộp cấp trên; "
        raise Refusal(RefusalCode.NOT_IN_SUSPENSE, said + "chỉ tiền vào tài khoản ngân hàng, và ghi cả khoản.")
    require_free(payment, asked.amount)
    return (asked,)


def release(state: State, *, amount: Dong, refund_id: str) -> tuple[SuspenseReleased, ...]:
    """Take waiting money out of suspense for a refund; never more than waits."""
    payment = require_seen(state)
    if require_amount(amount) > payment.suspense:
        raise Refusal(
            RefusalCode.NOT_IN_SUSPENSE,
            f"Khoản này còn treo {payment.suspense} đồng, không thể hoàn {amount} đồng.",
        )
    return (
        SuspenseReleased(
            payment_id=payment.received.payment_id,
            unit_id=waits_at(payment),
            amount=amount,
            refund_id=refund_id,
        ),
    )

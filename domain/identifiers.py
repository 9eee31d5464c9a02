"""Names of things. Every identifier is opaque text: none carries a name, a card number or another personal fact."""

from typing import NewType

UnitId = NewType("UnitId", str)  #: an organisation's own id; never its code, which encodes the parent and will change
MemberId = NewType("MemberId", str)  #: a random UUID; the person behind it is known to the vault alone
OfficerId = NewType("OfficerId", str)  #: the code of an office holder, such as "HP-VH-KT1"
AccountId = NewType("AccountId", str)  #: "<bin>:<account number>" of a unit's bank account
PaymentId = NewType("PaymentId", str)  #: "<source>/<outside reference>"
RemittanceId = NewType("RemittanceId", str)  #: "<unit>/<period>/<n>"
RefundId = NewType("RefundId", str)


def account_id(bin_: str, number: str) -> AccountId:
    """The id of a bank account from the bank's BIN and the account number."""
    return AccountId(f"{bin_}:{number}")


def payment_id(source: str, outside_reference: str) -> PaymentId:
    """The id of a payment: the channel that reported it first and that channel's own reference."""
    return PaymentId(f"{source}/{outside_reference}")


def remittance_id(unit: UnitId, period: str, number: int) -> RemittanceId:
    """The id of a unit's n-th remittance for a report period."""
    return RemittanceId(f"{unit}/{period}/{number}")

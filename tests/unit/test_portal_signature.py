"""Signatures of the portal against the published vectors, and what must never be signed."""

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.portal import signature
from domain.errors import Malformed

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared" / "payments" / "payment_signature_vectors.json"
ORDERS = {
    "INIT": signature.INIT,
    "CONFIRM": signature.NOTIFICATION,
    "QUERY": signature.QUERY,
    "GET_BILL": signature.GET_BILL,
}


def vectors() -> list[Any]:
    if not SHARED.exists():
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"the shared vectors are missing: {SHARED.name}"))]
    read = json.loads(SHARED.read_text(encoding="utf-8"))["vectors"]
    return [pytest.param(v, id=v["id"]) for v in read if v["id"].startswith("dvcqg-")]


@pytest.mark.parametrize("vector", vectors())
def test_every_portal_vector_gives_its_signature(vector: dict[str, Any]) -> None:
    order = ORDERS[vector["fields"]["LoaiBanTin"]]
    fields = {name: str(value) for name, value in vector["fields"].items()}
    assert list(order) == vector["order"]
    assert signature.sign(fields, order, vector["secret"]) == vector["MaXacThuc"]
    assert signature.is_signed(fields, order, vector["secret"], vector["MaXacThuc"])


@pytest.mark.parametrize("bad", ["a|b", "a\nb", "a\x00b", "a\x85b", "a\u2028b", "a\ud800b"])
def test_a_value_that_could_shift_the_fields_is_not_signed(bad: str) -> None:
    with pytest.raises(Malformed) as caught:
        signature.sign({"MaThamChieu": bad}, signature.QUERY, "s")
    assert caught.value.where == "MaThamChieu"


def test_one_changed_field_or_secret_breaks_the_signature() -> None:
    fields = dict.fromkeys(signature.NOTIFICATION, "1")
    right = signature.sign(fields, signature.NOTIFICATION, "secret")
    for name in signature.NOTIFICATION:
        assert not signature.is_signed({**fields, name: "2"}, signature.NOTIFICATION, "secret", right)
    assert not signature.is_signed(fields, signature.NOTIFICATION, "secreT", right)
    assert not signature.is_signed(fields, signature.NOTIFICATION, "secret", "")
    assert not signature.is_signed(fields, signature.NOTIFICATION, "secret", "é\ud800")


def test_an_empty_secret_believes_nobody() -> None:
    fields = dict.fromkeys(signature.QUERY, "1")
    assert not signature.is_signed(fields, signature.QUERY, "", signature.sign(fields, signature.QUERY, ""))

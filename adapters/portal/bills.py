"""Bill look-up, the pull model: the portal asks what is due under a dossier code, and we answer.

Seen (one public implementation): ``{MaHoSo}`` comes by POST; the answer is ``{error_code, message}`` with 1 and the
fields of ThongTinBienLai plus MaTraCuuTT, transaction_id and client_id when something is due, 0 when nothing is, -1
when the code is unknown; MaTraCuuTT is the dossier number with a timestamp, so each look-up is a new transaction.
Assumed: ``message`` is an object for 1 and text for 0 and -1; the portal authenticates with a bearer token; SoTien of
the whole stands in the sum of DSKhoanNop.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime

from adapters.inbound import VIETNAM, read_object
from adapters.portal.client import receipt_of
from adapters.portal.messages import receipt_fields
from domain.errors import Malformed
from ledger.rail import AttemptAsked

DUE, NOTHING_DUE, UNKNOWN = 1, 0, -1

_DOSSIER = re.compile(r"[A-Za-z0-9 ]{1,50}", re.ASCII)


def read_look_up(raw: bytes, headers: Mapping[str, str]) -> str:
    """MaHoSo of a look-up: letters and digits, blanks between them left out. Raises ``Malformed`` on anything else."""
    value = read_object(raw, headers).get("MaHoSo")
    if not isinstance(value, str) or not _DOSSIER.fullmatch(value):
        raise Malformed("phải là mã tham chiếu gồm chữ và số", where="MaHoSo")
    return value.replace(" ", "").upper()


def due(asked: AttemptAsked, *, partner: str, at: datetime) -> bytes:
    """The answer when something is due: one transaction minted for this look-up; ``at`` aware."""
    dossier = asked.dossier or asked.reference
    message = {
        **receipt_fields(receipt_of(asked)),
        "MaTraCuuTT": f"{dossier}{at.astimezone(VIETNAM):%Y%m%d%H%M%S}",
        "transaction_id": asked.reference,
        "client_id": partner,
    }
    return _answer(DUE, message)


def nothing_due() -> bytes:
    """The answer when all is paid."""
    return _answer(NOTHING_DUE, "Không còn khoản nào phải nộp")


def unknown() -> bytes:
    """The answer for a code that names nothing; it does not say why, so that codes cannot be tried out."""
    return _answer(UNKNOWN, "Không có hồ sơ mang mã này")


def _answer(code: int, message: object) -> bytes:
    return json.dumps({"error_code": code, "message": message}, ensure_ascii=False, separators=(",", ":")).encode()

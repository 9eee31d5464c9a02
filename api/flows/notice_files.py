"""A file of raw requests as they came to the portal's callback: one JSON object a line."""

import json
from datetime import datetime

from api.flows.notices import keep_raw
from api.wiring import Installation
from domain.errors import Malformed


def keep_file(inst: Installation, text: str, name: str) -> dict[str, int]:
    """Keep each raw request at the moment it arrived; returns how many were new, known before or contradicted.

    The file is read whole before anything is kept; a line that is no request is named with its number.
    """
    requests = [
        _request(line, f"{name}, dòng {n}") for n, line in enumerate(text.splitlines(), start=1) if line.strip()
    ]
    outcomes: dict[str, int] = {}
    for received_at, headers, body in requests:
        kept = keep_raw(inst, "portal", body, headers, received_at).kept
        outcomes[str(kept.outcome)] = outcomes.get(str(kept.outcome), 0) + 1
    return outcomes


def _request(line: str, where: str) -> tuple[datetime, dict[str, str], bytes]:
    try:
        raw = json.loads(line)
        received_at = datetime.fromisoformat(raw["received_at"])
        headers = {str(key): str(value) for key, value in raw["headers"].items()}
        body = raw["body"].encode()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Malformed(f"không phải một yêu cầu đã lưu (received_at, headers, body): {error}", where=where) from error
    if received_at.tzinfo is None:
        raise Malformed("received_at phải có múi giờ", where=where)
    return received_at, headers, body

"""Bytes once written must load for ever: one golden file for each event type and version.

A new event or version without its file fails here. To add one, write the file that the failure shows; a file that
exists is never changed.
"""

import json
from pathlib import Path
from uuid import UUID

import pytest

from domain.events import EVENT_TYPES
from ledger.codec import Codec, Meta
from ledger.posting import entry

FOLDER = Path(__file__).resolve().parents[1] / "golden" / "events"
CODEC = Codec(EVENT_TYPES)
TOPICS = sorted(f"{name}.{version}" for name, (_, version) in EVENT_TYPES.items())


@pytest.mark.parametrize("topic", TOPICS)
def test_every_event_type_and_version_has_its_golden_bytes(topic: str) -> None:
    assert (FOLDER / f"{topic}.json").is_file(), f"write tests/golden/events/{topic}.json, the bytes of one such event"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_golden_bytes_still_load_and_fold(path: Path) -> None:
    state = path.read_bytes()
    event, meta = CODEC.event_and_meta(path.stem, state)
    assert meta.command_id == UUID(int=1)
    # Its entry can still be made, and balances unless the event is only half of a handshake between shards.
    sums: dict[tuple[str, bool], int] = {}
    for line in entry(event):
        key = (line.unit, line.account.startswith("0"))
        sums[key] = sums.get(key, 0) + line.amount
    assert not any(sums.values())
    name, version = path.stem.rsplit(".", 1)
    if EVENT_TYPES[name][1] == int(version):
        # The newest version is written today as it was then.
        head = CODEC.meta_head(meta)
        topics, states = CODEC.columns(head, [event])
        assert topics == [path.stem]
        assert json.loads(states[0]) == json.loads(state)
        assert states[0] == state
    assert isinstance(meta, Meta)

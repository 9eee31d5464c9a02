"""The example files of the demo can be made again. What a play of them ends in is told by ``test_privacy``."""

from pathlib import Path

from api.demo.generate import generate
from api.demo.settings import EXAMPLE


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_example_file_can_be_made_again_byte_for_byte(tmp_path: Path) -> None:
    generate(EXAMPLE, tmp_path)
    made, committed = _files(tmp_path), _files(EXAMPLE)
    assert sorted(made) == sorted(committed)
    differing = [name for name, data in committed.items() if made[name] != data]
    assert not differing

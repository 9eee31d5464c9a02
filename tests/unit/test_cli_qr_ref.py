"""``dangphi qr`` and ``dangphi ref``: the exact forms that others rely on, and a quick start."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from api.cli import main

ROOT = Path(__file__).resolve().parents[2]
TRANSFER = ["--bin", "970436", "--account", "0011001234567", "--amount", "50000", "--content", "HJQPM5YNFT97"]
PAYLOAD = (
    "00020101021238570010A00000072701270006970436011300110012345670208QRIBFTTA"
    "53037045405500005802VN62160812HJQPM5YNFT9763040D41"
)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of ``dangphi`` with ``arguments``."""
    with pytest.raises(SystemExit) as ended:
        main.run(arguments)
    status = ended.value.code
    printed = capsys.readouterr()
    return (status if isinstance(status, int) else 0), printed.out, printed.err


def test_encode_prints_the_payload_alone_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "qr", "encode", *TRANSFER) == (0, PAYLOAD + "\n", "")


def test_encode_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "qr", "encode", *TRANSFER, "--json")
    assert status == 0
    assert json.loads(out) == {"payload": PAYLOAD, "initiation": "dynamic", "amount": 50000}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("--amount", "50.000"), "amount-malformed"),
        (("--amount", "-5"), "amount-malformed"),
        (("--amount", "9" * 5000), "amount-malformed"),
        (("--amount", "500000000"), "amount-over-limit"),
        (("--content", "x" * 26), "field-too-long"),
        (("--bin", "1234"), "bin-malformed"),
        (("--account", "0" * 20), "account-malformed"),
    ],
)
def test_encode_says_what_is_wrong_and_exits_with_one(
    capsys: pytest.CaptureFixture[str], change: tuple[str, str], code: str
) -> None:
    status, out, err = run(capsys, "qr", "encode", *TRANSFER, *change)
    assert (status, out) == (1, "")
    assert err.startswith("Lỗi: ")
    status, out, err = run(capsys, "qr", "encode", *TRANSFER, *change, "--json")
    assert (status, err) == (1, "")
    assert json.loads(out)["error"]["code"] == code


def test_decode_prints_the_whole_answer(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "qr", "decode", PAYLOAD, "--json")
    assert status == 0
    assert json.loads(out) == {
        "valid": True,
        "scheme": "vietqr",
        "initiation": "dynamic",
        "bin": "970436",
        "bank": "Vietcombank",
        "account": "0011001234567",
        "service": "QRIBFTTA",
        "amount": 50000,
        "content": "HJQPM5YNFT97",
        "errors": [],
        "warnings": [],
    }


def test_decode_of_a_bad_payload_names_the_error_and_exits_with_one(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "qr", "decode", PAYLOAD[:-1] + "2", "--json")
    read = json.loads(out)
    assert status == 1
    assert not read["valid"]
    assert read["account"] is None
    assert [error["code"] for error in read["errors"]] == ["crc-mismatch"]
    status, out, _ = run(capsys, "qr", "decode", PAYLOAD[:-1] + "2")
    assert status == 1
    assert "crc-mismatch" in out


def test_lenient_decode_turns_recoverable_errors_into_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    lower = PAYLOAD[:-4] + PAYLOAD[-4:].lower()
    assert run(capsys, "qr", "decode", lower, "--json")[0] == 1
    status, out, _ = run(capsys, "qr", "decode", lower, "--json", "--lenient")
    assert status == 0
    assert [warning["code"] for warning in json.loads(out)["warnings"]] == ["crc-lower-case"]


def test_images_are_written_to_a_file_or_printed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    picture, drawing = tmp_path / "q.png", tmp_path / "q.svg"
    assert run(capsys, "qr", "image", *TRANSFER, "--format", "png", "--out", str(picture))[0] == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert run(capsys, "qr", "image", *TRANSFER, "--format", "svg", "--out", str(drawing))[0] == 0
    status, out, _ = run(capsys, "qr", "image", *TRANSFER, "--format", "svg")
    assert status == 0
    assert out == drawing.read_text(encoding="utf-8")
    status, out, _ = run(capsys, "qr", "image", *TRANSFER, "--format", "terminal", "--json")
    assert "█" in json.loads(out)["image"]
    assert json.loads(out)["payload"] == PAYLOAD


def test_an_image_that_cannot_be_written_is_reported(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    missing = tmp_path / "missing" / "q.svg"
    status, _, err = run(capsys, "qr", "image", *TRANSFER, "--format", "svg", "--out", str(missing))
    assert status == 1
    assert str(missing) in err
    assert run(capsys, "qr", "image", *TRANSFER, "--format", "png", "--json")[0] == 1


def test_ref_find_lists_every_valid_reference(capsys: pytest.CaptureFixture[str]) -> None:
    text = "-MBVCB.3278907687.hjqp-m5yn-ft97 va HJOE44PNC2ZW"
    assert json.loads(run(capsys, "ref", "find", text, "--json")[1]) == {"references": ["HJQPM5YNFT97", "HJ0E44PNC2ZW"]}
    assert run(capsys, "ref", "find", text)[1] == "HJQPM5YNFT97\nHJ0E44PNC2ZW\n"
    status, out, _ = run(capsys, "ref", "find", "nop dang phi", "--json")
    assert (status, json.loads(out)) == (0, {"references": []})


def test_ref_suggest_offers_a_repair(capsys: pytest.CaptureFixture[str]) -> None:
    rows = json.loads(run(capsys, "ref", "suggest", "HJQPM4YNFT97", "--json")[1])["suggestions"]
    assert rows == [{"reference": "HJQPM5YNFT97", "slip": "wrong-character", "found": "HJQPM4YNFT97", "position": 6}]
    assert "HJ QPM5 YNFT 97" in run(capsys, "ref", "suggest", "HJQPM4YNFT97")[1]


def test_a_wrong_prefix_is_an_error_object_with_json(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "ref", "find", "x", "--prefix", "h1", "--json")
    assert status == 1
    assert json.loads(out)["error"]["code"] == "malformed"


def test_the_help_lists_every_command_of_the_table_in_vietnamese(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "--help")
    assert status == 0
    for name, entry in main.COMMANDS.items():
        assert f"{name} " in out
        assert entry.help.split(".")[0][:20] in out


def test_an_unknown_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = run(capsys, "nonsense")
    assert status == 2
    assert "nonsense" in err


def _modules_after(arguments: list[str]) -> set[str]:
    """Names of the modules that a fresh process has loaded after ``dangphi`` with ``arguments``."""
    program = (
        "import sys\nfrom api.cli import main\ntry:\n    main.run(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "print(' '.join(sys.modules), file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(ended.stderr.split())


def test_the_help_loads_no_sub_command_and_offline_commands_load_nothing_heavy() -> None:
    helped = _modules_after(["--help"])
    assert not [name for name in helped if name.startswith("api.cli.") and name != "api.cli.main"]
    heavy = {"rich", "fastapi", "pandas", "psycopg", "eventsourcing", "qrcode", "PIL", "uvicorn", "msgspec"}
    for arguments in (["qr", "encode", *TRANSFER], ["qr", "decode", PAYLOAD, "--json"], ["ref", "find", "HJ"]):
        assert not heavy & _modules_after(arguments), arguments


def test_offline_commands_start_in_under_half_a_second() -> None:
    def seconds(*arguments: str) -> float:
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-m", "api.cli.main", *arguments], cwd=ROOT, capture_output=True, check=True)
        return time.perf_counter() - begun

    # The best of three, because other work on the machine must not fail the test.
    for arguments in (["qr", "encode", *TRANSFER], ["qr", "decode", PAYLOAD, "--json"], ["ref", "find", "HJ"]):
        assert min(seconds(*arguments) for _ in range(3)) < 0.5, arguments


@pytest.mark.parametrize("name", main.COMMANDS)
def test_every_line_of_the_table_leads_to_a_command(capsys: pytest.CaptureFixture[str], name: str) -> None:
    status, out, _ = run(capsys, name, "--help")
    assert status == 0
    assert f"dangphi {name}" in out

"""Which contents say that money comes back, and which only look like it."""

import pytest

from domain.return_words import comes_back


@pytest.mark.parametrize(
    "text",
    [
        "HOAN TRA GD HJQPM5YNFT97 SAI TK THU HUONG",
        "HUY/REVERSAL FT26121123456789 HJQPM5YNFT97",
        "Hoàn trả lệnh chuyển tiền HJQPM5YNFT97",
        "REVERSAL OF FT26121123456789",
        "HUY GD HJQPM5YNFT97",
        "HOANTRA-HJQPM5YNFT97",
        "884114.100926.223854.HOAN TIEN HJQPM5YNFT97",
        "TRA LAI TIEN CHUYEN NHAM",
    ],
)
def test_the_words_of_a_return_are_seen(text: str) -> None:
    assert comes_back(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "HJQPM5YNFT97",
        "NGUYEN HOAN TRANG chuyen tien HJQPM5YNFT97",
        "TRAN QUANG HUY HJQPM5YNFT97-Ma GD ACSP/ A3817592",
        "HJQPM5YNFT97 CT tu 0011 LE QUANG HUY GD 094411-260726",
        "NGUYEN VAN HOAN nop dang phi HJQPM5YNFT97",
        "PHAM REVA HJQPM5YNFT97",
    ],
)
def test_names_and_plain_payments_are_no_returns(text: str) -> None:
    assert not comes_back(text)

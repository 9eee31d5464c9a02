"""Which contents say that money comes back, and which only look like it."""

import pytest

from domain.return_words import comes_back, is_for_several


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
        "HOAN LAI TIEN CK NHAM HJQPM5YNFT97",
        "LENH CHUYEN TIEN BI TRA LAI HJQPM5YNFT97",
        "NH TRA VE LENH HJQPM5YNFT97",
        "Lệnh bị từ chối HJQPM5YNFT97",
        "HJQPM5YNFT97 HUY LENH",
        "THOAI CHI HJQPM5YNFT97",
        "REFUND HJQPM5YNFT97",
        "RETURN - ACCOUNT CLOSED HJQPM5YNFT97",
        "CHARGEBACK HJQPM5YNFT97",
        "REVERSED TXN 1 HJQPM5YNFT97",
        "RJCT AC04 HJQPM5YNFT97",
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
        "TRA NO DANG PHI T9 HJQPM5YNFT97",
        "HOAN THANH DANG PHI HJQPM5YNFT97",
        "nop lai dang phi HJQPM5YNFT97",
        "LE TRA VY nop dang phi HJQPM5YNFT97",
    ],
)
def test_names_and_plain_payments_are_no_returns(text: str) -> None:
    assert not comes_back(text)


@pytest.mark.parametrize(
    "text",
    [
        "HJQPM5YNFT97 va LE THI B",
        "nop ho HJQPM5YNFT97",
        "HJQPM5YNFT97 cùng vợ",
        "12 DANG VIEN HJQPM5YNFT97",
        "ca nha HJ",
    ],
)
def test_words_that_the_money_is_for_more_people_are_seen(text: str) -> None:
    assert is_for_several(text)


@pytest.mark.parametrize("text", ["", "HJQPM5YNFT97 T8 va T9", "dang phi thang 8 va thang 9", "LE VAN A nop DP", "VA"])
def test_months_that_are_joined_and_plain_payments_are_one_persons(text: str) -> None:
    assert not is_for_several(text)

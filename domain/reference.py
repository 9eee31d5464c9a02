"""The 12-character payment reference that a payer carries into the transfer content.

``HJ`` (a setting of the organisation, 2 to 5 letters), 8 data symbols and 2 check symbols. The alphabet is
Crockford's base32, the 40 data bits are a 6-bit shard number (high) and a 34-bit counter of that shard (low)
passed through a keyed permutation, so references are neither sequential nor guessable and hold no personal
data. The checks are two sums over GF(32) with distance 3: one wrong symbol or a swap of two neighbours is
never another valid reference (measured in payments §7.2, scheme D). A located error is a *suggestion* for a
person, never a match. The form and the permutation are frozen: references already printed must open for ever.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import NewType

from domain.errors import Malformed, Refusal, RefusalCode

Reference = NewType("Reference", str)

DEFAULT_PREFIX = "HJ"
SHARDS = 1 << 6
COUNTERS = 1 << 34

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_DATA = 8
_BODY = _DATA + 2
_HALF_BITS = 20
_HALF_MASK = (1 << _HALF_BITS) - 1
_ROUNDS = 8
_KEY_BYTES_LEAST = 16

#: Crockford's look-alikes; they are folded in the ten symbols only, because a prefix may hold these letters.
_LOOKALIKES = str.maketrans("OILU", "011V")
#: Deletes everything of ASCII but digits and capitals, which is what banks leave of a content at the least.
_KEEP_ASCII = {code: None for code in range(128) if not (chr(code).isdigit() or "A" <= chr(code) <= "Z")}
#: The stroke of đ is no combining mark, so NFD leaves it; ð and Ð are what CP1258 shows when read as CP1252.
_D_STROKE = str.maketrans("đĐðÐ", "DDDD")


class Slip(StrEnum):
    """What probably happened to a reference that fails its checks."""

    WRONG_CHARACTER = "wrong-character"
    SWAPPED = "swapped"
    MISSING = "missing"
    EXTRA = "extra"
    CUT = "cut"
    PREFIX = "prefix"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A reference that one slip would explain: for a person to judge, never to post.

    ``found`` is the folded piece of the content, ``position`` the 1-based place of the slip in ``reference``.
    """

    reference: Reference
    slip: Slip
    found: str
    position: int


def _doubled(value: int) -> int:
    """``value * x`` in GF(32) = GF(2)[x]/(x^5 + x^2 + 1)."""
    value <<= 1
    return value ^ 0b100101 if value & 32 else value


def _powers() -> tuple[int, ...]:
    powers = [1]
    while len(powers) < 31:
        powers.append(_doubled(powers[-1]))
    return tuple(powers)


_POWER = _powers()
_LOG = {value: exponent for exponent, value in enumerate(_POWER)}
_VALUE = {symbol: value for value, symbol in enumerate(_ALPHABET)}


def _times_power(value: int, exponent: int) -> int:
    """``value * x^exponent`` in GF(32)."""
    return _POWER[(_LOG[value] + exponent) % 31] if value else 0


#: For each place and symbol the symbol's share of both sums: plain in bits 0-4, weighted in bits 5-9.
_TERMS: tuple[dict[str, int], ...] = tuple(
    {symbol: value | _times_power(value, place) << 5 for symbol, value in _VALUE.items()} for place in range(_BODY)
)


def _syndrome(body: str) -> int:
    """Both check sums of ten folded symbols; 0 means that the checks hold."""
    total = 0
    for terms, symbol in zip(_TERMS, body, strict=True):
        total ^= terms[symbol]
    return total


def _with_checks(data: str) -> str:
    """Eight symbols with the two check symbols that make both sums zero.

    With a = v8, b = v9: a + b = S and a·x^8 + b·x^9 = T give b·(x^8 + x^9) = T + S·x^8.
    """
    total = 0
    for terms, symbol in zip(_TERMS, data, strict=False):
        total ^= terms[symbol]
    plain, weighted = total & 31, total >> 5
    numerator = weighted ^ _times_power(plain, _DATA)
    denominator = _POWER[_DATA] ^ _POWER[_DATA + 1]
    last = _POWER[(_LOG[numerator] - _LOG[denominator]) % 31] if numerator else 0
    return f"{data}{_ALPHABET[plain ^ last]}{_ALPHABET[last]}"


def _round_key(key: bytes) -> bytes:
    """The permutation's own key, so that the reference key may have any length from 16 bytes."""
    if len(key) < _KEY_BYTES_LEAST:
        raise Malformed(
            f"Khóa tạo mã tham chiếu phải có ít nhất {_KEY_BYTES_LEAST} byte, đang có {len(key)}. "
            "Hãy đặt lại khóa trong cấu hình.",
            where="reference_key",
        )
    return blake2b(key, digest_size=32, person=b"dangphi-ref-key").digest()


def _round(key: bytes, number: int, half: int) -> int:
    message = (number << _HALF_BITS | half).to_bytes(4, "big")
    return int.from_bytes(blake2b(message, key=key, digest_size=4).digest(), "big") & _HALF_MASK


def _permute(value: int, key: bytes) -> int:
    """A balanced Feistel network over 2 x 20 bits: a bijection of 40 bits for every key."""
    left, right = value >> _HALF_BITS, value & _HALF_MASK
    for number in range(_ROUNDS):
        left, right = right, left ^ _round(key, number, right)
    return left << _HALF_BITS | right


def _unpermute(value: int, key: bytes) -> int:
    left, right = value >> _HALF_BITS, value & _HALF_MASK
    for number in reversed(range(_ROUNDS)):
        left, right = right ^ _round(key, number, left), left
    return left << _HALF_BITS | right


def require_prefix(prefix: str) -> str:
    """Return ``prefix`` if it is 2 to 5 letters A-Z (SePay's rule takes no other), else raise Malformed."""
    if not (2 <= len(prefix) <= 5 and prefix.isascii() and prefix.isalpha() and prefix.isupper()):
        raise Malformed(
            f"Tiền tố mã tham chiếu phải gồm 2 đến 5 chữ cái in hoa A-Z, nhận được {prefix!r}. "
            "Hãy sửa tiền tố trong cấu hình của tổ chức.",
            where="prefix",
        )
    return prefix


def mint(*, key: bytes, shard: int, counter: int, prefix: str = DEFAULT_PREFIX) -> Reference:
    """The reference number ``counter`` of ``shard``: the same arguments always give the same reference.

    Refuses ``reference-malformed`` unless 0 <= shard < 64 and 0 <= counter < 2^34; raises Malformed for a key
    shorter than 16 bytes or a prefix that is not 2 to 5 letters.
    """
    if not 0 <= shard < SHARDS:
        raise Refusal(
            RefusalCode.REFERENCE_MALFORMED,
            f"Số phân mảnh phải từ 0 đến {SHARDS - 1}, nhận được {shard}. Hãy kiểm tra cấu hình phân mảnh.",
            shard=shard,
        )
    if not 0 <= counter < COUNTERS:
        raise Refusal(
            RefusalCode.REFERENCE_MALFORMED,
            f"Số đếm mã tham chiếu phải từ 0 đến {COUNTERS - 1}, nhận được {counter}. "
            f"Phân mảnh {shard} đã hết mã: hãy dùng phân mảnh khác.",
            shard=shard,
            counter=counter,
        )
    bits = _permute(shard << 34 | counter, _round_key(key))
    data = "".join([_ALPHABET[bits >> shift & 31] for shift in range(35, -1, -5)])
    return Reference(require_prefix(prefix) + _with_checks(data))


def open_reference(reference: Reference, *, key: bytes) -> tuple[int, int]:
    """``(shard, counter)`` of a reference minted with ``key``: the inverse of :func:`mint`.

    Refuses ``reference-malformed`` where the text is no reference in canonical form or a check fails. Another
    key gives another pair: the checks hold no secret, so whether it exists is for the ledger to say.
    """
    if not is_valid(reference, reference[:-_BODY]):
        raise Refusal(
            RefusalCode.REFERENCE_MALFORMED,
            f"{reference!r} không phải là mã tham chiếu hợp lệ (tiền tố, 8 ký tự và 2 ký tự kiểm tra). "
            "Hãy chép lại mã từ phiếu đề nghị nộp tiền.",
            reference=reference,
        )
    bits = 0
    for symbol in reference[-_BODY:-2]:
        bits = bits << 5 | _VALUE[symbol]
    bits = _unpermute(bits, _round_key(key))
    return bits >> 34, bits & COUNTERS - 1


def shard_of(reference: Reference, *, key: bytes) -> int:
    """The shard that minted ``reference`` (see :func:`open_reference`)."""
    return open_reference(reference, key=key)[0]


def is_valid(text: str, prefix: str = DEFAULT_PREFIX) -> bool:
    """Whether ``text`` is exactly one reference in canonical form and its checks hold."""
    body = text[len(prefix) :]
    if not (text.startswith(prefix) and len(body) == _BODY and 2 <= len(prefix) <= 5):
        return False
    if not (prefix.isascii() and prefix.isalpha() and prefix.isupper()):
        return False
    return all(symbol in _VALUE for symbol in body) and _syndrome(body) == 0


def fold(text: str) -> str:
    """What every bank leaves of a content: NFD, marks dropped, đ to D, upper case, only A-Z and 0-9 kept."""
    if text.isascii():
        return text.upper().translate(_KEEP_ASCII)
    bare = unicodedata.normalize("NFD", text.translate(_D_STROKE)).upper()
    return bare.encode("ascii", "ignore").decode("ascii").translate(_KEEP_ASCII)


def _matches(folded: str, prefix: str) -> Iterator[tuple[int, str, bool]]:
    """Each place of the prefix in a folded content: start, at most eleven symbols behind it, checks hold."""
    skip = len(prefix)
    at = folded.find(prefix)
    while at >= 0:
        behind = folded[at + skip : at + skip + _BODY + 1].translate(_LOOKALIKES)
        yield at, behind, len(behind) >= _BODY and _syndrome(behind[:_BODY]) == 0
        at = folded.find(prefix, at + 1)


def find_references(text: str, prefix: str = DEFAULT_PREFIX) -> tuple[Reference, ...]:
    """Every valid reference in a transfer content, in order of appearance, each once (payments §7.2).

    Whether one of them is open, and whether money may be posted to it, is for the ledger to say.
    """
    folded = fold(text)
    if require_prefix(prefix) not in folded:
        return ()
    found = {prefix + behind[:_BODY]: None for _, behind, holds in _matches(folded, prefix) if holds}
    return tuple(Reference(reference) for reference in found)


def _repairs(symbols: str) -> Iterator[tuple[str, Slip, int]]:
    """Ten-symbol bodies that one slip turns into ``symbols`` (8 to 11), with slip and 0-based place."""
    if len(symbols) >= _BODY:
        body = symbols[:_BODY]
        total = _syndrome(body)
        error, weighted = total & 31, total >> 5
        if error and weighted and (place := (_LOG[weighted] - _LOG[error]) % 31) < _BODY:
            right = _ALPHABET[_VALUE[body[place]] ^ error]
            yield body[:place] + right + body[place + 1 :], Slip.WRONG_CHARACTER, place
        for place in range(_BODY - 1):
            swapped = body[:place] + body[place + 1] + body[place] + body[place + 2 :]
            if _syndrome(swapped) == 0:
                yield swapped, Slip.SWAPPED, place
    if len(symbols) >= _BODY - 1:
        for place in range(_BODY):
            # With a zero in the gap the plain sum is the missing symbol itself, if anything fits at all.
            missing = _ALPHABET[_syndrome(symbols[:place] + "0" + symbols[place : _BODY - 1]) & 31]
            filled = symbols[:place] + missing + symbols[place : _BODY - 1]
            if _syndrome(filled) == 0:
                yield filled, Slip.MISSING, place
    if len(symbols) > _BODY:
        for place in range(_BODY + 1):
            shorter = symbols[:place] + symbols[place + 1 : _BODY + 1]
            if _syndrome(shorter) == 0:
                yield shorter, Slip.EXTRA, min(place, _BODY - 1)
    if len(symbols) == _DATA:
        # A content cut by the bank behind the data symbols still determines both check symbols.
        yield _with_checks(symbols), Slip.CUT, _DATA


def _damaged_prefixes(folded: str, prefix: str) -> Iterator[tuple[int, int]]:
    """Starts of windows whose prefix has one wrong letter or two neighbours swapped, with the letter's place.

    The window may begin one character before the text, which is how a lost first letter looks.
    """
    for at in range(-1, len(folded) - len(prefix) - _BODY + 1):
        seen = folded[at : at + len(prefix)] if at >= 0 else " " + folded[: len(prefix) - 1]
        wrong = [place for place, letter in enumerate(prefix) if seen[place] != letter]
        one_wrong = len(wrong) == 1
        swapped = (
            len(wrong) == 2
            and wrong[0] + 1 == wrong[1]
            and seen[wrong[0]] == prefix[wrong[1]]
            and seen[wrong[1]] == prefix[wrong[0]]
        )
        if one_wrong or swapped:
            yield at, wrong[0]


def suggest(text: str, prefix: str = DEFAULT_PREFIX) -> tuple[Suggestion, ...]:
    """References that one slip would explain: slips in the symbols first, then slips in the prefix, in order.

    Candidates with valid checks are matches, not suggestions, and are left out. By chance some suggestions
    name references that never existed: keep those that are open in the ledger, and let a person decide.
    """
    folded = fold(text)
    skip = len(require_prefix(prefix))
    covered = bytearray(len(folded))
    matched = set()
    broken = []
    for at, behind, holds in _matches(folded, prefix):
        if holds:
            matched.add(prefix + behind[:_BODY])
            covered[at : at + skip + _BODY] = b"\1" * (skip + _BODY)
        else:
            broken.append((at, behind))
    found: dict[str, Suggestion] = {}

    def offer(body: str, slip: Slip, seen: str, position: int) -> None:
        name = prefix + body
        if name not in matched and name not in found:
            found[name] = Suggestion(reference=Reference(name), slip=slip, found=seen, position=position)

    for at, behind in broken:
        if not covered[at]:
            for body, slip, place in _repairs(behind):
                length = skip + _BODY + (slip is Slip.EXTRA) - (slip is Slip.MISSING)
                offer(body, slip, folded[at : at + length], skip + place + 1)
    for at, place in _damaged_prefixes(folded, prefix):
        window = slice(max(at, 0), at + skip + _BODY)
        body = folded[at + skip : at + skip + _BODY].translate(_LOOKALIKES)
        if _syndrome(body) == 0 and not any(covered[window]):
            offer(body, Slip.PREFIX, folded[window], place + 1)
    return tuple(found.values())


def pretty(reference: str) -> str:
    """``HJQPM5YNFT97`` as ``HJ QPM5 YNFT 97``, for people to read and type; machines get no blanks."""
    prefix, body = reference[:-_BODY], reference[-_BODY:]
    return f"{prefix} {body[:4]} {body[4:8]} {body[8:]}"

"""An RSA key from a seed, so that tokens of one scenario are the same bytes in every run. For play only.

A key that anybody can compute protects nothing. It is made here because a fixed private key in a repository would look
like a leaked one, and a random one would tell another story each time.
"""

from cryptography.hazmat.primitives.asymmetric import rsa

from adapters.sandbox.world.dice import Dice

_E = 65_537
_SMALL = tuple(n for n in range(3, 2_000, 2) if all(n % d for d in range(3, int(n**0.5) + 1, 2)))
_ROUNDS = 12


def rsa_key(dice: Dice, bits: int = 2048) -> rsa.RSAPrivateKey:
    """The key of a seed."""
    p, q = _prime(dice, "p", bits // 2), _prime(dice, "q", bits // 2)
    if p < q:
        p, q = q, p
    d = pow(_E, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(_E, p * q)
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q), public
    )
    return numbers.private_key()


def _prime(dice: Dice, name: str, bits: int) -> int:
    """The first prime from a thrown number on, its two top bits set so that the product has full length."""
    thrown = int("".join(dice.token(64, "rsa", name, part) for part in range(bits // 256)), 16)
    candidate = thrown | 3 << (bits - 2) | 1
    while not (_may_be(candidate) and (candidate - 1) % _E):
        candidate += 2
    return candidate


def _may_be(number: int) -> bool:
    """Whether a number passes division by small primes and Miller-Rabin."""
    if any(number % small == 0 for small in _SMALL):
        return False
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in _SMALL[:_ROUNDS]:
        seen = pow(base, odd, number)
        if seen in (1, number - 1):
            continue
        for _ in range(twos - 1):
            seen = seen * seen % number
            if seen == number - 1:
                break
        else:
            return False
    return True

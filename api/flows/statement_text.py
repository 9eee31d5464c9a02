"""What becomes of the words of a bank line before the ledger sees it."""

import hashlib
import hmac

from api.wiring import Installation


def payer_key(inst: Installation, account: str | None) -> str | None:
    """A keyed hash of a payer's account: the same payer is known again, the account cannot be read back."""
    if not account:
        return None
    return hmac.new(inst.settings.vault_key, account.encode(), hashlib.sha256).hexdigest()[:32]

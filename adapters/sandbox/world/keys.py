"""Keys that both sides of the sandbox know, made from the seed; they protect nothing but play."""

from dataclasses import dataclass

from adapters.sandbox.world.dice import Dice


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Partner codes and secrets of one scenario."""

    portal_partner: str
    portal_secret: str
    sepay_key: str
    casso_secret: str
    hub_secret: str
    gateway_key: str
    gateway_secrets: tuple[str, str]  #: in use, and the one that follows when secrets are rolled
    client_id: str
    client_secret: str
    control: str  #: bearer token of the control operations


def keys_of(dice: Dice) -> Keys:
    """The keys of a scenario. All names begin with SANDBOX, so that no other installation takes them for its own."""
    return Keys(
        portal_partner="SANDBOX" + dice.digits(4, "partner"),
        portal_secret="sandbox-" + dice.token(24, "portal-secret"),
        sepay_key="sandbox-" + dice.token(24, "sepay-key"),
        casso_secret="sandbox-" + dice.token(24, "casso-secret"),
        hub_secret="sandbox-" + dice.token(24, "hub-secret"),
        gateway_key="sk_test_" + dice.token(24, "gateway-key"),
        gateway_secrets=("whsec_" + dice.token(32, "whsec", 1), "whsec_" + dice.token(32, "whsec", 2)),
        client_id="sandbox-" + dice.token(12, "client"),
        client_secret="sandbox-" + dice.token(24, "client-secret"),
        control="sandbox-" + dice.token(24, "control"),
    )

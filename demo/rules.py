"""Chapter 2: who signs what, how holdings are valued, and what is claimed."""

from __future__ import annotations

from demo.owed import CONFIG
from demo.stage import DATA, DEMO, Stage

SOURCES = ("alpha", "beta", "gamma")
TIERED = ("BNB", "SHIB", "USDT")


def play(stage: Stage) -> None:
    """Root document, policy and scenarios."""
    stage.chapter(
        "2. Who signs, and by which rules",
        "Three price sources and a custodian have keys of their own (other companies, other machines; the demo plays",
        "them). The exchange's root document gives their public keys a role.",
    )
    (stage.output / "others").mkdir()
    _give_roles(stage)
    stage.write("exchange/policy.toml", (DEMO / "policy.toml").read_text("utf-8"), "The policy, as text", show=12)
    tiers = ("solvent", "policy", "import-tiers", "tiers.csv", "--product", "margin", "--merge")
    chosen = [word for sym in TIERED for word in ("--asset", sym)]
    stage.copy(DATA / "binance_collateral_tiers.csv", "tiers.csv")
    stage.run("Discounts that grow with size: a real table of 483 assets", *tiers, *chosen, *CONFIG)
    stage.run("What the policy says, in plain words", "solvent", "policy", "lint", *CONFIG)
    stage.run("Role risk signs it", "solvent", "policy", "sign", *CONFIG)
    fill = ("solvent", "scenarios", "fill", "--missing", "-5000", "--sign")
    stage.run("Two historic days; half the price for coins that they do not know", *fill, *CONFIG)
    toml = (stage.output / "exchange/solvent.toml").read_text("utf-8")
    added = (DEMO / "documents.toml").read_text("utf-8")
    stage.write("exchange/solvent.toml", toml + added, "From now on the policy is used")


def _give_roles(stage: Stage) -> None:
    """Keys of the others; the exchange learns the public halves alone."""
    new = [("solvent", "key", "new", f"others/{name}.key") for name in (*SOURCES, "vault")]
    stage.run_each("The others make their keys", *new)
    roles = {**{name: f"price/{name}" for name in SOURCES}, "vault": "custodian/vault"}
    added = [word for name, role in roles.items() for word in ("--add", f"{role}={_public(stage, name)}")]
    stage.run(
        "Two root keys sign the new version of the root document", "solvent", "root", "new-version", *CONFIG, *added
    )


def _public(stage: Stage, name: str) -> str:
    """The public key, which its owner tells on the telephone."""
    from attest.documents.public_keys import public_key_of
    from attest.key_ring import KeyRing

    return public_key_of(str(stage.output / "others" / f"{name}.key"), KeyRing()).hex()

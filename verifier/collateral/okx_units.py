"""Names in OKX's published files, as chains (CAIP-2), units (CAIP-19) and signature schemes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from verifier.collateral.accounts import BITCOIN

TRON: Final = "tron:728126428"
SOLANA: Final = "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp"


@dataclass(frozen=True, slots=True)
class Network:
    """A value of the column Network, or of the column coin in files of 2022."""

    chain: str
    scheme: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A CAIP-19 unit and the decimals of its base unit."""

    unit: str
    decimals: int


Units: TypeAlias = Mapping[tuple[str, str], Unit]
"""By (symbol, CAIP-2 chain)."""


def _evm(*names: str, chain: int) -> dict[str, Network]:
    return {name: Network(f"eip155:{chain}", "okx-eip191") for name in names}


NETWORKS: Final[Mapping[str, Network]] = {
    "BTC": Network(BITCOIN, "bip137"),
    "USDT-TRC20": Network(TRON, "tron-v1"),
    "TRON": Network(TRON, "tron-v1"),
    "TRX": Network(TRON, "tron-v1"),
    "SOL": Network(SOLANA, "okx-ed25519"),
    **_evm("ETH", "USDT-ERC20", chain=1),
    **_evm("ETH-OPTIMISM", "USDT-OPTIMISM", "OPTIMISM", chain=10),
    **_evm("BSC", chain=56),
    **_evm("USDT-POLY", "POLYGON", chain=137),
    **_evm("XLAYER", chain=196),
    **_evm("ZKSYNC2", chain=324),
    **_evm("BASE", chain=8453),
    **_evm("ETH-ARBITRUM", "USDT-ARBITRUM", "ARBITRUM", chain=42161),
    **_evm("USDT-AVAXC", "AVAXC", chain=43114),
    **_evm("ETH-LINEA", "ETH_LINEA", chain=59144),
    "OKC": Network("eip155:66", "okx-ecdsa"),
}
"""Every other network is refused: its chain identifier or its address derivation is not known here."""

_ETHER_CHAINS: Final = (1, 10, 324, 8453, 42161, 59144)
_USDT_CONTRACTS: Final = {
    1: "0xdac17f958d2ee523a2206206994597c13d831ec7",
    10: "0x94b008aa00579c1307b0ef2c499ad98a8ce58e58",
    137: "0xc2132d05d31c914a87c6611c10748aeb04b58e8f",
    42161: "0xfd086bc7cd5c481dcc9c85ebe478a1c0b69fcbb9",
    43114: "0x9702230a8ea53601f5cd2dc00fdbc13d4df4a8c7",
}

UNITS: Final[Units] = {
    ("BTC", BITCOIN): Unit(f"{BITCOIN}/slip44:0", 8),
    ("TRX", TRON): Unit(f"{TRON}/slip44:195", 6),
    ("USDT", TRON): Unit(f"{TRON}/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", 6),
    ("SOL", SOLANA): Unit(f"{SOLANA}/slip44:501", 9),
    **{("ETH", f"eip155:{n}"): Unit(f"eip155:{n}/slip44:60", 18) for n in _ETHER_CHAINS},
    **{("USDT", f"eip155:{n}"): Unit(f"eip155:{n}/erc20:{a}", 6) for n, a in _USDT_CONTRACTS.items()},
}
"""The units known without being told; ``import_okx`` takes more."""

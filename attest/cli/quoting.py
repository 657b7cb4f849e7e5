"""What `solvent prices` does."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attest.cli import show
from attest.cli.homes import policy_of, root_of, tell_signed
from attest.cli.words import pair
from attest.config import Config
from attest.documents import files
from attest.documents.kinds import QUOTE
from attest.documents.price_sets import computed, doubts, quote_envelopes
from attest.documents.quotes import INDEX, MARK, PRICE, Frame, Told, make_quote, quote_path, read_prices
from attest.documents.sign import add_signature
from attest.key_reference import key_reference
from attest.key_ring import KeyRing
from verifier import fields
from verifier.amounts import format_amount
from verifier.cli.text import utc
from verifier.dsse import Envelope
from verifier.errors import Unavailable
from verifier.markets.policy import Policy
from verifier.markets.prices import Price, Prices
from verifier.markets.quotes import Quote


@dataclass(frozen=True)
class Request:
    """What was typed after `prices quote`."""

    source: str
    csv_file: Path | None
    price: tuple[str, ...]
    index: tuple[str, ...]
    mark: tuple[str, ...]
    model: tuple[str, ...]
    key: str | None
    scale: int | None
    currency: str
    at: int | None
    output: Path | None
    as_json: bool


def quote(config: Config, request: Request) -> None:
    """Sign a quote as role price/<source>. Raises SolventError."""
    policy, root = policy_of(config), root_of(config)
    at = int(time.time()) if request.at is None else request.at
    told, models = _told(request)
    frame = Frame.of(request.source, at, policy, request.currency, request.scale)
    made = make_quote(frame, told, models)
    path = request.output or _own_path(config, made.source)
    reference = key_reference(request.key) if request.key else config.base / f"keys/price-{made.source}.key"
    signer = KeyRing.of(config.keys).signer(reference)
    bare = Envelope(QUOTE.payload_type, made.to_bytes(), ())
    signed = add_signature(bare, QUOTE, f"price/{made.source}", signer, root, path.name)
    files.replace(path, signed.envelope.to_bytes())
    count = len({*made.index, *made.mark})
    tell_signed(signed, path, f"The quote of {made.source} ({count:,} prices)", request.as_json, {"prices": count})
    if policy is not None and not request.as_json:
        _note_unread(policy, made)


def show_prices(config: Config, at: int | None, as_json: bool) -> bool:
    """Show prices and failures; whether every asset has a price. Raises SolventError."""
    policy = policy_of(config)
    if policy is None:
        hint = "run solvent policy sign first: it says how many sources a price needs"
        where = str(config.document_path("policy"))
        raise Unavailable("there is no signed policy", where=where, code="E_FILE", hint=hint)
    when = int(time.time()) if at is None else at
    envelopes = quote_envelopes(config.document_path("quotes"))
    found = computed(config, policy, when)
    dropped = doubts(policy, root_of(config), envelopes, when)
    if as_json:
        show.as_json(_as_json(policy, when, found, {doubt.source: doubt.reason for doubt in dropped}))
        return not found.failures
    counting = len(envelopes) - len(dropped)
    show.say(f"{len(envelopes)} quotes, {counting} of them count at {utc(when)}; prices in {policy.quote}")
    for doubt in dropped:
        show.say(f"  the quote of {doubt.source} does not count: {doubt.reason}")
    _show_found(policy, found)
    return not found.failures


def _show_found(policy: Policy, found: Prices) -> None:
    rows = [(sym, *_cells(price, policy.price.scale)) for sym, price in sorted(found.prices.items())]
    if rows:
        show.table(["asset", "price", "quotes", "low", "high"], rows, right=(1, 2, 3, 4))
    for sym, model in sorted(found.models.items()):
        show.say(f"{sym} is priced by a model: {model}")
    for sym, failure in sorted(found.failures.items()):
        show.say(f"{sym} has no price: {failure.message} ({failure.code})")


def _told(request: Request) -> tuple[list[Told], dict[str, str]]:
    told: list[Told] = []
    models: dict[str, str] = {}
    if request.csv_file is not None:
        text = files.read_text(request.csv_file, "the prices")
        told, models = read_prices(text, request.csv_file.name)
    for name in (PRICE, INDEX, MARK):
        for text in getattr(request, name):
            sym, price = pair(text, f"--{name}", "SYM=PRICE")
            told.append(Told(fields.sym(sym, f"--{name}"), name, price, f"--{name} {sym}"))
    for text in request.model:
        sym, model = pair(text, "--model", "SYM=TEXT")
        models[fields.sym(sym, "--model")] = model
    return told, models


def _own_path(config: Config, source: str) -> Path:
    """The file of a source, unless another source whose name is spelt alike has it. Raises Unavailable."""
    path = quote_path(config.document_path("quotes"), source)
    if path.exists():
        held = Quote.from_envelope(Envelope.from_bytes(path.read_bytes(), QUOTE.payload_type, path.name), path.name)
        if held.source != source:
            hint = "name another file with --output"
            raise Unavailable(f"holds the quote of {held.source}", where=str(path), code="E_FILE", hint=hint)
    return path


def _note_unread(policy: Policy, made: Quote) -> None:
    for sym in sorted({*made.index, *made.mark} - {*policy.assets}):
        show.note(f"the policy lists no asset {sym}: nobody reads this price")
    for sym, asset in sorted(policy.assets.items()):
        read, other = (made.index, made.mark) if asset.use == INDEX else (made.mark, made.index)
        if sym in other and sym not in read:
            show.note(f"the policy reads the {asset.use} of {sym}, and this quote has none")


def _cells(price: Price, scale: int) -> tuple[str, str, str, str]:
    low, high = (format_amount(value, scale) for value in (price.low, price.high))
    return format_amount(price.price, scale), str(price.n), low, high


def _as_json(policy: Policy, at: int, found: Prices, dropped: dict[str, str]) -> dict[str, Any]:
    return {
        "done": not found.failures,
        "at": at,
        "quote": policy.quote,
        "scale": policy.price.scale,
        "prices": {sym: price.to_json() for sym, price in sorted(found.prices.items())},
        "failures": {sym: {"code": e.code, "message": e.message} for sym, e in sorted(found.failures.items())},
        "models": dict(sorted(found.models.items())),
        "dropped": dropped,
    }

"""What is wrong for each kind of member: wrong types, boundaries, and second spellings of the same value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from vectors.make.mutate import JSON, LIMIT, MALFORMED, TYPE, Raw, Refusal
from verifier.group import P, even_root

Mutation = tuple[str, Any, Refusal, str]
"""Name of the change, the new value, the refusal, and what a verifier that accepts it gets wrong."""
POINT: Final = Refusal(MALFORMED, "E_POINT")
SCALAR: Final = Refusal(MALFORMED, "E_SCALAR")
_TYPED: Final = "a member of the wrong type is taken for a value"
_TWO: Final = "one value has two spellings, so one document has two digests"


def off_curve() -> int:
    """The first x from 1000 on that no point has."""
    return next(x for x in range(1000, 1100) if even_root(x) is None)


def wrong_types(*values: Any) -> list[Mutation]:
    """The given values, each of which has the wrong type."""
    names = {type(None): "null", bool: "a boolean", int: "a number", str: "a string", list: "a list", dict: "an object"}
    return [(f"is {names[type(value)]}", value, TYPE, _TYPED) for value in values]


def constant(value: Any) -> list[Mutation]:
    """A string that is always the same."""
    closed = "an unknown kind of document is read as a known one"
    return [
        *wrong_types(None, 1, [value]),
        ("has a letter more", f"{value}x", TYPE, closed),
        ("is in capitals" if value else "is a space", value.upper() if value.upper() != value else " ", TYPE, closed),
    ]


def integer(value: Any) -> list[Mutation]:
    """A whole number in 0..2^53-1."""
    return [
        *wrong_types(None, True, str(value), [value]),
        ("as 1.0", Raw(f"{value}.0"), JSON, _TWO),
        ("with an exponent", Raw(f"{value}e0"), JSON, _TWO),
        ("with a leading zero", Raw(f"0{value}"), JSON, _TWO),
        ("as -0", Raw("-0"), JSON, _TWO),
        ("below zero", Raw("-1"), JSON, "a negative count is accepted"),
        ("as 2^53", Raw("9007199254740992"), JSON, "readers with floating numbers see another value"),
        ("as NaN", Raw("NaN"), JSON, "something that is no number is accepted"),
    ]


def hexadecimal(value: Any) -> list[Mutation]:
    """Bytes in lower-case hex, of fixed length."""
    return [
        *wrong_types(None, 1),
        ("in capitals", value.upper() if value.upper() != value else "AB" * (len(value) // 2), TYPE, _TWO),
        ("one byte short", value[:-2], TYPE, "a length is not checked"),
        ("one byte long", value + "00", TYPE, "a length is not checked"),
        ("half a byte short", value[:-1], TYPE, "an odd number of digits is read"),
        ("with 0x", "0x" + value, TYPE, _TWO),
        ("with a letter g", "g" + value[1:], TYPE, "something else than hex is read"),
        ("with a line end", value + "\n", TYPE, "a pattern that matches before a last line end is used"),
    ]


def digest(value: Any) -> list[Mutation]:
    """32 bytes in hex that may not be left empty."""
    return [*hexadecimal(value), ("is empty", "", TYPE, "a digest that must be there may be left out")]


def optional_digest(value: Any) -> list[Mutation]:
    """32 bytes in hex, or "" where there is none."""
    return hexadecimal(value or "ab" * 32)


def point(value: Any) -> list[Mutation]:
    """A compressed point in hex."""
    on_curve = "a point that is not on the curve is computed with"
    return [
        *hexadecimal(value),
        ("is the identity", "00" * 33, POINT, "the identity is accepted as a commitment"),
        ("with prefix 04", "04" + value[2:], POINT, _TWO),
        ("with prefix 06", "06" + value[2:], POINT, _TWO),
        ("off the curve", "02" + off_curve().to_bytes(32, "big").hex(), POINT, on_curve),
        ("with x = p", "02" + P.to_bytes(32, "big").hex(), POINT, "a coordinate is reduced instead of refused"),
        ("with x = p + 1", "02" + (P + 1).to_bytes(32, "big").hex(), POINT, _TWO),
    ]


def amount(value: Any) -> list[Mutation]:
    """A non-negative amount in a string."""
    return [
        *wrong_types(None, int(value), [value]),
        ("with a leading zero", "0" + value, TYPE, _TWO),
        ("with a plus", "+" + value, TYPE, _TWO),
        ("with a minus", "-" + value, TYPE, "a negative amount is accepted"),
        ("with a decimal point", value + ".0", TYPE, "an amount goes through a float"),
        ("with an exponent", value + "e0", TYPE, "an amount goes through a float"),
        ("with a space", " " + value, TYPE, _TWO),
        ("with a line end", value + "\n", TYPE, "a pattern that matches before a last line end is used"),
        ("with an underscore", "1_0", TYPE, "Python's int() accepts more than digits"),
        ("in Arabic digits", "\u0661\u0662", TYPE, "Python's int() and \\d accept other alphabets"),
        ("is empty", "", TYPE, "an empty amount reads as zero"),
        ("is 2^128", str(2**128), LIMIT, "an amount without bound wraps around"),
        ("has 5000 digits", "9" * 5000, TYPE, "a conversion of unbounded length stops the verifier"),
    ]


def weight(value: Any) -> list[Mutation]:
    """A weight of a rule: a whole number in a string, not zero."""
    two = Refusal(MALFORMED, "E_LIMIT", "2")
    return [
        *wrong_types(None, 1, [value]),
        ("is zero", "0", two, "a rule that weighs nothing is accepted"),
        ("is -0", "-0", TYPE, _TWO),
        ("with a plus", "+1", TYPE, _TWO),
        ("with a leading zero", "01", TYPE, _TWO),
        ("with a decimal point", "1.0", TYPE, "a weight goes through a float"),
        ("with an exponent", "1e2", TYPE, "a weight goes through a float"),
        ("in Arabic digits", "\u0661", TYPE, "Python's int() and \\d accept other alphabets"),
        ("has 79 digits", "1" + "0" * 78, TYPE, "a weight without bound wraps around"),
        ("is empty", "", TYPE, "an empty weight reads as zero"),
    ]


def name(value: Any) -> list[Mutation]:
    """A name: letters, digits and ._:/#-."""
    return [
        *wrong_types(None, 1, [value]),
        ("is empty", "", TYPE, "something without a name is accepted"),
        ("has 97 letters", "a" * 97, TYPE, "a length is not checked"),
        ("begins with a hyphen", "-a", TYPE, "a name reads as an option"),
        ("with a space", "a b", TYPE, "two names look like one"),
        ("with a letter beyond ASCII", "\u0430", TYPE, "two names look alike"),
        ("with a line end", f"{value}\n", TYPE, "a pattern that matches before a last line end is used"),
    ]


def symbol(value: Any) -> list[Mutation]:
    """An asset symbol."""
    return [
        *wrong_types(None, 1, [value]),
        ("is empty", "", Refusal(MALFORMED, "E_TYPE", "2"), "an amount of nothing is accepted"),
        ("in small letters", value.lower(), TYPE, "two symbols for one asset"),
        ("has 33 letters", "A" * 33, TYPE, "a length is not checked"),
        ("with a letter beyond ASCII", "\u0410", TYPE, "two symbols look alike"),
    ]


def base64_text(value: Any) -> list[Mutation]:
    """Bytes in base64."""
    body = value.rstrip("=")
    return [
        *wrong_types(None, 1, [value]),
        ("without padding or with too much", body if body != value else value + "====", TYPE, _TWO),
        ("with a line end", value + "\n", TYPE, _TWO),
        ("with a space", value[:4] + " " + value[4:], TYPE, _TWO),
        ("in the alphabet of URLs", "-_" + value[2:], TYPE, _TWO),
        ("with a letter beyond ASCII", "\u0430" + value[1:], TYPE, "something else than base64 is read"),
    ]


def choice(value: Any) -> list[Mutation]:
    """One of a few words."""
    return [
        *wrong_types(None, 1, [value]),
        ("is no known word", "secret", TYPE, "an unknown word is read as a known one"),
        ("in capitals", value.upper(), TYPE, "two spellings of one word"),
        ("is empty", "", TYPE, "nothing is read as a word"),
    ]


def free_text(value: Any) -> list[Mutation]:
    """Any string of limited length."""
    return [*wrong_types(None, 1, [value]), ("has 5000 letters", "a" * 5000, LIMIT, "a length is not checked")]


def structure(value: Any) -> list[Mutation]:
    """An object or a list."""
    return wrong_types(None, "", {} if isinstance(value, list) else [])


KINDS: Final[dict[str, Callable[[Any], list[Mutation]]]] = {
    "constant": constant,
    "int": integer,
    "digest": digest,
    "digest?": optional_digest,
    "point": point,
    "amount": amount,
    "weight": weight,
    "name": name,
    "symbol": symbol,
    "base64": base64_text,
    "choice": choice,
    "text": free_text,
    "structure": structure,
}

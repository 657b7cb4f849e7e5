"""The address of an epoch as a QR code, for a page on paper. It holds what is public: an address and a digest."""

from __future__ import annotations

import segno


def address(public_url: str, place: str, digest: str) -> str:
    """Where an epoch's page stands, and the place on it that carries the digest; "" where the site has no address.

    A browser jumps there only if the page shows this very digest.
    """
    return f"{public_url.rstrip('/')}{place}#sha256-{digest}" if public_url and digest else ""


def path(text: str) -> tuple[str, int]:
    """The dark modules of a QR code as the path of an SVG, and its width with the quiet zone."""
    code = segno.make(text, error="m", micro=False)
    border = code.default_border_size
    steps = [
        f"M{x + border} {y + border}h1v1h-1z" for y, row in enumerate(code.matrix) for x, dark in enumerate(row) if dark
    ]
    return "".join(steps), len(code.matrix) + 2 * border

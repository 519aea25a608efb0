"""A share as a bar: told by its characters, and not by colour alone."""

from textual.content import Content


def bar(right: int, total: int, width: int, track: str) -> Content:
    """Return `width` cells of the full and the empty character of `track`.

    The full ones are cut and not rounded: all are full only where all is right.
    """
    full = right * width // total
    style = "$right" if right == total else "$primary"
    return Content.assemble((track[0] * full, style), (track[1] * (width - full), "$text-muted"))

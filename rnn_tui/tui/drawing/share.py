"""A share as a bar: told by its characters, and not by colour alone."""

from textual.content import Content


def progress_bar(n_correct: int, total: int, width: int, progress_glyphs: str) -> Content:
    """Return `width` cells of the full and the empty character of `track`.

    The full ones are cut and not rounded: all are full only where all is right.
    """
    full = n_correct * width // total
    style = "$correct" if n_correct == total else "$primary"
    return Content.assemble(
        (progress_glyphs[0] * full, style), (progress_glyphs[1] * (width - full), "$text-muted")
    )

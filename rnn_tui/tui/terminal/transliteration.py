"""Every character as one of ASCII, for terminals that have no others."""

from functools import lru_cache
from unicodedata import normalize

from rich.cells import cell_len

REPLACEMENT_CHARACTER = "?"
LOOKALIKES = {  # an ASCII character, and those that it stands for
    "-": "─━═╌┄┈╴╶╸╺▔‾–—−‒⁻",
    "|": "│┃║╎┆┊╵╷╹╻▏▕▎▍▌▐‖",
    "+": "±┌┐└┘├┤┬┴┼╭╮╰╯┏┓┗┛┣┫┳┻╋╔╗╚╝╠╣╦╩╬┠┨┯┷┿┝┥┰┸╂✛⁺",
    "#": "▓■◼▊▉▀",
    "*": "●•◆✱∗⁕",
    "o": "○◯◦∘",
    ".": "·⠒⋅░",
    ":": "▒",
    ">": "▶►→▸❯»›≫⟩≥",
    "<": "◀◄←◂«‹≪⟨≤",
    "^": "▲↑△",
    "v": "▼↓▽✓✔",
    "x": "✗✘×✕⨯",
    "~": "…≈∼",
    "'": "‘’′",
    '"': "“”″",
    "/": "╱∕÷",
    "\\": "╲∖⏎↵",
    "%": "‰",
    "!": "≠",
    "8": "∞",
    "V": "√",
    "N": "∇",
    "d": "∂δ",
    "E": "ξΞ",
    "e": "ε∈",
    "Y": "ŷ",
    "S": "∑Σ",
    "s": "σς",
    "m": "μ",
    "a": "α",
    "b": "β",
    "g": "γ",
    "h": "η",
    "l": "λ",
    "r": "ρ",
    "t": "τθ",
    "w": "ω",
    "D": "Δ∆",
}
LOOKALIKES["*"] += "".join(map(chr, range(0x2801, 0x2900)))  # braille
BAR_CHARACTERS = dict(
    zip("▁▂▃▄▅▆▇█", "_.-=+*#@", strict=True)
)  # bars, from the lowest to the highest
ASCII_TABLE = {
    other: ours for ours, others in LOOKALIKES.items() for other in others
} | BAR_CHARACTERS


@lru_cache(maxsize=4096)
def to_ascii_cells(text: str) -> str:
    """Return `text` in ASCII, in as many cells.

    A letter with an accent loses it, and what has no likeness becomes a question mark.
    """
    if text.isascii():
        return text
    return "".join(_to_ascii_cell(character) for character in text)


def _to_ascii_cell(character: str) -> str:
    if character.isascii():
        return character
    plain = ASCII_TABLE.get(character) or normalize("NFKD", character)[0]
    width = cell_len(character)  # none if it joins the one before it
    return (plain if " " <= plain <= "~" else REPLACEMENT_CHARACTER).ljust(width)[:width]

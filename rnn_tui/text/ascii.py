"""Transliteration to ASCII, for screen readers, serial lines and scripts."""

from unicodedata import normalize

UNKNOWN_CHARACTER = "?"

ASCII_REPLACEMENTS = {
    "ρ": "rho",
    "→": "->",
    "←": "<-",
    "↑": "up",
    "↓": "down",
    "·": "*",
    "…": "...",
    "±": "+-",
    "≤": "<=",
    "≥": ">=",
    "√": "sqrt ",
    "½": "1/2 ",
    "²": "^2",
    "¹": "^1",
    "⁰": "^0",
    "⁺": "^+",
    "⁻": "^-",
    "ˡ": "^l",
    "ᴸ": "^L",
    "ᵀ": "^T",
    "ᵗ": "^t",
    "₁": "_1",
    "₂": "_2",
    "Δ": "delta ",
    "Σ": "sum ",
    "α": "alpha",
    "β": "beta",
    "ε": "epsilon",
    "η": "eta",
    "λ": "lambda",
    "μ": "mu",
    "ξ": "xi",
    "σ": "sigma",
    "ŷ": "y_hat",
    "ĝ": "g_hat",
    "\u0302": "^",
    "ü": "ue",
}
LOOKALIKES = {  # by ASCII character, the characters that it resembles
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
BARS = dict(zip("▁▂▃▄▅▆▇█", "_.-=+*#@", strict=True))  # from the lowest to the highest
ASCII_LOOKALIKES = BARS | {
    character: ascii_character
    for ascii_character, characters in LOOKALIKES.items()
    for character in characters
}


def to_ascii(text: str) -> str:
    """Return `text` in printable ASCII, without control characters; it may become longer."""
    return "".join(ASCII_REPLACEMENTS.get(character) or lookalike(character) for character in text)


def lookalike(character: str) -> str:
    """Return the printable ASCII character that resembles `character` most, or a question mark.

    A letter loses its accent.
    """
    similar = ASCII_LOOKALIKES.get(character) or normalize("NFKD", character)[0]
    return similar if " " <= similar <= "~" else UNKNOWN_CHARACTER

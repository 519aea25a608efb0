"""Which characters reach a terminal: the program's own words in ASCII, foreign text escaped.

Foreign text are names of files, contents of journals and typed words. It is never transliterated,
since nobody could copy it then.
"""

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


SURROGATES = range(0xDC80, 0xDD00)  # by which Python stands for bytes that it cannot decode


def printable(text: str) -> str:
    """Return `text` with a backslash escape for each control or other unprintable character.

    For output that may quote foreign text; newlines are escaped as well.
    """
    return text if text.isprintable() else "".join(map(_escaped, text))


def printable_lines(text: str) -> str:
    """Return the lines of `text`, such as a traceback, each as by `printable`."""
    return "\n".join(map(printable, text.split("\n")))


def _escaped(character: str) -> str:
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code - 0xDC00:02x}" if code in SURROGATES else ascii(character)[1:-1]


def replace_unencodable(error: UnicodeError) -> tuple[str, int]:
    """Handle an error of an encoder: ASCII for characters of the program, escapes for others."""
    assert isinstance(error, UnicodeEncodeError)
    replacements = ASCII_LOOKALIKES | ASCII_REPLACEMENTS
    characters = error.object[error.start : error.end]
    return "".join(replacements.get(one) or ascii(one)[1:-1] for one in characters), error.end


def to_ascii(text: str) -> str:
    """Return `text` in printable ASCII, without control characters; it may become longer."""
    return "".join(ASCII_REPLACEMENTS.get(character) or lookalike(character) for character in text)


def lookalike(character: str) -> str:
    """Return the printable ASCII character that resembles `character` most, or a question mark.

    A letter loses its accent.
    """
    similar = ASCII_LOOKALIKES.get(character) or normalize("NFKD", character)[0]
    return similar if " " <= similar <= "~" else UNKNOWN_CHARACTER

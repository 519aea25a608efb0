"""The letters of the mathematics in ASCII, for screen readers, serial lines and scripts."""

ASCII_REPLACEMENTS = {
    "−": "-",
    "ρ": "rho",
    "–": "-",
    "—": "-",
    "→": "->",
    "←": "<-",
    "↑": "up",
    "↓": "down",
    "×": "x",
    "·": "*",
    "∘": "o",
    "…": "...",
    "±": "+-",
    "≤": "<=",
    "≥": ">=",
    "√": "sqrt ",
    "∂": "d",
    "‖": "|",
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
    "ŷ": "y_said",
    "ĝ": "g_kept",
    "\u0302": "^",
    "ü": "ue",
}
_TRANSLATION_TABLE = str.maketrans(ASCII_REPLACEMENTS)


def to_ascii(text: str) -> str:
    """Return `text` in printable ASCII: no escape sequence comes through, and no unknown letter."""
    translated = text.translate(_TRANSLATION_TABLE)
    return "".join(letter if " " <= letter <= "~" else "?" for letter in translated)

"""The environment variables of a program under test: those of a plain terminal."""

import os
from collections.abc import Mapping

DEFAULTS = {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
REMOVED = (
    "COLOR",
    "NO_COLOR",
    "TEXTUAL",
    "COLUMNS",
    "LINES",
    "LC_",
    "LANG",
    "TERM",
    "TMUX",
    "SSH",
)  # prefixes


def terminal_environment(changes: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """Return this process's environment as of a plain terminal, with `changes`; None removes."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(REMOVED)}
    changed: dict[str, str | None] = {**kept, **DEFAULTS, **(changes or {})}
    return {name: value for name, value in changed.items() if value is not None}

"""Snapshots of the dashboard as text: `python -m tests.terminal.pictures` takes them again.

Each is the screen, below it a letter for the style of each cell, and a key of the letters.
"""

import os
import string
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, final

from rnn_tui.recording.state_folder import mark_first_start, state_folder
from tests.terminal.reading import step_shown
from tests.terminal.terminal import Terminal

FOLDER = Path(__file__).parent / "snapshots"
HUNDREDS = 3  # of steps
STILL_SECONDS = 0.6  # without output
PLAIN = "."  # the letter of a cell without any colour or attribute
ATTRIBUTES = ("bold", "italics", "underscore", "strikethrough", "reverse", "blink")


@final
@dataclass(frozen=True, slots=True)
class Scene:
    """How the dashboard is started for a snapshot."""

    size: tuple[int, int]
    arguments: Sequence[str] = ()
    environment: dict[str, str | None] = field(default_factory=dict)


SCENES = {
    "80x24": Scene((80, 24)),
    "120x40": Scene((120, 40)),
    "200x60": Scene((200, 60)),
    "16-colours": Scene((120, 40), environment={"TERM": "xterm"}),
    "no-colour": Scene((120, 40), environment={"NO_COLOR": "1"}),
    "ascii": Scene((120, 40), ("--glyphs", "ascii")),
    "counting-ones": Scene(
        (120, 40), ("--recipe", "counting-ones", "--optimizer", "adam", "--lr", "0.001")
    ),
    "xor": Scene((80, 24), ("--recipe", "xor")),
}


def file_of(name: str) -> Path:
    return FOLDER / f"{name}.txt"


def take(scene: Scene, expected: str = "") -> str:
    """Train a few hundred steps and return the snapshot of the settled screen.

    On a busy machine an analysis may come after a screen that seems to be settled: where another
    one is `expected`, wait for that.
    """
    columns, rows = scene.size
    arguments = ("--paused", "--seed", "0", *scene.arguments)
    with Terminal(
        *arguments, columns=columns, rows=rows, environment=scene.environment
    ) as terminal:
        for hundreds in range(HUNDREDS + 1):
            steps = 100 * hundreds
            if steps:
                terminal.send("S")
            terminal.wait_for(partial(is_paused_at, step=steps))
        terminal.wait_until_still(STILL_SECONDS, 30)
        if expected:
            with suppress(AssertionError):
                terminal.wait_for(lambda _: picture(terminal.looks) == expected)
        return picture(terminal.looks)


def is_paused_at(text: str, step: int) -> bool:
    """Return whether the run is paused at `step`, and its accuracy there is known."""
    is_evaluated = f" after step {step} ─" in text or "accuracy ─" not in text
    return "paused" in text.partition("\n")[0] and step_shown(text) == step and is_evaluated


def picture(looks: tuple[tuple[Any, ...], ...]) -> str:
    """Return the text of all cells, a letter for the style of each, and a key of the letters."""
    letters = {"": PLAIN}
    unused = iter(string.ascii_letters + string.digits + string.punctuation.replace(PLAIN, ""))
    text, map_ = [], []
    for row in looks:
        styles = [_style(cell) for cell in row]
        for style in styles:
            if style not in letters:
                letters[style] = next(unused)
        text.append("".join(cell.data for cell in row).rstrip())
        map_.append("".join(letters[style] for style in styles))
    key = [f"{letter}  {style or 'plain'}" for style, letter in letters.items()]
    return "\n".join([*text, "", *map_, "", *key, ""])


def _style(cell: Any) -> str:
    """Return the style of a cell in words."""
    words = [name for name in ATTRIBUTES if getattr(cell, name)]
    if cell.fg != "default":
        words.append(cell.fg)
    if cell.bg != "default":
        words.append(f"on {cell.bg}")
    return " ".join(words)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    mark_first_start(state_folder(os.environ))  # as in the tests
    for name, scene in SCENES.items():
        file_of(name).write_text(take(scene), encoding="utf-8")
        print(file_of(name))


if __name__ == "__main__":
    main()

"""Snapshots of the dashboard as text: `python -m tests.terminal.pictures` takes them again.

Each is the screen, below it a letter for the style of each cell, and a key of the letters.
"""

import re
import string
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, final

from tests.terminal.reading import step_shown
from tests.terminal.terminal import Terminal

FOLDER = Path(__file__).parent / "snapshots"
HUNDREDS = 3  # of steps
STILL_SECONDS = 0.6  # without output
FULL_ACCURACY = re.compile(r"by step [\d,]+ *")  # the step depends on when it was evaluated
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
    "counting-ones": Scene((120, 40), ("--recipe", "counting-ones")),
    "xor": Scene((80, 24), ("--recipe", "xor")),
}


def file_of(name: str) -> Path:
    return FOLDER / f"{name}.txt"


def take(scene: Scene) -> str:
    """Train a few hundred steps and return the snapshot of the settled screen."""
    columns, rows = scene.size
    arguments = ("--paused", "--seed", "0", *scene.arguments)
    with Terminal(
        *arguments, columns=columns, rows=rows, environment=scene.environment
    ) as terminal:
        for hundreds in range(HUNDREDS + 1):
            steps = 100 * hundreds
            if steps:
                terminal.send("S")
            terminal.wait_for(partial(is_paused_at, step=steps), 20)
        terminal.wait_until_still(STILL_SECONDS, 30)
        return picture(terminal.looks)


def is_paused_at(text: str, step: int) -> bool:
    return "paused" in text.partition("\n")[0] and step_shown(text) == step


def picture(looks: tuple[tuple[Any, ...], ...]) -> str:
    """Return the text of all cells, a letter for the style of each, and a key of the letters."""
    letters = {"": PLAIN}
    unused = iter(string.ascii_letters + string.digits + string.punctuation.replace(PLAIN, ""))
    text, map_ = [], []
    for row in looks:
        styles, line = [_style(cell) for cell in row], "".join(cell.data for cell in row)
        if found := FULL_ACCURACY.search(line):
            start, end = found.span()
            line = line[:start] + "by step N".ljust(end - start) + line[end:]
            styles[start:end] = [styles[start]] * (end - start)
        for style in styles:
            if style not in letters:
                letters[style] = next(unused)
        text.append(line.rstrip())
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
    for name, scene in SCENES.items():
        file_of(name).write_text(take(scene), encoding="utf-8")
        print(file_of(name))


if __name__ == "__main__":
    main()

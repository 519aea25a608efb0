"""Random keys, pastes and clicks; none that quits."""

import random
import string
from collections.abc import Callable, Iterator
from typing import final

from rnn_tui.config.fields import FIELDS
from rnn_tui.config.settings import MAX_BATCH_SIZE, MAX_HIDDEN_SIZE
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.tui.commands import COMMANDS

QUIT = "q"
DIALOG_KEYS = "?i:pkveJN"  # slow, so rare
KEYS = [command.key_label for command in COMMANDS if len(command.key_label) == 1]
QUICK = [key for key in KEYS if key not in QUIT + DIALOG_KEYS]
OTHER_KEYS = [
    " ",
    "\t",
    "\x1b[Z",
    "\r",
    "\x1b",
    "\x7f",
    "\x0c",
    *(f"\x1b[{letter}" for letter in "ABCDHF"),
    *(f"\x1b[1;2{letter}" for letter in "ABCD"),
    *(f"\x1b[{number}~" for number in (3, 5, 6, 15, 24)),
    "\x1bOP",
    "\x1b[I",
    "\x1b[O",
]
LETTERS = (string.ascii_letters + string.digits + "=.,+-* ").replace(QUIT, "")
JUNK = ["ä", "界", "\u200d", "é", "\x00", "\x1d", "[/]", "[bold]", "\\", "1e999", "nan", "-inf"]
MAX_SIZES = {"H": MAX_HIDDEN_SIZE, "B": MAX_BATCH_SIZE}
SMALL_SIZE = 33
TOP_ROWS = 16  # clicks stay above the key line, where one would quit
# Searches in the palette; none finds the command that quits.
SEARCHES = (
    "Task: par",
    "Task: xor",
    "Speed: 1,0",
    "Model: g",
    "Optimizer: Adam",
    "zzz",
    "Change ep",
)


@final
class Monkey:
    """Draws bursts of one to twenty key presses from a random stream of `seed`."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._kinds: tuple[tuple[int, Callable[[], str]], ...] = (
            (60, lambda: self._random.choice(QUICK)),
            (4, lambda: self._random.choice(DIALOG_KEYS)),
            (20, lambda: self._random.choice(OTHER_KEYS)),
            (8, lambda: self._random.choice(LETTERS)),
            (3, self._change),
            (2, self._number),
            (2, self._paste),
            (5, self._mouse),
            (1, self._palette),
            (1, lambda: self._random.choice(JUNK)),
        )

    def bursts(self, presses: int) -> Iterator[str]:
        while presses > 0:
            count = min(presses, self._random.randint(1, 20))
            presses -= count
            weights = [weight for weight, _ in self._kinds]
            kinds = self._random.choices([kind for _, kind in self._kinds], weights, k=count)
            yield "".join(kind() for kind in kinds)

    def size(self) -> tuple[int, int]:
        """Return columns and rows of a window, sometimes too small for anything."""
        tiny = self._random.random() < 0.2
        columns, rows = (1, 1) if tiny else (60, 20)
        return self._random.randint(columns, 200), self._random.randint(rows, 60)

    def chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def _junk(self) -> str:
        return "".join(self._random.choices(LETTERS, k=self._random.randint(0, 12)))

    def _change(self) -> str:
        """Type a change, valid or not, into its dialog."""
        values = [*TASKS, *OPTIMIZERS, "0", "1", "3", "0.01", "1e9", "tanh", self._junk()]
        change = f"{self._random.choice([*FIELDS])}={self._random.choice(values)}"
        return f":\x15{change.replace(QUIT, '')}\r\x1b"

    def _number(self) -> str:
        """Type a number, for a size one that is small or too large, so that steps stay fast."""
        control = self._random.choice("LDHB")
        number = self._random.randint(0, 10 ** self._random.randint(1, 6))
        if control in MAX_SIZES and number <= MAX_SIZES[control]:
            number %= SMALL_SIZE
        return f"{control}{number}\r"

    def _paste(self) -> str:
        return f"\x1b[200~{self._junk()}\n{self._random.choice(JUNK)}\x1b[201~"

    def _mouse(self) -> str:
        button = self._random.choice((0, 0, 0, 2, 32, 35, 64, 65))
        x, y = self._random.randint(1, 220), self._random.randint(1, TOP_ROWS)
        press = f"\x1b[<{button};{x};{y}M"
        return press + f"\x1b[<{button};{x};{y}m" if button < 3 else press

    def _palette(self) -> str:
        enter = self._random.choice(("\r", ""))
        return f"\x10{self._random.choice(SEARCHES)}{enter}\x1b\x1b"

"""What a run is started with: checked once, here, and never changed after."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from math import inf, isfinite
from typing import final

from rnn_tui.engine.initialisation import INITIALISATIONS
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import MAX_BITS, MIN_BITS, TASKS

MAX_HIDDEN = 512
MAX_BATCH = 4096
MAX_STATES = 1 << 22  # bits × batch × hidden: 32 MiB for each array of states
MAX_STEPS = 10**12
MAX_SEED = 2**32 - 1
MAX_RATE = 1e6
LONGEST_NUMBER = 40  # characters that a whole number may have


class SettingsError(ValueError):
    """A setting that makes no run; its text says in one line what would."""


@final
@dataclass(frozen=True, slots=True)
class Settings:
    """One run: every field is plain data, and together they determine every number it gives."""

    recipe: str
    task: str
    optimizer: str
    learning_rate: float
    hidden: int
    bits: int
    batch: int
    seed: int
    steps: int
    initialisation: str
    clip_norm: float = inf
    clip_value: float = inf
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        known("task", self.task, TASKS)
        known("optimizer", self.optimizer, OPTIMIZERS)
        known("initialisation", self.initialisation, INITIALISATIONS)
        rate = self.learning_rate
        if not (isfinite(rate) and 0 < rate <= MAX_RATE):
            raise SettingsError(
                f"the learning rate must be above 0 and at most {MAX_RATE:,.0f}, not {rate:g}"
            )
        for name, limit in (("clip-norm", self.clip_norm), ("clip-value", self.clip_value)):
            if not limit > 0:
                raise SettingsError(f"{name} must be above 0, or inf for none, not {limit:g}")
        if not 0 <= self.weight_decay < inf:
            raise SettingsError(f"weight-decay must be at least 0, not {self.weight_decay:g}")
        _within("hidden", self.hidden, 1, MAX_HIDDEN)
        _within("bits", self.bits, MIN_BITS, MAX_BITS)
        _within("batch", self.batch, 1, MAX_BATCH)
        _within("seed", self.seed, 0, MAX_SEED)
        _within("steps", self.steps, 1, MAX_STEPS)
        if self.bits * self.batch * self.hidden > MAX_STATES:
            raise SettingsError(
                f"bits × batch × hidden must be at most {MAX_STATES:,}, not "
                f"{self.bits} × {self.batch} × {self.hidden} = "
                f"{self.bits * self.batch * self.hidden:,}"
            )


def plain(number: float) -> str:
    """Return the shortest decimal that reads back as `number`, and 1 rather than 1.0."""
    return repr(number).removesuffix(".0")


def number(text: str) -> float:
    """Return the number that `text` is; raises SettingsError where it is none."""
    try:
        return float(text)
    except ValueError:
        raise SettingsError(f"{text!r} is not a number") from None


def whole(text: str) -> int:
    """Return the whole number that `text` is, 1e6 as well; raises SettingsError."""
    with suppress(ValueError, OverflowError):
        if "/" not in text and len(text) <= LONGEST_NUMBER:
            value = Fraction(text)
            if value.denominator == 1:
                return int(value)
    raise SettingsError(f"{text!r} is not a whole number")


def known(kind: str, name: str, names: Collection[str]) -> str:
    """Return `name` if it is one of `names`; else raise SettingsError and suggest the nearest."""
    if name in names:
        return name
    nearest = get_close_matches(name.lower(), names, n=1, cutoff=0.0)[0]
    raise SettingsError(
        f"there is no {kind} {name!r}: did you mean {nearest}? There are {', '.join(names)}"
    )


def _within(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise SettingsError(
            f"{name} must be a whole number from {least} to {most:,}, not {value:,}"
        )

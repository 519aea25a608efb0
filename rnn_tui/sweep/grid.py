"""The grid of a sweep: axes over settings, recipes and changes, times seeds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product
from math import prod
from typing import Any, final

from rnn_tui.config.errors import UserError
from rnn_tui.config.fields import FIELDS, explain_unknown, find_field
from rnn_tui.config.options import settings_from_options
from rnn_tui.config.parsing import check_choice, format_value, parse_int
from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import MAX_SEED, Settings
from rnn_tui.config.unused import check_effect
from rnn_tui.run.changes import Schedule, SetField, parse_change
from rnn_tui.run.schedule import planned_settings
from rnn_tui.sweep.job import Job

DEFAULT_N_SEEDS = 10
MAX_RUNS = 100_000
AXIS_NAMES = ["recipe", *(name for name in FIELDS if name != "seed")]


@final
@dataclass(frozen=True, slots=True)
class Axis:
    """The values of a setting, of "recipe", or of the change of a setting after `step` steps."""

    setting: str
    values: tuple[Any, ...]
    step: int | None = None

    @property
    def name(self) -> str:
        """The name in tables and files: lr, or 2000:lr for a change."""
        return self.setting if self.step is None else f"{self.step}:{self.setting}"

    @property
    def texts(self) -> tuple[str, ...]:
        """The values as the command line takes them."""
        return tuple(map(format_value, self.values))


def parse_axis(word: str) -> Axis:
    """Return the axis of NAME=VALUE,… or STEP:NAME=VALUE,…; raises UserError."""
    name, equals, text = word.partition("=")
    if not equals:
        raise UserError(f"{word!r} is not NAME=VALUE,VALUE,… as in lr=0.03,0.1, nor a .toml file")
    return make_axis(name, text.split(","))


def make_axis(name: str, texts: Iterable[str]) -> Axis:
    """Return the axis `name` with the values of `texts`, each once; raises UserError."""
    before, colon, setting = name.rpartition(":")
    step = parse_int(before) if colon else None
    field_name = _setting_name(setting)
    values = []
    for text in texts:
        try:
            if step is not None:
                change = parse_change(f"{field_name}={text.strip()}")
                assert isinstance(change, SetField)
                values.append(change.value)
            elif field_name == "recipe":
                values.append(check_choice("recipe", text.strip().lower(), RECIPES))
            else:
                values.append(FIELDS[field_name].parse(text.strip()))
        except UserError as reason:
            prefix = "" if field_name in str(reason) else f"{field_name}: "
            raise UserError(f"{prefix}{reason}") from None
    if not values:
        raise UserError(f"{name} has no values")
    return Axis(field_name, tuple(dict.fromkeys(values)), step)


def _setting_name(name: str) -> str:
    """Return the name of the setting of this name or alias; raises UserError."""
    found = find_field(name)
    setting = found.name if found else name.strip().lower()
    if setting in ("seed", "seeds"):
        raise UserError("seeds are the runs of each cell, not an axis: use --seeds 20 or 3,5,7")
    if not found and (reason := explain_unknown(setting)):
        raise UserError(reason)
    return check_choice("setting", setting, AXIS_NAMES)


def parse_seeds(text: str) -> tuple[int, ...]:
    """Return the seeds of "20" (0 to 19), "3,5,7" or "0-9"; raises UserError."""
    words = text.split(",")
    if len(words) == 1 and "-" not in text[1:]:
        count = parse_int(text)
        if not 1 <= count <= MAX_RUNS:
            raise UserError(f"--seeds must be a number from 1 to {MAX_RUNS:,}, not {count:,}")
        return tuple(range(count))
    seeds: dict[int, None] = {}
    for word in words:
        first, dash, last = word.strip().partition("-")
        low = parse_int(first)
        high = parse_int(last) if dash else low
        if not 0 <= low <= high <= MAX_SEED:
            raise UserError(f"{word!r} is not a seed, nor a range of seeds as in 0-9")
        if high - low >= MAX_RUNS:
            raise UserError(f"{word} are more than {MAX_RUNS:,} seeds")
        seeds |= dict.fromkeys(range(low, high + 1))
    return tuple(seeds)


@final
@dataclass(frozen=True)
class Cell:
    """One combination of the values of all axes; its runs differ in their seed only."""

    values: tuple[str, ...]  # in the order of the axes
    settings: Settings  # with the first seed
    schedule: Schedule
    jobs: tuple[Job, ...]


@final
@dataclass(frozen=True)
class Grid:
    """All combinations of the values of `axes`, each with every seed.

    options      the settings of all runs, by attribute, and "recipe"
    schedule     the changes of all runs
    until_exact  runs end at their first exact step
    """

    axes: tuple[Axis, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    schedule: Schedule = ()
    seeds: tuple[int, ...] = tuple(range(DEFAULT_N_SEEDS))
    until_exact: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the axes."""
        return tuple(axis.name for axis in self.axes)

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """The cells, the values of the last axis first; raises UserError.

        Settings that cannot be combined are refused, and values without effect in any cell.
        """
        self._check_names()
        n_runs = prod(len(axis.values) for axis in self.axes) * len(self.seeds)
        if n_runs > MAX_RUNS:
            raise UserError(f"the sweep has {n_runs:,} runs; at most {MAX_RUNS:,} are possible")
        combinations = list(product(*(axis.values for axis in self.axes)))
        cells = list(map(self._make_cell, combinations))
        self._check_effects(combinations, cells)
        return tuple(cells)

    @property
    def jobs(self) -> list[Job]:
        """The jobs of all cells, seed by seed, so that each cell soon has a result."""
        return [cell.jobs[i] for i in range(len(self.seeds)) for cell in self.cells]

    def _check_names(self) -> None:
        for i, axis in enumerate(self.axes):
            if axis.name in self.names[:i]:
                raise UserError(f"{axis.name} is given twice")
            attribute = FIELDS[axis.setting].attribute if axis.setting in FIELDS else "recipe"
            if axis.step is None and attribute in self.options:
                raise UserError(f"{axis.name} is both an axis and an option of all runs")

    def _make_cell(self, values: tuple[Any, ...]) -> Cell:
        options, changes = dict(self.options), list(self.schedule)
        for axis, value in zip(self.axes, values, strict=True):
            if axis.step is not None:
                changes.append((axis.step, SetField(axis.setting, value)))
            elif axis.setting == "recipe":
                options["recipe"] = value
            else:
                options[FIELDS[axis.setting].attribute] = value
        schedule = tuple(sorted(changes, key=lambda entry: entry[0]))
        texts = tuple(map(format_value, values))
        try:
            settings = settings_from_options(options | {"seed": self.seeds[0]})
            planned_settings(settings, schedule)
        except UserError as reason:
            combination = " ".join(map("=".join, zip(self.names, texts, strict=True)))
            raise UserError(f"{combination}: {reason}" if combination else str(reason)) from None
        jobs = tuple(
            Job(replace(settings, seed=seed), schedule, self.until_exact) for seed in self.seeds
        )
        return Cell(texts, settings, schedule, jobs)

    def _check_effects(self, combinations: Sequence[tuple[Any, ...]], cells: list[Cell]) -> None:
        """Raise UserError for a value that has an effect in no cell that has it."""
        planned = [planned_settings(cell.settings, cell.schedule) for cell in cells]
        for name, option in FIELDS.items():
            if option.attribute in self.options:
                value = self.options[option.attribute]
                check_effect(name, value, [after for each in planned for after in each])
        for i, axis in enumerate(self.axes):
            if axis.setting != "recipe" and axis.step is None:
                for value in axis.values:
                    having = zip(combinations, planned, strict=True)
                    later = [each for values, each in having if values[i] == value]
                    check_effect(axis.setting, value, [after for each in later for after in each])
        given = dict.fromkeys(entry for cell in cells for entry in cell.schedule)
        for step, change in given:
            if isinstance(change, SetField):
                after_change = [
                    after
                    for cell, each in zip(cells, planned, strict=True)
                    if (step, change) in cell.schedule
                    for after in each[cell.schedule.index((step, change)) + 1 :]
                ]
                try:
                    check_effect(change.name, change.value, after_change)
                except UserError as reason:
                    raise UserError(f"--at {step}:{change.spec}: {reason}") from None

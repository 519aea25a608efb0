"""The summary of a run, to be compared with others: settings, loss curve and score."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from rnn_tui.config.fields import FIELDS
from rnn_tui.config.settings import CHOICES, Settings
from rnn_tui.engine.evaluation import Score
from rnn_tui.run.history import Curve
from rnn_tui.run.run import Run

IGNORED_SETTINGS = ("steps",)  # without effect on what is learned
UNSET_TEXT = "—"
SEPARATOR = " · "


@final
@dataclass(frozen=True, slots=True, eq=False)
class RunSummary:
    """One run among others.

    number       of its branch; below 0 for a run of another session
    parent       number of the branch it was forked from, or 0
    fork_step    the step after which it was forked, or 0
    mean_metric    of the last 100 steps, NaN before the first
    score        of the model after `score_step`, None before the first evaluation
    speed        steps a second of training
    """

    number: int
    name: str
    parent: int
    fork_step: int
    initial_settings: Settings
    settings: Settings
    step: int
    n_changes: int
    curve: Curve
    mean_metric: float
    score: Score | None
    score_step: int
    first_exact: int | None
    speed: float

    @property
    def title(self) -> str:
        """The name in the comparison: that of the journal, or the number of the branch."""
        return f"branch {self.number}" if self.number > 0 else self.name


def summarize_run(
    run: Run, number: int, name: str, seconds: float, parent: int = 0, fork_step: int = 0
) -> RunSummary:
    """Return the summary of `run`, whose training took `seconds`."""
    return RunSummary(
        number=number,
        name=name,
        parent=parent,
        fork_step=fork_step,
        initial_settings=run.initial_settings,
        settings=run.settings,
        step=run.step,
        n_changes=len(run.log),
        curve=run.history.full_run(),
        mean_metric=run.history.last_hundred,
        score=run.evaluation_tracker.score,
        score_step=run.evaluation_tracker.score_step,
        first_exact=run.evaluation_tracker.first_exact,
        speed=steps_per_second(run.step, seconds),
    )


def steps_per_second(steps: int, seconds: float) -> float:
    """Return the speed of training; 0 without any time."""
    return steps / seconds if seconds else 0.0


def differing_settings(settings: Sequence[Settings]) -> list[str]:
    """Return the names of the settings in which these differ."""
    return [
        name
        for name, setting_field in FIELDS.items()
        if name not in IGNORED_SETTINGS
        and len({setting_field.get(run_settings) for run_settings in settings}) > 1
        and len({setting_field.format_value(run_settings) for run_settings in settings}) > 1
    ]


def format_settings(names: Sequence[str], settings: Settings, *, brief: bool = False) -> str:
    """Return the settings of these names as on the command line, but for unset ones.

    If `brief`, names are left out where values are names themselves, such as adam.
    """
    fields_and_values = [(FIELDS[name], FIELDS[name].format_value(settings)) for name in names]
    return SEPARATOR.join(
        value if brief and option.attribute in CHOICES else f"{option.name} {value}"
        for option, value in fields_and_values
        if value != UNSET_TEXT
    )

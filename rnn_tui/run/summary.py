"""The summary of a run, to be compared with others: settings, loss curve and score."""

from dataclasses import dataclass
from typing import final

from rnn_tui.config.settings import Settings
from rnn_tui.engine.evaluation import Score
from rnn_tui.run.history import Curve
from rnn_tui.run.run import Run
from rnn_tui.run.settings_history import SettingsHistory


@final
@dataclass(frozen=True, slots=True, eq=False)
class RunSummary:
    """One run among others.

    number            of its branch; below 0 for a run of another session
    parent            number of the branch it was forked from, or 0
    fork_step         the step after which it was forked, or 0
    settings_history  the settings over its steps
    n_changes         that took effect in a step
    mean_metric       of the last 100 steps of the last span, NaN before the first
    score             of the model after `score_step`, None before the first evaluation
    known_exact_step  the first step of the last span known as exact, None before
    speed             steps a second of training
    """

    number: int
    name: str
    parent: int
    fork_step: int
    settings_history: SettingsHistory
    step: int
    n_changes: int
    curve: Curve
    mean_metric: float
    score: Score | None
    score_step: int
    known_exact_step: int | None
    speed: float

    @property
    def settings(self) -> Settings:
        """The settings of the last step."""
        return self.settings_history[-1].settings

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
        settings_history=run.settings_history,
        step=run.step,
        n_changes=sum(applied.step < run.step for applied in run.log),
        curve=run.history.full_run(),
        **run.results._asdict(),
        speed=steps_per_second(run.step, seconds),
    )


def steps_per_second(steps: int, seconds: float) -> float:
    """Return the speed of training; 0 without any time."""
    return steps / seconds if seconds else 0.0

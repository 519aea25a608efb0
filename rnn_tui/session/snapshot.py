"""All that a screen may see of a run at one moment: frozen, copied, and safe in any thread."""

from dataclasses import dataclass, field
from enum import Enum
from math import inf, nan
from typing import Any, final

from rnn_tui.config.recipes import DEFAULT_RECIPE, RECIPES
from rnn_tui.config.settings import Settings
from rnn_tui.engine.evaluation import Baseline, Score
from rnn_tui.run.changes import AppliedChange
from rnn_tui.run.example import Example
from rnn_tui.run.history import EMPTY_CURVE, Curve
from rnn_tui.run.optimizer_race import RaceResult
from rnn_tui.run.output_grid import OutputGrid
from rnn_tui.run.run import Run
from rnn_tui.run.settings_track import SettingsTrack
from rnn_tui.run.summary import RunSummary
from rnn_tui.run.weight_path import CostMapData
from rnn_tui.session.branches import Branches


class Status(Enum):
    """What the worker thread is doing."""

    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    HALTED = "halted"
    FAILED = "failed"
    VIEWING = "past"  # nothing is trained while one looks back


@final
@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """A run as it was after `step`; losses and errors are NaN before there are any.

    `start` and `log` repeat the run; `course` has led to the settings of then. `heard` counts the
    requests that had been heard by then. The curves and the log are those of the whole branch,
    which is at step `present`; all else is as it was after `step`.
    """

    settings_track: SettingsTrack
    initial_settings: Settings
    requests_handled: int = 0
    status: Status = Status.STARTING
    step: int = 0
    latest_step: int = 0
    branch_number: int = 1  # its number
    journal_path: str = ""  # the path of the run's, once there is one
    busy: bool = False  # with what was asked for: the rest is as it was before
    warning: str = ""  # what cannot be written down any more
    exported: tuple[str, ...] = ()  # paths of the latest files
    summaries: tuple[RunSummary, ...] = ()  # of all branches
    speed: float = inf  # wanted, steps a second
    measured_speed: float = 0.0  # steps a second
    training_seconds: float = 0.0  # that training of the branch has taken
    message: str = ""
    refused: bool = False  # `message` says why the latest request was not carried out
    loss: float = nan
    last_hundred: float = nan
    best_hundred: float = nan
    recent: Curve = EMPTY_CURVE
    full_run: Curve = EMPTY_CURVE
    log: tuple[AppliedChange, ...] = ()
    baseline: Baseline | None = None
    example: Example | None = None
    is_pinned: bool = False
    score: Score | None = None
    score_step: int = 0
    first_exact: int | None = None
    cost_map: CostMapData | None = None  # while two weights count ones
    output_grid: OutputGrid | None = None  # while a net learns XOR
    failure: str = field(default="", repr=False)  # the traceback of an error in the worker

    @property
    def settings(self) -> Settings:
        return self.settings_track.settings


def initial_snapshot(settings: Settings) -> Snapshot:
    """Return the snapshot of a run that has not begun."""
    return Snapshot(SettingsTrack.from_settings(settings), settings)


EMPTY_SNAPSHOT = initial_snapshot(RECIPES[DEFAULT_RECIPE].settings)


def take_snapshot(
    run: Run, branches: Branches, race_results: tuple[RaceResult, ...] = (), **worker_fields: Any
) -> Snapshot:
    """Return a snapshot of `run`, the current one of `branches` as it is or was.

    `situation` is what only the runner knows.
    """
    history, tracker = run.history, run.evaluation_tracker
    branch = branches.current
    full_history = branch.run.history
    cost_map = None
    if run.weight_path is not None and run.cost_surface is not None:
        cost_map = CostMapData(run.cost_surface, run.weight_path.points(), race_results)
    return Snapshot(
        settings_track=run.settings_track,
        initial_settings=run.initial_settings,
        step=run.step,
        latest_step=branch.run.step,
        training_seconds=branch.keyframes.training_seconds,
        branch_number=branch.number,
        journal_path=str(branch.observer.path or ""),
        warning=next((it.observer.warning for it in branches.all if it.observer.warning), ""),
        summaries=tuple(it.summary for it in branches.all) if len(branches.all) > 1 else (),
        loss=history.last,
        last_hundred=history.last_hundred,
        best_hundred=history.best_hundred,
        recent=full_history.recent(),
        full_run=full_history.full_run(),
        log=tuple(branch.run.log),
        baseline=run.baseline,
        example=run.inspector.example(),
        is_pinned=run.inspector.is_pinned,
        score=tracker.score,
        score_step=tracker.score_step,
        first_exact=tracker.first_exact,
        cost_map=cost_map,
        output_grid=run.inspector.output_grid(),
        **worker_fields,
    )

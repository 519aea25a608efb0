"""A frozen copy of a session at one moment, for the front ends in other threads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from math import inf, nan
from typing import Any, final

from rnn_tui.analysis.memory_curve import CurvePoint
from rnn_tui.analysis.step_trace import StepTrace
from rnn_tui.config.recipes import DEFAULT_RECIPE, RECIPES
from rnn_tui.config.settings import Settings
from rnn_tui.engine.evaluation import Baseline, Score
from rnn_tui.run.breakpoints import Breakpoint, BreakpointAction
from rnn_tui.run.changes import AppliedChange
from rnn_tui.run.events import Event
from rnn_tui.run.example import Example
from rnn_tui.run.history import EMPTY_CURVE, Curve
from rnn_tui.run.optimizer_race import RaceResult
from rnn_tui.run.output_grid import OutputGrid
from rnn_tui.run.settings_history import SettingsSpan
from rnn_tui.run.settings_state import SettingsState
from rnn_tui.run.summary import RunSummary
from rnn_tui.run.weight_path import CostMapData
from rnn_tui.session.analysis_scheduler import AnalysisResult
from rnn_tui.session.script import ScriptProgress
from rnn_tui.session.session import Session
from rnn_tui.session.siblings import SiblingsView


class Status(Enum):
    """What the worker thread is doing."""

    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    HALTED = "halted"
    FAILED = "failed"
    VIEWING = "viewing"


@final
@dataclass(frozen=True, slots=True, eq=False)
class RequestedAnalyses:
    """The analyses requested last, of a run with `settings` after `step`.

    `results` are by name, each with the reason why there is none, or "".
    """

    step: int
    settings: Settings
    results: Mapping[str, tuple[Any, str]]


@final
@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """A run as it was after `step`; losses are NaN before the first step.

    `initial_settings` and `log` repeat the run; `requests_handled` counts the requests so far. The
    curves and the log are those of the full branch, up to `latest_step`; all else is as it was
    after `step`.
    """

    settings_state: SettingsState
    initial_settings: Settings
    latest_settings: Settings  # after `latest_step`: the curves are of its loss
    requests_handled: int = 0
    taken_at: float = -inf  # seconds of the clock by which panes are redrawn
    status: Status = Status.STARTING
    step: int = 0
    restored_step: int | None = None  # of the weights, where training has diverged at `step`
    latest_step: int = 0
    planned_steps: int = 0
    branch_number: int = 1
    journal_path: str = ""  # once there is one
    busy: bool = False  # with a request: other fields are as before it
    warning: str = ""  # what is not recorded, or not locked, and why
    exported: tuple[str, ...] = ()  # paths of the files of the latest export
    summaries: tuple[RunSummary, ...] = ()  # of all branches
    speed: float = inf  # limit, steps per second
    measured_speed: float = 0.0  # steps per second
    training_seconds: float = 0.0  # of the branch
    message: str = ""
    refused: bool = False  # `message` says why the latest request was not carried out
    metric: float = nan
    mean_metric: float = nan
    mean_steps: int = 0  # of `mean_metric`
    best_mean_metric: float = nan
    recent: Curve = EMPTY_CURVE
    full_run: Curve = EMPTY_CURVE
    log: tuple[AppliedChange, ...] = ()
    breakpoints: tuple[Breakpoint, ...] = ()
    breakpoint_hits: tuple[BreakpointAction, ...] = ()
    events: tuple[Event, ...] = ()
    analysis_events: tuple[Event, ...] = ()  # found by the analyses
    baseline: Baseline | None = None
    example: Example | None = None
    is_pinned: bool = False
    score: Score | None = None
    score_step: int = 0
    evaluation_progress: float | None = None  # fraction of the running evaluation
    known_exact_step: int | None = None
    first_exact_step: int | None = None
    cost_map: CostMapData | None = None  # only for the two weights of counting-ones
    output_grid: OutputGrid | None = None  # only for XOR
    analyses: Mapping[str, AnalysisResult] = field(default_factory=dict)  # displayed, by name
    memory_curve: tuple[CurvePoint, ...] = ()  # at keyframes up to `step`
    requested_analyses: RequestedAnalyses | None = None
    siblings: SiblingsView | None = None
    script: ScriptProgress = field(default_factory=ScriptProgress)
    step_trace: StepTrace | None = None  # of the next step, while steps are traced
    failure: str = field(default="", repr=False)  # the traceback of an error in the worker

    @property
    def settings(self) -> Settings:
        return self.settings_state.settings

    @property
    def weights_step(self) -> int:
        """The step of the weights."""
        return self.step if self.restored_step is None else self.restored_step

    def has_handled(self, n_requests: int) -> bool:
        """Return whether the first `n_requests` are handled, or the worker has failed."""
        return self.requests_handled >= n_requests or self.status is Status.FAILED


def initial_snapshot(settings: Settings) -> Snapshot:
    """Return the snapshot of a run that has not started."""
    summary = RunSummary(
        number=1,
        name="",
        parent=0,
        fork_step=0,
        settings_history=(SettingsSpan(0, settings),),
        step=0,
        n_changes=0,
        curve=EMPTY_CURVE,
        mean_metric=nan,
        score=None,
        score_step=-1,
        known_exact_step=None,
        speed=0.0,
    )
    return Snapshot(
        SettingsState.from_settings(settings),
        settings,
        settings,
        planned_steps=settings.steps,
        summaries=(summary,),
    )


EMPTY_SNAPSHOT = initial_snapshot(RECIPES[DEFAULT_RECIPE].settings)


def take_snapshot(
    session: Session, race_results: tuple[RaceResult, ...] = (), **worker_fields: Any
) -> Snapshot:
    """Return a snapshot of the viewed run of `session`, with fields that the worker adds."""
    run, branch = session.viewed, session.current
    history, tracker = run.history, run.evaluation_tracker
    full_history = branch.run.history
    branches = session.branches
    cost_map = None
    if run.weight_path is not None and run.cost_surface is not None:
        cost_map = CostMapData(run.cost_surface, run.weight_path.points(), race_results)
    return Snapshot(
        settings_state=run.settings_state,
        initial_settings=run.initial_settings,
        latest_settings=branch.run.settings,
        step=run.step,
        restored_step=run.weights_step if run.halt_reason else None,
        latest_step=branch.run.step,
        planned_steps=branch.run.planned_steps,
        training_seconds=branch.keyframes.training_seconds,
        branch_number=branch.number,
        journal_path=str(branch.observer.path or ""),
        warning="; ".join(dict.fromkeys(filter(None, (b.observer.warning for b in branches)))),
        summaries=tuple(
            other.summary
            for other in branches
            if other is session.current or not other.is_superseded
        ),
        metric=history.last,
        mean_metric=history.mean_metric,
        mean_steps=history.mean_steps,
        best_mean_metric=history.best_mean_metric,
        recent=full_history.recent(),
        full_run=full_history.full_run(),
        log=tuple(branch.run.log),
        breakpoints=tuple(branch.run.breakpoints.by_text.values()),
        breakpoint_hits=tuple(branch.run.breakpoints.hits),
        events=tuple(branch.run.events.events),
        baseline=run.baseline,
        example=run.inspector.example(),
        is_pinned=run.inspector.is_pinned and not worker_fields.get("step_trace"),
        score=tracker.score,
        score_step=tracker.score_step,
        evaluation_progress=tracker.progress,
        known_exact_step=branch.run.evaluation_tracker.known_exact_step_after(tracker, run.step),
        first_exact_step=tracker.first_exact_step,
        cost_map=cost_map,
        output_grid=run.inspector.output_grid(),
        **worker_fields,
    )

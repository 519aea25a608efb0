"""All that a screen may see of a run at one moment: frozen, copied, and safe in any thread."""

from dataclasses import dataclass, field
from enum import Enum
from math import inf, nan
from typing import Any, final

from rnn_tui.engine.evaluation import Baseline, Score
from rnn_tui.recipes import DEFAULT_RECIPE, RECIPES
from rnn_tui.session.course import Course
from rnn_tui.session.example import Example
from rnn_tui.session.history import EMPTY_CURVE, Curve
from rnn_tui.session.output_map import OutputMap
from rnn_tui.session.race import Racer
from rnn_tui.session.run import Applied, Run
from rnn_tui.session.surface import Surface
from rnn_tui.settings import Settings


class Status(Enum):
    """What the worker thread is doing."""

    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    HALTED = "halted"
    FAILED = "failed"


@final
@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """A run as it was after `step`; losses and errors are NaN before there are any.

    `start` and `log` repeat the run; `course` has led to the settings of now. `heard` counts the
    requests that had been heard by then.
    """

    course: Course
    start: Settings
    heard: int = 0
    status: Status = Status.STARTING
    step: int = 0
    speed: float = inf  # wanted, steps a second
    measured_speed: float = 0.0  # steps a second
    notice: str = ""
    now: float = nan
    last_hundred: float = nan
    best_hundred: float = nan
    recent: Curve = EMPTY_CURVE
    whole: Curve = EMPTY_CURVE
    log: tuple[Applied, ...] = ()
    baseline: Baseline | None = None
    example: Example | None = None
    held: bool = False
    score: Score | None = None
    score_step: int = 0
    first_exact: int | None = None
    surface: Surface | None = None  # while two weights count ones
    output_map: OutputMap | None = None  # while a net learns XOR
    failure: str = field(default="", repr=False)  # the traceback of an error in the worker

    @property
    def settings(self) -> Settings:
        return self.course.settings


def before(settings: Settings) -> Snapshot:
    """Return the snapshot of a run that has not begun."""
    return Snapshot(Course.of(settings), settings)


EMPTY = before(RECIPES[DEFAULT_RECIPE].settings)


def take(run: Run, race: tuple[Racer, ...] = (), **situation: Any) -> Snapshot:
    """Return a snapshot of `run` as it is now; `situation` is what only the runner knows."""
    history, keeper = run.history, run.scorekeeper
    surface = None
    if run.path is not None and run.cost is not None:
        surface = Surface(run.cost, run.path.points(), race)
    return Snapshot(
        course=run.course,
        start=run.start,
        step=run.step,
        now=history.now,
        last_hundred=history.last_hundred,
        best_hundred=history.best_hundred,
        recent=history.recent(),
        whole=history.whole(),
        log=tuple(run.log),
        baseline=run.baseline,
        example=run.viewer.example(),
        held=run.viewer.held,
        score=keeper.score,
        score_step=keeper.score_step,
        first_exact=keeper.first_exact,
        surface=surface,
        output_map=run.viewer.output_map(),
        **situation,
    )

"""All that a screen may see of a run at one moment: frozen, copied, and safe in any thread."""

from dataclasses import dataclass, field
from enum import Enum
from math import inf, nan
from typing import Any, final

from rnn_tui.config.recipes import DEFAULT_RECIPE, RECIPES
from rnn_tui.config.settings import Settings
from rnn_tui.engine.evaluation import Baseline, Score
from rnn_tui.run.changes import Applied
from rnn_tui.run.example import Example
from rnn_tui.run.history import EMPTY_CURVE, Curve
from rnn_tui.run.optimizer_race import Racer
from rnn_tui.run.output_grid import OutputMap
from rnn_tui.run.run import Run
from rnn_tui.run.settings_track import Course
from rnn_tui.run.summary import Strand
from rnn_tui.run.weight_path import Surface
from rnn_tui.session.branches import Branches


class Status(Enum):
    """What the worker thread is doing."""

    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    HALTED = "halted"
    FAILED = "failed"
    PAST = "past"  # nothing is trained while one looks back


@final
@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """A run as it was after `step`; losses and errors are NaN before there are any.

    `start` and `log` repeat the run; `course` has led to the settings of then. `heard` counts the
    requests that had been heard by then. The curves and the log are those of the whole branch,
    which is at step `present`; all else is as it was after `step`.
    """

    course: Course
    start: Settings
    heard: int = 0
    status: Status = Status.STARTING
    step: int = 0
    present: int = 0
    branch: int = 1  # its number
    journal: str = ""  # the path of the run's, once there is one
    busy: bool = False  # with what was asked for: the rest is as it was before
    trouble: str = ""  # what cannot be written down any more
    exported: tuple[str, ...] = ()  # paths of the latest files
    strands: tuple[Strand, ...] = ()  # of all branches
    speed: float = inf  # wanted, steps a second
    measured_speed: float = 0.0  # steps a second
    seconds: float = 0.0  # that training of the branch has taken
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


def take(run: Run, branches: Branches, race: tuple[Racer, ...] = (), **situation: Any) -> Snapshot:
    """Return a snapshot of `run`, the current one of `branches` as it is or was.

    `situation` is what only the runner knows.
    """
    history, keeper = run.history, run.scorekeeper
    branch = branches.current
    whole = branch.run.history
    surface = None
    if run.path is not None and run.cost is not None:
        surface = Surface(run.cost, run.path.points(), race)
    return Snapshot(
        course=run.course,
        start=run.start,
        step=run.step,
        present=branch.run.step,
        seconds=branch.timeline.seconds,
        branch=branch.number,
        journal=str(branch.follower.path or ""),
        trouble=next((it.follower.trouble for it in branches.all if it.follower.trouble), ""),
        strands=tuple(it.strand for it in branches.all) if len(branches.all) > 1 else (),
        now=history.now,
        last_hundred=history.last_hundred,
        best_hundred=history.best_hundred,
        recent=whole.recent(),
        whole=whole.whole(),
        log=tuple(branch.run.log),
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

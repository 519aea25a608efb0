"""Steers a session: does what is asked of it, and knows whether and how far it is to go on."""

from math import inf
from pathlib import Path
from time import monotonic
from typing import final

from rnn_tui.config.settings import SettingsError
from rnn_tui.engine.cost_surface import CostSurface
from rnn_tui.recording.export import export, stem_of
from rnn_tui.run.change_messages import after_restart, gradient_verdict
from rnn_tui.run.changes import (
    CheckGradient,
    Export,
    Fork,
    Hold,
    Look,
    LookAtChange,
    LookBy,
    NextBranch,
    Pause,
    Race,
    Release,
    Request,
    Restart,
    Resume,
    Set,
    SetSpeed,
    SetWeights,
    Step,
    Undo,
)
from rnn_tui.run.optimizer_race import Racer, race
from rnn_tui.run.run import Run
from rnn_tui.session.branch import Branch
from rnn_tui.session.navigation import Tick, Voyage
from rnn_tui.session.rate_limiter import Pace
from rnn_tui.session.snapshot import Status
from rnn_tui.session.start import Opened

LOOKING_BACK = "as it was then: f begins a branch here, end or space goes back"
IN_THE_PAST = "this is the past: f begins a branch here, end goes back"


@final
class Helm:
    """Obeys requests and trains, a few steps at a time, what `opened` has begun.

    `running` until `_pause_at`; `notice` is the latest news. `tick` is called on the way.
    """

    def __init__(self, opened: Opened, pace: Pace, tick: Tick, *, running: bool) -> None:
        self.voyage = Voyage(opened.branches, tick)
        self.pace, self.notice = pace, opened.notice
        self.running = running and self.run.step < opened.end and not self.run.halted
        self.exported: tuple[str, ...] = ()
        self.race: tuple[CostSurface | None, tuple[Racer, ...]] = (None, ())
        self._pause_at = opened.end
        self._interrupted = False  # by a look back
        self._by_hand = False  # the steps to the next pause were asked for one by one

    @property
    def _branch(self) -> Branch:
        return self.voyage.current

    @property
    def run(self) -> Run:
        """The run that trains, whatever is looked at."""
        return self._branch.run

    def obey(self, request: Request) -> None:
        """Do what is asked; raises SettingsError, with nothing changed, where that can not be."""
        voyage = self.voyage
        match request:
            case Set() | SetWeights():
                self._change(request)
            case Restart():
                self._restart(request)
            case Undo():
                going = self.running or self._interrupted or bool(self.run.halted)
                self.notice = voyage.undo()
                self._go(self._planned_end() if going else None)
            case Fork():
                voyage.fork()
                self._go(None)
                self.notice = (
                    f"branch {self._branch.number} from step {self.run.step:,}: "
                    "change something, space goes on"
                )
            case NextBranch() if len(voyage.branches.all) == 1:
                self.notice = "the only branch: f begins another"
            case NextBranch():
                voyage.walk()
                self._go(None)
                self.notice = f"branch {self._branch.number}"
            case Look() | LookBy() | LookAtChange():
                self._look_elsewhere(request)
            case Export(folder, picture):
                self._export(Path(folder), picture)
            case Pause():
                self.running = self._interrupted = False
            case Resume() if voyage.past:
                self._look_elsewhere(Look(None))
            case Resume():
                self._resume(self._planned_end())
            case Step(count) if voyage.past:
                self._look_elsewhere(LookBy(count))
            case Step(count):
                asked = self.running and self._by_hand
                self._resume((self._pause_at if asked else self.run.step) + count)
                self._by_hand = True
            case SetSpeed(steps_per_second):
                self.pace.set(steps_per_second)
            case Hold(question):
                voyage.arrive().viewer.hold(question)
            case Release():
                voyage.arrive().viewer.release()
            case CheckGradient():
                run = voyage.arrive()
                verdict = gradient_verdict(run.viewer.check_gradient())
                self.notice = f"step {run.step:,}: {verdict}"
            case Race(start):
                cost = voyage.arrive().cost
                if cost is None:
                    raise SettingsError("only two weights that count ones can race")
                self.race = cost, race(cost, start)

    def _export(self, folder: Path, picture: str) -> None:
        run = self.voyage.arrive()
        try:
            stem = folder.absolute() / stem_of(run, self._branch.follower.name)
            paths = export(run, stem, picture=picture)
        except OSError as reason:
            raise SettingsError(str(reason)) from None
        self.exported = tuple(map(str, paths))
        self.notice = f"wrote {len(paths)} files to {stem.parent}"

    def _change(self, change: Set | SetWeights) -> None:
        if self.voyage.past:
            raise SettingsError(IN_THE_PAST)
        halted = self.run.halted
        if self._branch.apply(change):
            self.notice = self.run.news
            if halted:
                self._resume(self._planned_end())

    def _restart(self, request: Restart) -> None:
        rate = self.run.settings.learning_rate
        self.voyage.restart(request)
        self._go(self.run.start.steps)
        self.notice = after_restart(self.run.settings, rate)

    def _look_elsewhere(self, wish: Look | LookBy | LookAtChange) -> None:
        was_present = not self.voyage.past
        self.voyage.look(wish)
        if was_present:
            self._interrupted, self.running = self.running, False
        self.notice = LOOKING_BACK if self.voyage.past else ""
        if not self.voyage.past:
            self._return()

    def _return(self) -> None:
        """Go on at the present, if a look back has interrupted it."""
        if self._interrupted:
            self._interrupted, self.running = False, True
            self.pace.start()

    def _go(self, end: float | None) -> None:
        """Go on with another branch until `end`, or let it stand."""
        self.running = self._interrupted = False
        if end is not None:
            self._resume(end)

    def _planned_end(self) -> float:
        return self.run.start.steps if self.run.step < self.run.start.steps else inf

    def _resume(self, pause_at: float) -> None:
        if self.run.halted:
            self.notice = "lower the rate first, or start again"
        else:
            self.running, self._by_hand, self._pause_at = True, False, pause_at
            self.pace.start()

    def proceed(self) -> bool:
        """Take what steps are due, and return whether there were any."""
        steps = self._due()
        if steps:
            self._train(steps)
        return steps > 0

    def _due(self) -> int:
        """Return how many steps to take now, of the run or on the way to what is looked at."""
        past = self.voyage.past
        if past:
            return 0 if past.arrived else past.at_once
        if not self.running:
            return 0
        due = self.pace.at_once if self._by_hand else self.pace.due()
        return max(0, int(min(due, self._pause_at - self.run.step)))

    def _train(self, steps: int) -> None:
        """Take so many steps, or fewer where it cannot go on."""
        past = self.voyage.past
        if past:
            past.proceed(steps)
            return
        run = self.run
        began, first = monotonic(), run.step
        news = run.news
        self._branch.advance(steps)
        if run.news is not news:
            self.notice = run.news
        self.notice = self._branch.follower.told() or self.notice
        self.pace.took(run.step - first, monotonic() - began)
        if run.halted:
            self.notice = (
                f"halted: {run.halted}; weights of step {run.refuge.step:,} are back; "
                "- or :clip-norm=1, r, or u takes the last change back"
            )
            self.running = False
        elif run.step >= self._pause_at:
            self.running = False
            if run.step == run.start.steps and not self._branch.follower.fixed:
                self.notice = f"all {run.step:,} planned steps are done; space goes on"

    @property
    def status(self) -> Status:
        if self.voyage.past:
            return Status.PAST
        if self.run.halted:
            return Status.HALTED
        if self.running:
            return Status.RUNNING
        return Status.FINISHED if self.run.step == self.run.start.steps else Status.PAUSED

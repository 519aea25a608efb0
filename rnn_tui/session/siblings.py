"""The siblings of the current run: the same settings and changes, other seeds, another process."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count, islice, zip_longest
from time import monotonic
from typing import final

from rnn_tui.analysis.accuracy import wilson_interval
from rnn_tui.config.errors import UserError
from rnn_tui.run.changes import Change, Schedule, SetWeights
from rnn_tui.run.run import Run
from rnn_tui.run.settings_state import SettingsState
from rnn_tui.session.siblings_plan import Changes, PlanMessage, SiblingsPlan, SiblingsUpdate
from rnn_tui.session.siblings_process import SiblingsProcess

FOLLOW_INTERVAL_SECONDS = 0.25  # between two plans that differ in their target alone
NO_SIBLINGS = "there are no siblings; N trains some"


@final
@dataclass(frozen=True, slots=True, eq=False)
class SiblingsView:
    """The siblings as they were last known.

    seeds             of all siblings
    update            the latest results, None before the first ones
    applies_changes   whether changes of the run are applied to the siblings too; None until asked
    is_waiting        for that answer: a change was made to the run
    missing, extra    changes that only the run has, or only the siblings have
    end_reason        how their process has ended, if it has
    run_seed          the seed of the run where a sibling has that too, as after one was opened
    """

    seeds: tuple[int, ...]
    update: SiblingsUpdate | None
    applies_changes: bool | None
    is_waiting: bool
    missing: Changes
    extra: Changes
    end_reason: str
    run_seed: int | None

    @property
    def has_other_changes(self) -> bool:
        """Whether the siblings lack changes of the run, or have others."""
        return bool(self.missing or self.extra)

    def is_behind(self, step: int) -> bool:
        """Return whether results up to `step`, that of the run, are still to come."""
        if self.end_reason or self.is_waiting:
            return False
        return self.update is None or self.update.step < step

    @property
    def awaits_evaluation(self) -> bool:
        """Whether accuracies of the step that all have reached are still to come."""
        states = self.update.states if self.update and not self.end_reason else ()
        return any(state.accuracy_step != state.step and not state.halt_reason for state in states)

    @property
    def n_exact(self) -> int:
        """The number of siblings that have been exact; those that have diverged do not count."""
        return sum(state.is_exact for state in self.update.states) if self.update else 0

    @property
    def exact_interval(self) -> tuple[float, float]:
        """The Wilson 95 % interval of the fraction that has been exact."""
        return wilson_interval(self.n_exact, len(self.seeds))

    @property
    def diverged_seeds(self) -> tuple[int, ...]:
        """The seeds of siblings whose training has halted."""
        states = self.update.states if self.update else ()
        return tuple(state.seed for state in states if state.halt_reason)


@final
class Siblings:
    """Plans the siblings of the current run, and lets a process train them up to its step.

    They have the initial settings of the run but for the seed, and its changes at the same steps;
    or only those up to the time since when changes are not applied to them. They start anew where
    that differs from what they have been trained with, as after a restart. All methods belong to
    the worker thread; `on_news` is called in another.
    """

    def __init__(self, on_news: Callable[[], None]) -> None:
        self._on_news = on_news
        self._process: SiblingsProcess | None = None
        self.latest_number = 0  # of siblings, also of some that were stopped
        self._applies_changes: bool | None = None
        self._changes_key: tuple[object, ...] = ()
        self._changes: Changes = ()  # of the current run
        self._forget()

    def _forget(self) -> None:
        self._seeds: tuple[int, ...] = ()
        self._plan: SiblingsPlan | None = None
        self._sent: PlanMessage | None = None
        self._last_update: SiblingsUpdate | None = None  # of a process that has ended
        self._end_reason = ""
        self._next_at = 0.0

    @property
    def n_siblings(self) -> int:
        """The number of siblings, also of a process that has ended; 0 after `stop`."""
        return len(self._seeds)

    @property
    def is_training(self) -> bool:
        """Whether there is a process that trains siblings."""
        return self._process is not None

    def start(self, n_siblings: int, run: Run) -> None:
        """Train so many siblings of `run`, with the lowest other seeds; raises UserError."""
        self.stop()
        others = (seed for seed in count() if seed != run.initial_settings.seed)
        try:
            self._process = SiblingsProcess(self._on_news)
        except OSError as reason:
            raise UserError(f"the siblings cannot be trained: {reason}") from None
        self._seeds = tuple(islice(others, n_siblings))
        self.latest_number = n_siblings
        self.update_plan(run)

    def stop(self) -> None:
        """End the process, and forget the siblings."""
        if self._process:
            self._process.stop()
        self._process = None
        self._forget()

    def set_applies_changes(self, applies: bool) -> None:
        """Apply the changes of the run to the siblings too, those so far and later ones, or not.

        Those that have been applied already remain.
        """
        self._applies_changes = applies
        self._next_at = 0.0

    def update(self, run: Run) -> str:
        """Let the siblings follow `run`; return a message where the process has ended."""
        if self._process is None:
            return ""
        if self._process.has_ended:
            return self._end(self._process)
        if monotonic() >= self._next_at and self._process.is_ready:
            message = self._next_message(run)
            if message != self._sent:
                self._sent, self._next_at = message, monotonic() + FOLLOW_INTERVAL_SECONDS
                self._process.send(message)
        return ""

    def _end(self, process: SiblingsProcess) -> str:
        self._end_reason, self._last_update = process.end_reason, process.update
        process.stop()
        self._process = None
        return f"the process of the siblings ended {self._end_reason}; N starts another"

    @property
    def seconds_until_due(self) -> float | None:
        """Seconds until `update` may send a plan; None while there is nothing to wait for."""
        wait = self._next_at - monotonic()
        return wait if self._process and wait > 0 else None

    def _next_message(self, run: Run) -> PlanMessage:
        """Update the plan; siblings do not pass a change before it is known if they have it."""
        self.update_plan(run)
        assert self._plan is not None
        target_step = run.step
        if self._is_waiting:
            target_step = min(target_step, _first_difference(self._changes, self._plan.schedule))
        return PlanMessage(self._plan, target_step)

    def update_plan(self, run: Run) -> None:
        """Adapt the plan to `run`; after each request, so that its order among them counts."""
        if not self._seeds:
            return
        self._update_changes(run)
        settings = replace(run.initial_settings, seed=0)
        is_other_run = self._plan is None or self._plan.settings != settings
        if is_other_run or self._applies_changes:
            self._plan = SiblingsPlan(settings, self._seeds, self._changes)

    @property
    def _is_waiting(self) -> bool:
        plan = self._plan
        return plan is not None and self._applies_changes is None and self._changes != plan.schedule

    def _update_changes(self, run: Run) -> None:
        key = run, len(run.log), len(run.pending_changes)
        if key != self._changes_key:
            self._changes_key = key
            made = [(applied.step, applied.change) for applied in run.log]
            schedule = [*made, *run.pending_changes]
            self._changes = _effective(run, schedule)

    def view(self, run: Run) -> SiblingsView | None:
        """Return the siblings beside `run`, None without any."""
        if not self._seeds:
            return None
        self.update_plan(run)
        assert self._plan is not None
        update = self._process.update if self._process else self._last_update
        if update and not self._plan.continues(update.plan, update.step, update.n_applied):
            update = None
        planned, made = self._plan.schedule, self._changes
        return SiblingsView(
            self._seeds,
            update,
            self._applies_changes,
            self._is_waiting and not self._end_reason,
            tuple(change for change in made if change not in planned),
            tuple(change for change in planned if change not in made),
            self._end_reason,
            run_seed if (run_seed := run.initial_settings.seed) in self._seeds else None,
        )

    @property
    def version(self) -> tuple[object, ...]:
        """Identifies what `view` returns for a run without new changes."""
        version = self._process.version if self._process else 0
        return version, self._seeds, self._applies_changes, self._end_reason

    def find(self, seed: int, run: Run) -> tuple[SiblingsPlan, int]:
        """Return the plan and the step of a sibling; raises UserError."""
        view = self.view(run)
        if view is None:
            raise UserError(NO_SIBLINGS)
        if view.update is None:
            raise UserError("the siblings have no results yet")
        states = {state.seed: state for state in view.update.states}
        if seed not in states:
            raise UserError(f"no sibling has seed {seed}; choose from {_ranges(view.seeds)}")
        return view.update.plan, states[seed].step


def _effective(run: Run, schedule: Schedule) -> Changes:
    """Return the changes of `schedule` that change something."""
    state = SettingsState.from_settings(run.initial_settings)
    effective: list[tuple[int, Change]] = []
    for step, change in schedule:
        try:
            changed = state.apply(change)
        except UserError:
            continue
        if changed is not state or isinstance(change, SetWeights):
            effective.append((step, change))
        state = changed
    return tuple(effective)


def _first_difference(one: Changes, other: Changes) -> int:
    """Return the step of the first change that only one of the two has."""
    pairs = zip_longest(one, other)
    differing = next(pair for pair in pairs if pair[0] != pair[1])
    return min(change[0] for change in differing if change)


def _ranges(seeds: Sequence[int]) -> str:
    """Return ascending numbers in brief, as 0 to 2, 4 to 8."""
    ranges: list[list[int]] = []
    for seed in seeds:
        if ranges and ranges[-1][-1] == seed - 1:
            ranges[-1][1:] = [seed]
        else:
            ranges.append([seed])
    return ", ".join(" to ".join(map(str, each)) for each in ranges)

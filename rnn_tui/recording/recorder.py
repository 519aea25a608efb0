"""Records a run in its journal: changes at once, digests and checkpoints at intervals."""

import os
from contextlib import suppress
from datetime import datetime
from math import inf
from time import monotonic
from typing import final

from rnn_tui.error_text import error_text
from rnn_tui.recording import checkpoint
from rnn_tui.recording.environment import current_environment
from rnn_tui.recording.journal import Journal
from rnn_tui.recording.journal_format import (
    BreakpointRecord,
    ChangeRecord,
    DigestRecord,
    Header,
    PlanRecord,
)
from rnn_tui.recording.run_store import JournalTarget, delete
from rnn_tui.run.changes import Schedule
from rnn_tui.run.events import Event
from rnn_tui.run.keyframes import Keyframes
from rnn_tui.run.observer import RunObserver
from rnn_tui.run.run import Run
from rnn_tui.run.state import compute_digest, l2_norm, optimizer_state_norm

DIGEST_INTERVAL_STEPS = 1000  # doubled from a million steps on, and at each doubling
DENSE_DIGEST_STEPS = 1_000_000
CHECKPOINT_INTERVAL_SECONDS = 20.0
CHECKPOINT_TIME_SHARE = 0.005  # of the time, at most


@final
class Recorder(RunObserver):
    """Journals a run from its first step, or from the step at which it was resumed.

    The file is created with the first record; for a fork that is at once. A failed write does not
    stop the run: `warning` is the reason why nothing is recorded from then on.
    """

    def __init__(
        self,
        journal_target: JournalTarget,
        run: Run,
        parent: tuple[str, int] | None = None,
        journal: Journal | None = None,
        schedule: Schedule = (),
        *,
        headless: bool = False,
    ) -> None:
        self._journal_target, self._journal = journal_target, journal
        if journal:
            self._use(journal)
        self._parent, self._schedule, self._headless = parent, schedule, headless
        is_fork = parent is not None and journal is None
        self._start = None if is_fork else (run.step, len(run.log))
        self._changes_written = len(run.log) if journal else 0
        self._actions_written = len(run.breakpoints.log) if journal else 0
        self._plan_written = run.planned_steps if journal else run.initial_settings.steps
        self._event_written: Event | None = None
        self._last_digest_key: object = None  # step, changes and score of the latest digest
        self._last_checkpoint_key: object = None  # step and changes of the latest checkpoint
        self._next_checkpoint_at = monotonic() + (0.0 if is_fork else CHECKPOINT_INTERVAL_SECONDS)
        self._failed = False
        self.next_due_step = run.step if is_fork else next_digest_step(run.step)

    def activate(self) -> None:
        if self.path:
            with suppress(OSError):
                os.utime(self.path)

    def observe(self, run: Run, keyframes: Keyframes) -> None:
        at_start = (run.step, len(run.log)) == self._start
        if self._failed or (at_start and not self._journal):
            return
        try:
            journal = self._journal or self._start_journal(run)
            journal.check_exists()
            self._write_log(journal, run)
            if run.step >= self.next_due_step:
                self._write_digest(journal, run)
            self.next_due_step = next_digest_step(run.step)
            if monotonic() >= self._next_checkpoint_at:
                self._save_checkpoint(journal, run, keyframes)
        except OSError as reason:
            self._fail(f"recording stopped: {error_text(reason)}")

    def deactivate(self, run: Run, keyframes: Keyframes) -> None:
        self.observe(run, keyframes)
        if self._journal is None or self._failed:
            return
        try:
            if self._last_digest_key != _progress_key(run):
                self._write_digest(self._journal, run)
            if self._next_checkpoint_at < inf and self._last_checkpoint_key != (
                run.step,
                len(run.log),
            ):
                self._save_checkpoint(self._journal, run, keyframes)
        except OSError as reason:
            self._fail(f"the end is not recorded: {error_text(reason)}")

    def discard(self) -> None:
        self.close()
        if self.path:
            with suppress(OSError):
                delete(self.path)

    def close(self) -> None:
        if self._journal:
            self._journal.close()

    def _fail(self, reason: str) -> None:
        self._failed, self.warning, self.next_due_step, self.path = True, reason, inf, None

    def _start_journal(self, run: Run) -> Journal:
        started_at = datetime.now().astimezone().isoformat(timespec="seconds")
        header = Header(
            run.initial_settings,
            current_environment(),
            started_at,
            tuple(self._schedule),
            self._parent,
            self._headless,
        )
        self._journal = self._journal_target.create_journal(header)
        self._use(self._journal)
        return self._journal

    def _use(self, journal: Journal) -> None:
        self.name, self.path = journal.path.stem, journal.path
        if journal.unlocked_reason:
            self.warning = f"the journal is not locked: {journal.unlocked_reason}"

    def _write_log(self, journal: Journal, run: Run) -> None:
        """Write the new changes and breakpoint actions in their order, and the planned steps."""
        for action in run.breakpoints.log[self._actions_written :]:
            self._write_changes(journal, run, action.n_changes)
            journal.write_breakpoint(
                BreakpointRecord(action.step, action.action, action.condition, action.text)
            )
            self._actions_written += 1
        self._write_changes(journal, run, len(run.log))
        if run.planned_steps != self._plan_written:
            journal.write_plan(PlanRecord(run.step, run.planned_steps))
            self._plan_written = run.planned_steps

    def _write_changes(self, journal: Journal, run: Run, end: int) -> None:
        for applied in run.log[self._changes_written : end]:
            journal.write_change(ChangeRecord(applied.step, applied.change))
            self._changes_written += 1

    def _write_digest(self, journal: Journal, run: Run) -> None:
        digest = make_digest(run)
        event = None if digest.event == self._event_written else digest.event
        journal.write_digest(digest._replace(event=event))
        self._event_written = digest.event
        self._last_digest_key = _progress_key(run)

    def _save_checkpoint(self, journal: Journal, run: Run, keyframes: Keyframes) -> None:
        started_at = monotonic()
        try:
            checkpoint.save(checkpoint.checkpoint_path(journal.path), run, keyframes)
        except OSError as reason:  # the journal suffices
            self.warning = f"checkpoints stopped: {error_text(reason)}"
            self._next_checkpoint_at = inf
            return
        self._last_checkpoint_key = run.step, len(run.log)
        elapsed_seconds = monotonic() - started_at
        self._next_checkpoint_at = started_at + max(
            CHECKPOINT_INTERVAL_SECONDS, elapsed_seconds / CHECKPOINT_TIME_SHARE
        )


def next_digest_step(step: int) -> int:
    """Return the first step after `step` with a digest."""
    interval_steps = DIGEST_INTERVAL_STEPS << (step // DENSE_DIGEST_STEPS).bit_length()
    return (step // interval_steps + 1) * interval_steps


def _progress_key(run: Run) -> object:
    return run.step, len(run.log), run.evaluation_tracker.score_step


def make_digest(run: Run) -> DigestRecord:
    """Return the digest of `run` at its present step."""
    trainer, tracker = run.trainer, run.evaluation_tracker
    weight_vector, optimizer_state = trainer.model.parameters.vector, trainer.optimizer_state
    score = tracker.score
    return DigestRecord(
        step=run.step,
        digest=compute_digest(weight_vector, optimizer_state, trainer.stream.state),
        metric=run.history.last,
        weight_norm=l2_norm(weight_vector),
        optimizer_state_norm=optimizer_state_norm(optimizer_state),
        score=(score.n_correct, score.n_sequences, tracker.score_step) if score else None,
        first_exact=tracker.first_exact_step,
        event=run.events.events[-1] if run.events.events else None,
        bit_score=(score.n_correct_bits, score.n_bits, score.exhaustive) if score else None,
    )

"""Writes down a run: its changes at once, digests and checkpoints now and then."""

import os
from contextlib import suppress
from datetime import datetime
from math import inf
from time import monotonic
from typing import final

from rnn_tui.recording import checkpoint
from rnn_tui.recording.environment import this_machine
from rnn_tui.recording.journal import Journal
from rnn_tui.recording.journal_format import Changed, Digest, Header
from rnn_tui.recording.journal_target import Shelf
from rnn_tui.run.changes import Schedule
from rnn_tui.run.keyframes import Timeline
from rnn_tui.run.observer import Follower
from rnn_tui.run.run import Run
from rnn_tui.run.state import digest_of, norm, norm_of

DIGEST_EVERY = 1000  # steps; twice as many from a million steps on, and at each doubling
DENSE = 1_000_000
CHECKPOINT_EVERY = 20.0  # seconds
CHECKPOINT_SHARE = 0.005  # of the time may go into checkpoints


@final
class Recorder(Follower):
    """Journals a run from its first step on, or from where it goes on.

    The file is made when there is something to write; of a fork that is at once. What cannot be
    written does not stop the run: `trouble` says why from then on nothing is written.
    """

    def __init__(
        self,
        shelf: Shelf,
        run: Run,
        parent: tuple[str, int] | None = None,
        journal: Journal | None = None,
        schedule: Schedule = (),
    ) -> None:
        self._shelf, self._journal = shelf, journal
        if journal:
            self.name, self.path = journal.path.stem, journal.path
        self._parent, self._schedule = parent, schedule
        forked = parent is not None and journal is None
        self._from = None if forked else (run.step, len(run.log))
        self._told = len(run.log) if journal else 0
        self._written: object = None  # step, changes and score of the latest digest
        self._saved: object = None  # step and changes of the latest checkpoint
        self._checkpoint_due = monotonic() + (0.0 if forked else CHECKPOINT_EVERY)
        self._failed = False
        self.due = run.step if forked else next_digest(run.step)

    def take_up(self) -> None:
        if self.path:
            with suppress(OSError):
                os.utime(self.path)

    def follow(self, run: Run, timeline: Timeline) -> None:
        if (run.step, len(run.log)) == self._from or self._failed:
            return
        try:
            journal = self._journal or self._begin(run)
            for applied in run.log[self._told :]:
                journal.changed(Changed(applied.step, applied.change))
                self._told += 1
            if run.step >= self.due:
                self._write_digest(journal, run)
            self.due = next_digest(run.step)
            if monotonic() >= self._checkpoint_due:
                self._save(journal, run, timeline)
        except OSError as reason:
            self._fail(f"not journalled any more: {reason}")

    def leave(self, run: Run, timeline: Timeline) -> None:
        self.follow(run, timeline)
        if self._journal is None or self._failed:
            return
        try:
            if self._written != _key(run):
                self._write_digest(self._journal, run)
            if self._checkpoint_due < inf and self._saved != (run.step, len(run.log)):
                self._save(self._journal, run, timeline)
        except OSError as reason:
            self._fail(f"not journalled to the end: {reason}")

    def close(self) -> None:
        if self._journal:
            self._journal.close()

    def _fail(self, why: str) -> None:
        self._failed, self.trouble, self.due, self.path = True, why, inf, None

    def _begin(self, run: Run) -> Journal:
        began = datetime.now().astimezone().isoformat(timespec="seconds")
        header = Header(run.start, this_machine(), began, tuple(self._schedule), self._parent)
        self._journal = self._shelf.begin(header)
        self.name, self.path = self._journal.path.stem, self._journal.path
        return self._journal

    def _write_digest(self, journal: Journal, run: Run) -> None:
        journal.digest(seen(run))
        self._written = _key(run)

    def _save(self, journal: Journal, run: Run, timeline: Timeline) -> None:
        began = monotonic()
        try:
            checkpoint.save(checkpoint.beside(journal.path), run, timeline)
        except OSError as reason:  # the journal does without
            self.trouble, self._checkpoint_due = f"no checkpoint any more: {reason}", inf
            return
        self._saved = run.step, len(run.log)
        taken = monotonic() - began
        self._checkpoint_due = began + max(CHECKPOINT_EVERY, taken / CHECKPOINT_SHARE)


def next_digest(step: int) -> int:
    """Return the first step after `step` of which there is a digest."""
    every = DIGEST_EVERY << (step // DENSE).bit_length()
    return (step // every + 1) * every


def _key(run: Run) -> object:
    return run.step, len(run.log), run.scorekeeper.score_step


def seen(run: Run) -> Digest:
    """Return what the journal says of `run` as it is now."""
    trainer, keeper = run.trainer, run.scorekeeper
    weights, memory = trainer.model.parameters.vector, trainer.state
    score = keeper.score
    return Digest(
        step=run.step,
        digest=digest_of(weights, memory, trainer.stream.position),
        loss=run.history.now,
        weights=norm(weights),
        memory=norm_of(memory),
        exact=(score.exact, score.total, keeper.score_step) if score else None,
        first_exact=keeper.first_exact,
    )

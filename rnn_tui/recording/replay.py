"""Replays a journal, and compares the run with its digests."""

from collections.abc import Sequence
from contextlib import suppress
from itertools import zip_longest
from math import inf, isfinite
from typing import final

from rnn_tui.config.errors import UserError
from rnn_tui.recording.environment import current_environment
from rnn_tui.recording.journal_format import (
    BreakpointRecord,
    ChangeRecord,
    DigestRecord,
    JournalContents,
    ResumeRecord,
)
from rnn_tui.recording.recorder import make_digest
from rnn_tui.run.breakpoints import BreakpointAction
from rnn_tui.run.changes import Change
from rnn_tui.run.keyframes import Keyframes
from rnn_tui.run.observer import RunObserver
from rnn_tui.run.run import Run

RELATIVE_TOLERANCE = 1e-9  # explained by rounding on another machine
ABSOLUTE_TOLERANCE = 1e-12  # below which a loss is all rounding


@final
class ReplayVerifier(RunObserver):
    """Applies the changes of a journal at their steps, and compares its digests.

    `mismatch` names the step at which the run first differs, `verdict` how far it agrees.
    """

    read_only_reason = "this is a replay (read-only): f forks a branch, which can be changed"

    def __init__(self, contents: JournalContents, name: str = "") -> None:
        self._records = iter(contents.records)
        self._next_record = next(self._records, None)
        self.end_step = contents.last_step
        recorded_in = contents.header.environment
        self._expects_identical = recorded_in.has_same_rounding(current_environment())
        self._is_identical = True
        self._recorded_actions = contents.breakpoint_log
        self._n_actions = self._n_edits = 0  # of them, so far; edits are no hits
        self.name, self.mismatch, self.verified_step = name, "", 0
        self._update_next_due_step()

    @property
    def verdict(self) -> str:
        """The first mismatch, or how well and up to which step the runs agree."""
        if self.mismatch:
            return self.mismatch
        agreement = "identical" if self._is_identical else "agrees to 1e-9"
        return f"{agreement} through step {self.verified_step:,}"

    @property
    def finished(self) -> bool:
        """Whether all records are compared, or one differs."""
        return self._next_record is None or bool(self.mismatch)

    def observe(self, run: Run, keyframes: Keyframes) -> None:
        while (
            self._next_record is not None
            and self._next_record.step <= run.step
            and not self.mismatch
        ):
            record, self._next_record = self._next_record, next(self._records, None)
            match record:
                case ChangeRecord(step, change):
                    self._apply_change(run, step, change)
                case BreakpointRecord():
                    self._handle_breakpoint(run, record)
                case DigestRecord():
                    self._compare_digest(record, make_digest(run))
                    if not self.mismatch:
                        self._compare_breakpoints(record.step, run.breakpoints.log)
                case ResumeRecord(_, machine):
                    self._expects_identical &= machine.has_same_rounding(current_environment())
        if self._next_record is not None and run.halt_reason:
            self.mismatch = (
                f"differs first at step {run.step:,}: training diverges, unlike the recorded run"
            )
        self._update_next_due_step()
        if self.finished:
            self.message = self.verdict

    def _update_next_due_step(self) -> None:
        self.next_due_step = (
            inf if self._next_record is None or self.mismatch else self._next_record.step
        )

    def _apply_change(self, run: Run, step: int, change: Change) -> None:
        try:
            if run.apply(change) is None:
                self.mismatch = f"differs first at step {step:,}: {change.spec} changes nothing"
        except UserError as reason:
            self.mismatch = f"differs first at step {step:,}: {change.spec}: {reason}"

    def _handle_breakpoint(self, run: Run, record: BreakpointRecord) -> None:
        """Set, switch off or delete a breakpoint as recorded, or verify that it is hit."""
        if record.action != "hit":
            self._n_edits += 1
            with suppress(UserError):  # the viewer of the replay has done so before
                run.breakpoints.edit(run, record.action, record.condition)
        self._n_actions += 1
        self._compare_breakpoints(record.step, run.breakpoints.log[: self._n_actions])

    def _compare_breakpoints(self, step: int, replayed: Sequence[BreakpointAction]) -> None:
        """Compare the actions so far, unless the viewer of the replay has edited breakpoints."""
        if sum(action.action != "hit" for action in replayed) != self._n_edits:
            return
        recorded = self._recorded_actions[: self._n_actions]
        for expected, actual in zip_longest(recorded, replayed):
            if expected is None or actual is None or expected[:4] != actual[:4]:
                is_missing = expected is not None and expected.action == "hit"
                action, verb = (expected, "is not hit") if is_missing else (actual, "is hit")
                name = action.condition.text if action else ""
                self.mismatch = f"differs first at step {step:,}: breakpoint {name} {verb}"
                return

    def _compare_digest(self, expected: DigestRecord, actual: DigestRecord) -> None:
        if expected.digest != actual.digest:
            values_by_name = {
                "metric": (expected.metric, actual.metric),
                "norm of weights": (expected.weight_norm, actual.weight_norm),
                "norm of optimizer state": (
                    expected.optimizer_state_norm,
                    actual.optimizer_state_norm,
                ),
            }
            mismatched = [name for name, (a, b) in values_by_name.items() if not _is_close(a, b)]
            if mismatched or self._expects_identical or expected.step != actual.step:
                name = mismatched[0] if mismatched else "metric"
                recorded, replayed = values_by_name[name]
                self.mismatch = (
                    f"differs first at step {expected.step:,}: {name} is {replayed!r}, "
                    f"and was {recorded!r}" + ("" if mismatched else "; other bits")
                )
                return
            self._is_identical = False
        self.verified_step = expected.step


def _is_close(one: float, other: float) -> bool:
    if not (isfinite(one) and isfinite(other)):  # a journal has null for these
        return not (isfinite(one) or isfinite(other))
    return abs(one - other) <= max(
        ABSOLUTE_TOLERANCE, RELATIVE_TOLERANCE * max(abs(one), abs(other))
    )

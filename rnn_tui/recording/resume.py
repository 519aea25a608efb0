"""Resumes a run: from its checkpoint, and by its journal to the last recorded step."""

from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import final

from rnn_tui.config.errors import UserError
from rnn_tui.error_text import error_text
from rnn_tui.recording import checkpoint
from rnn_tui.recording.checkpoint import CheckpointError
from rnn_tui.recording.environment import current_environment
from rnn_tui.recording.journal import Journal
from rnn_tui.recording.journal_format import (
    ChangeRecord,
    DigestRecord,
    JournalContents,
    JournalError,
    ResumeRecord,
)
from rnn_tui.recording.recorder import Recorder
from rnn_tui.recording.run_store import JournalTarget
from rnn_tui.run.branch import Branch
from rnn_tui.run.breakpoints import Breakpoints
from rnn_tui.run.changes import Schedule
from rnn_tui.run.keyframes import Keyframes
from rnn_tui.run.observer import RunObserver
from rnn_tui.run.run import Run
from rnn_tui.run.step_budget import StepBudget

CANCEL_CHECK_SECONDS = 0.05  # between two calls of `should_continue`

ShouldContinue = Callable[[int, int], bool]  # of the present and the last step of a replay


@final
class Cancelled(Exception):
    """The replay of a journal was cancelled by `should_continue`."""


def resume(
    path: Path, should_continue: ShouldContinue = lambda _step, _last: True
) -> tuple[Branch, str]:
    """Return the branch that continues the run of the journal `path`, and a message.

    Raises JournalError, OSError, or Cancelled where `should_continue` returns False.
    """
    return resume_opened(*Journal.open_append(path), should_continue)


def resume_opened(
    journal: Journal, contents: JournalContents, should_continue: ShouldContinue
) -> tuple[Branch, str]:
    """Return the branch that continues the run of `journal`, as `resume`; close it on failure."""
    try:
        run, keyframes, warning = _restore(journal.path, contents, should_continue)
        run.set_schedule(_remaining_schedule(contents, run.step))
        journal.write_resume(ResumeRecord(run.step, current_environment()))
    except BaseException:
        journal.close()
        raise
    message = "; ".join(filter(None, [f"resumed at step {run.step:,}", warning]))
    if not contents.header.environment.has_same_rounding(current_environment()):
        message += "; this machine may round differently"
    recorder = Recorder(JournalTarget.from_path(journal.path), run, journal=journal)
    return Branch(run, recorder, keyframes=keyframes), message


def restore_final_state(path: Path, contents: JournalContents) -> tuple[Run, str]:
    """Return the run of the journal `path` at its last recorded step, and a warning.

    Raises JournalError where the journal cannot be replayed.
    """
    run, _, warning = _restore(path, contents, lambda _step, _last: True)
    return run, warning


def restore_state(
    path: Path,
    contents: JournalContents,
    step: int,
    should_continue: ShouldContinue = lambda _step, _last: True,
) -> Run:
    """Return the run of the journal `path` as it was after `step`, with later changes to come.

    Raises JournalError where the journal cannot be replayed, UserError where the run has no such
    step, or Cancelled where `should_continue` returns False.
    """
    if not 0 <= step <= contents.last_step:
        raise UserError(f"the run has steps 0 to {contents.last_step:,}, not {step:,}")
    run, keyframes, _ = _restore(path, contents, should_continue)
    if step == run.step:
        return run
    branch = Branch(run, RunObserver(), keyframes=keyframes)
    earlier = branch.run_at(keyframes.latest_before(step))
    earlier.advance(0)  # applies the changes at its start
    step_budget = StepBudget(CANCEL_CHECK_SECONDS)
    while earlier.step < step:
        with step_budget.timed_slice(earlier):
            earlier.advance(min(step_budget.steps, step - earlier.step))
        if not should_continue(earlier.step, step):
            raise Cancelled
    return earlier


def _restore(
    path: Path, contents: JournalContents, should_continue: ShouldContinue
) -> tuple[Run, Keyframes, str]:
    """Return the run at its last recorded step, its keyframes, and a warning.

    Without a usable checkpoint the journal is replayed from the first step.
    """
    initial_settings = contents.header.settings
    changes = [record for record in contents.records if isinstance(record, ChangeRecord)]
    warning, loaded, saved_path = "", None, checkpoint.checkpoint_path(path)
    try:
        loaded = checkpoint.load(saved_path, initial_settings, contents.breakpoint_log)
        if not _is_same_run(loaded.run, changes):
            raise CheckpointError(f"{saved_path}: the checkpoint is that of another run")
    except FileNotFoundError:
        pass
    except (CheckpointError, OSError) as reason:
        warning, loaded = f"no usable checkpoint, journal replayed: {error_text(reason)}", None
    if loaded:
        run, keyframes = loaded.run, loaded.keyframes
    else:
        run = Run(initial_settings)
        run.breakpoints = Breakpoints(pending=contents.breakpoint_log)
        keyframes = Keyframes(run.state)
    _replay(run, keyframes, changes[len(run.log) :], contents.last_step, should_continue)
    run.breakpoints.apply_pending(run.step, len(run.log))
    run.planned_steps = contents.planned_steps
    for record in contents.records:
        if isinstance(record, DigestRecord) and record.evaluation:
            run.evaluation_history.add(*record.evaluation)
    return run, keyframes, warning


def _is_same_run(run: Run, changes: list[ChangeRecord]) -> bool:
    """Return whether `run`, from a checkpoint, had the recorded `changes` until its step."""
    applied = [ChangeRecord(change.step, change.change) for change in run.log]
    remaining = changes[len(applied) :]
    is_before_remaining = not remaining or run.step <= remaining[0].step
    return applied == changes[: len(applied)] and is_before_remaining


def _remaining_schedule(contents: JournalContents, current_step: int) -> Schedule:
    """Return the scheduled changes that are still to come at `current_step`.

    Changes at that step may have been applied without their records, if these were lost.
    """
    records_at_step = [record for record in contents.records if record.step == current_step]
    applied = [record.change for record in records_at_step if isinstance(record, ChangeRecord)]
    is_complete = current_step > 0 and any(
        isinstance(record, DigestRecord) for record in records_at_step
    )
    return [
        (step, change)
        for step, change in contents.header.schedule
        if step > current_step
        or (step == current_step and not is_complete and change not in applied)
    ]


def _replay(
    run: Run,
    keyframes: Keyframes,
    changes: list[ChangeRecord],
    last_step: int,
    should_continue: ShouldContinue,
) -> None:
    """Advance `run` to `last_step`, with `changes` on the way."""
    step_budget = StepBudget(CANCEL_CHECK_SECONDS)

    def advance(step: int) -> None:
        while run.step < step:
            if run.halt_reason:
                raise JournalError(
                    f"training diverges at step {run.step:,}, unlike the recorded run: "
                    f"{run.halt_reason}"
                )
            started_at, step_before = perf_counter(), run.step
            run.advance(min(step_budget.steps, step - step_before))
            seconds = perf_counter() - started_at
            step_budget.record(run.step - step_before, seconds)
            keyframes.record(run, seconds)
            if not should_continue(run.step, last_step):
                raise Cancelled

    for step, change in changes:
        advance(step)
        try:
            applied = run.apply(change)
        except UserError as reason:
            raise JournalError(f"step {step:,}: {change.spec}: {reason}") from None
        if applied is None:
            raise JournalError(f"step {step:,}: {change.spec} changes nothing")
    advance(last_step)

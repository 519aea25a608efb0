"""Takes up a run where it stopped: from its checkpoint, and by its journal to the last step."""

from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import final

from rnn_tui.config.settings import UserError
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
from rnn_tui.recording.journal_target import JournalTarget
from rnn_tui.recording.recorder import Recorder
from rnn_tui.run.branch import Branch
from rnn_tui.run.changes import Schedule
from rnn_tui.run.keyframes import Keyframes
from rnn_tui.run.run import Run
from rnn_tui.run.step_budget import StepBudget

CANCEL_CHECK_SECONDS = 0.05  # seconds between two looks at whether it is still wanted

ShouldContinue = Callable[[int, int], bool]  # told the step and the last; returns whether to go on


@final
class Cancelled(Exception):
    """It was not wanted to the end."""


def resume(
    path: Path, should_continue: ShouldContinue = lambda _step, _last: True
) -> tuple[Branch, str]:
    """Return the branch that goes on with the run of the journal `path`, and what is to be said.

    Raises JournalError, OSError, or Abandoned when `progress` says so.
    """
    journal, contents = Journal.open_append(path)
    try:
        initial_settings = contents.header.settings
        run, keyframes, warning = _from_checkpoint(path, contents)
        _replay_tail(run, keyframes, contents, should_continue)
        run = Run.from_state(
            run.state, initial_settings, run.log, _remaining_schedule(contents, run.step)
        )
        if not contents.header.environment.same_arithmetic(current_environment()):
            warning += "; this machine may round otherwise"
        journal.write_resume(ResumeRecord(run.step, current_environment()))
    except BaseException:
        journal.close()
        raise
    recorder = Recorder(JournalTarget.from_path(path), run, journal=journal)
    branch = Branch(run, recorder, keyframes=keyframes)
    return branch, f"goes on at step {run.step:,}{warning}"


def restore_final_state(path: Path, contents: JournalContents) -> tuple[Run, str]:
    """Return the run of the journal `path` where it stopped, to be looked at, and what is amiss.

    Raises JournalError where it cannot be.
    """
    run, keyframes, warning = _from_checkpoint(path, contents)
    _replay_tail(run, keyframes, contents, lambda _step, _last: True)
    return run, warning.removeprefix(", ")


def _from_checkpoint(path: Path, contents: JournalContents) -> tuple[Run, Keyframes, str]:
    """Return the run as its checkpoint has it, the way until then, and what is wrong with it.

    Without one that can be used the run is taken up at its first step.
    """
    initial_settings = contents.header.settings
    changes = [line for line in contents.records if isinstance(line, ChangeRecord)]
    try:
        loaded = checkpoint.load(checkpoint.checkpoint_path(path), initial_settings)
        applied_changes = [ChangeRecord(applied.step, applied.change) for applied in loaded.run.log]
        remaining_changes = changes[len(applied_changes) :]
        if applied_changes != changes[: len(applied_changes)] or (
            remaining_changes and remaining_changes[0].step < loaded.run.step
        ):
            raise CheckpointError("the checkpoint is that of another run")
        return loaded.run, loaded.keyframes, ""
    except FileNotFoundError:
        warning = ""
    except (CheckpointError, OSError) as reason:
        warning = f", repeated from the start: {reason}"
    run = Run(initial_settings)
    return run, Keyframes(run.state), warning


def _remaining_schedule(contents: JournalContents, current_step: int) -> Schedule:
    """Return what of the schedule has not come by step `now`; there the last lines may be lost."""
    records_at_step = [line for line in contents.records if line.step == current_step]
    applied_changes = [line.change for line in records_at_step if isinstance(line, ChangeRecord)]
    is_complete = current_step > 0 and any(
        isinstance(line, DigestRecord) for line in records_at_step
    )
    return [
        (step, change)
        for step, change in contents.header.schedule
        if step > current_step
        or (step == current_step and not is_complete and change not in applied_changes)
    ]


def _replay_tail(
    run: Run, keyframes: Keyframes, contents: JournalContents, should_continue: ShouldContinue
) -> None:
    """Repeat what the journal says has come after `run` as it is."""
    step_budget = StepBudget(CANCEL_CHECK_SECONDS)

    def advance(step: int) -> None:
        while run.step < step:
            if run.halt_reason:
                raise JournalError(f"it halts at step {run.step:,}, and did not: {run.halt_reason}")
            started_at, step_before = perf_counter(), run.step
            run.advance(min(step_budget.steps, step - step_before))
            seconds = perf_counter() - started_at
            step_budget.record(run.step - step_before, seconds)
            keyframes.record(run, seconds)
            if not should_continue(run.step, contents.last_step):
                raise Cancelled

    changes = [line for line in contents.records if isinstance(line, ChangeRecord)][len(run.log) :]
    for step, change in changes:
        advance(step)
        try:
            applied = run.apply(change)
        except UserError as reason:
            raise JournalError(f"step {step:,}: {change.spec}: {reason}") from None
        if applied is None:
            raise JournalError(f"step {step:,}: {change.spec} changes nothing")
    advance(contents.last_step)

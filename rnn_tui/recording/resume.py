"""Takes up a run where it stopped: from its checkpoint, and by its journal to the last step."""

from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import final

from rnn_tui.config.settings import SettingsError
from rnn_tui.recording import checkpoint
from rnn_tui.recording.checkpoint import CheckpointError
from rnn_tui.recording.environment import this_machine
from rnn_tui.recording.journal import Journal
from rnn_tui.recording.journal_format import Changed, Digest, JournalError, Recording, Resumed
from rnn_tui.recording.journal_target import Shelf
from rnn_tui.recording.recorder import Recorder
from rnn_tui.run.changes import Schedule
from rnn_tui.run.keyframes import Timeline
from rnn_tui.run.run import Run
from rnn_tui.run.step_budget import Stride
from rnn_tui.session.branch import Branch

SLICE = 0.05  # seconds between two looks at whether it is still wanted

Progress = Callable[[int, int], bool]  # told the step and the last; returns whether to go on


@final
class Abandoned(Exception):
    """It was not wanted to the end."""


def resume(path: Path, progress: Progress = lambda _step, _last: True) -> tuple[Branch, str]:
    """Return the branch that goes on with the run of the journal `path`, and what is to be said.

    Raises JournalError, OSError, or Abandoned when `progress` says so.
    """
    journal, recording = Journal.go_on(path)
    try:
        start = recording.header.settings
        run, timeline, said = _latest(path, recording)
        _catch_up(run, timeline, recording, progress)
        run = Run.at(run.state, start, run.log, _still_planned(recording, run.step))
        if not recording.header.machine.rounds_like(this_machine()):
            said += "; this machine may round otherwise"
        journal.resumed(Resumed(run.step, this_machine()))
    except BaseException:
        journal.close()
        raise
    recorder = Recorder(Shelf.at(path), run, journal=journal)
    branch = Branch(run, recorder, timeline=timeline)
    return branch, f"goes on at step {run.step:,}{said}"


def rebuild(path: Path, recording: Recording) -> tuple[Run, str]:
    """Return the run of the journal `path` where it stopped, to be looked at, and what is amiss.

    Raises JournalError where it cannot be.
    """
    run, timeline, said = _latest(path, recording)
    _catch_up(run, timeline, recording, lambda _step, _last: True)
    return run, said.removeprefix(", ")


def _latest(path: Path, recording: Recording) -> tuple[Run, Timeline, str]:
    """Return the run as its checkpoint has it, the way until then, and what is wrong with it.

    Without one that can be used the run is taken up at its first step.
    """
    start = recording.header.settings
    changes = [line for line in recording.lines if isinstance(line, Changed)]
    try:
        kept = checkpoint.load(checkpoint.beside(path), start)
        made = [Changed(applied.step, applied.change) for applied in kept.run.log]
        later = changes[len(made) :]
        if made != changes[: len(made)] or (later and later[0].step < kept.run.step):
            raise CheckpointError("the checkpoint is that of another run")
        return kept.run, kept.timeline, ""
    except FileNotFoundError:
        said = ""
    except (CheckpointError, OSError) as reason:
        said = f", repeated from the start: {reason}"
    run = Run(start)
    return run, Timeline(run.state), said


def _still_planned(recording: Recording, now: int) -> Schedule:
    """Return what of the schedule has not come by step `now`; there the last lines may be lost."""
    here = [line for line in recording.lines if line.step == now]
    made = [line.change for line in here if isinstance(line, Changed)]
    all_made = now > 0 and any(isinstance(line, Digest) for line in here)
    return [
        (step, change)
        for step, change in recording.header.at
        if step > now or (step == now and not all_made and change not in made)
    ]


def _catch_up(run: Run, timeline: Timeline, recording: Recording, progress: Progress) -> None:
    """Repeat what the journal says has come after `run` as it is."""
    stride = Stride(SLICE)

    def advance(step: int) -> None:
        while run.step < step:
            if run.halted:
                raise JournalError(f"it halts at step {run.step:,}, and did not: {run.halted}")
            began, before = perf_counter(), run.step
            run.advance(min(stride.steps, step - before))
            seconds = perf_counter() - began
            stride.took(run.step - before, seconds)
            timeline.passed(run, seconds)
            if not progress(run.step, recording.steps):
                raise Abandoned

    changes = [line for line in recording.lines if isinstance(line, Changed)][len(run.log) :]
    for step, change in changes:
        advance(step)
        try:
            applied = run.apply(change)
        except SettingsError as reason:
            raise JournalError(f"step {step:,}: {change.spec}: {reason}") from None
        if applied is None:
            raise JournalError(f"step {step:,}: {change.spec} changes nothing")
    advance(recording.steps)

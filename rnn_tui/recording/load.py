"""Loads a recorded run, or an exported one, to train it further in Python."""

import json
import os
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from rnn_tui.config.errors import UserError
from rnn_tui.engine.data import StreamState
from rnn_tui.error_text import error_text
from rnn_tui.recording.checkpoint import SUFFIX, is_checkpoint, subfolder
from rnn_tui.recording.export import EXPORT_FORMAT
from rnn_tui.recording.journal_format import JournalError, read_journal, settings_from_json
from rnn_tui.recording.resume import ShouldContinue, restore_state
from rnn_tui.recording.run_store import resolve_run
from rnn_tui.recording.state_folder import JOURNAL_SUFFIX, state_folder
from rnn_tui.run.breakpoints import Breakpoints
from rnn_tui.run.rollback import RollbackPoint
from rnn_tui.run.run import Run
from rnn_tui.run.state import RunState


def load_checkpoint(
    run: str | Path | None = None,
    step: int | None = None,
    should_continue: ShouldContinue = lambda _step, _last: True,
) -> Run:
    """Return a run as it was after `step`; training it continues with the same numbers.

    `run` is the name of a recorded run or its unique beginning, the path of a journal or of an npz
    file of `rnn-tui export`; None is the latest recorded run. The default `step` is the last one,
    the only one of an exported file, which has no record of earlier steps and changes. The files
    are only read. `should_continue(step, last_step)` is called during a long replay.

    Raises UserError where there is no such run or step, or it cannot be read, and Cancelled where
    `should_continue` returns False.
    """
    path = None if run is None else Path(run)
    try:
        if path is not None and path.suffix == SUFFIX and path.is_file():
            if not is_checkpoint(path):
                return _load_export(path, step)
            run = path.with_suffix(JOURNAL_SUFFIX)
        journal = resolve_run(None if run is None else str(run), state_folder(os.environ))
        contents = read_journal(journal)
        last_step = contents.last_step if step is None else step
        restored = restore_state(journal, contents, last_step, should_continue)
        restored.breakpoints = Breakpoints()  # `advance` takes all of its steps
        return restored
    except (JournalError, OSError) as reason:
        raise UserError(error_text(reason)) from None


def _load_export(path: Path, step: int | None) -> Run:
    run = _read_export(path)
    if step not in (None, run.step):
        raise UserError(f"{path}: an exported run has step {run.step:,} only, not {step:,}")
    return run


def _read_export(path: Path) -> Run:
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = dict(archive)
        about = json.loads(str(arrays["about.json"]))
        if about["format"] != EXPORT_FORMAT:
            raise ValueError(f"format {about['format']}")
        run = Run(settings_from_json(about["settings"]))
        step, state = int(about["step"]), run.state
        parameters = subfolder("parameters", arrays)
        weights = np.concatenate([parameters[name].ravel() for name in run.weights])
        optimizer_state, history = subfolder("optimizer", arrays), subfolder("history", arrays)
        key_index, has_gauss, cached_gaussian, next_batch = arrays["random/position"].tolist()
        inputs = arrays.get("dataset/inputs")
        restored = RunState(
            step=step,
            n_changes=0,
            settings_state=state.settings_state,
            weights=weights,
            optimizer_state=optimizer_state,
            stream_state=StreamState(
                arrays["random/key"],
                int(key_index),
                int(has_gauss),
                cached_gaussian,
                int(next_batch),
            ),
            rollback_point=RollbackPoint(step, weights.copy(), optimizer_state, np.inf),
            vanished_steps=0,
            halt_reason=None,
            last_step_valid=False,
            skipped_steps=0,
            dataset=None if inputs is None else run.task.batch_from_inputs(inputs),
            shown_inputs=None,
            history=history,
            weight_path=arrays.get("weight_path"),
            first_exact=None,
        )
        return Run.from_state(restored, run.initial_settings, [])
    except (KeyError, TypeError, ValueError, BadZipFile) as reason:
        raise UserError(
            f"{path}: not an export of this version of rnn-tui ({reason}); export the run again"
        ) from None

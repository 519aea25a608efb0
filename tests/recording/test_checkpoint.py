"""A checkpoint restores its run to the last bit, or the journal is replayed."""

from itertools import cycle
from pathlib import Path

import pytest

from rnn_tui.config.recipes import RECIPES
from rnn_tui.recording import checkpoint
from rnn_tui.recording.checkpoint import MAX_SAVED_KEYFRAMES, MIN_SAVED_KEYFRAMES, Checkpoint
from rnn_tui.recording.resume import resume
from rnn_tui.run import keyframes as keyframes_module
from rnn_tui.run.changes import SetField
from rnn_tui.run.keyframes import MAX_KEYFRAME_BYTES, Keyframes
from rnn_tui.run.rollback import ROLLBACK_INTERVAL_STEPS
from rnn_tui.run.run import Run
from tests.support.checkpoints import KEYFRAME_STEPS, START, read_members, run_with_keyframes
from tests.support.makers import settings_with
from tests.support.plans import PlannedChange
from tests.support.recorded import (
    PAIRS,
    end_recording,
    exact_state,
    record_plan,
    small,
    start_recording,
)

SLICE_STEPS = 17  # not a divisor of anything


def assert_keyframes_match_run(loaded: Checkpoint) -> None:
    run, (first, *others) = loaded.run, loaded.keyframes.entries
    replayed = Run(run.initial_settings, [(applied.step, applied.change) for applied in run.log])
    assert first[1].step == 0
    for seconds, state in others:
        replayed.advance(state.step - replayed.step)
        assert seconds == 0.5 * state.step
        assert exact_state(Run.from_state(state, run.initial_settings, run.log)) == exact_state(
            replayed
        )


@pytest.mark.parametrize(
    ("task", "optimizer", "slices"),
    [(*pair, slices) for pair, slices in zip(PAIRS, cycle((2, 73, 2)), strict=False)],
)
def test_checkpoint_restores_run_and_keyframes(
    task: str, optimizer: str, slices: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, path = small(task, optimizer), tmp_path / "run.npz"
    monkeypatch.setattr(keyframes_module, "MIN_KEYFRAME_INTERVAL_SECONDS", 0.0)
    run = Run(start, [(20, SetField("lr", 0.05)), (30, SetField("clip-norm", 1.5))])
    keyframes = Keyframes(run.state)
    for _ in range(slices):
        run.advance(SLICE_STEPS)
        keyframes.record(run, 0.5 * SLICE_STEPS)
    checkpoint.save(path, run, keyframes)
    saved = path.read_bytes()
    loaded = checkpoint.load(path, start)
    assert loaded.keyframes.training_seconds == 0.5 * run.step
    assert exact_state(loaded.run) == exact_state(run)
    assert (
        min(slices + 1, MAX_SAVED_KEYFRAMES)
        <= len(loaded.keyframes.entries)
        <= MAX_SAVED_KEYFRAMES + 1
    )
    assert_keyframes_match_run(loaded)
    assert exact_state(checkpoint.load(path, start, with_keyframes=False).run) == exact_state(run)
    checkpoint.save(path, run, keyframes)
    assert path.read_bytes() == saved
    loaded.run.set_schedule(run.pending_changes)
    steps, other_size = (
        ROLLBACK_INTERVAL_STEPS + 20 - run.step,
        "hidden-size" if task != "counting-ones" else "length",
    )
    for continued in (run, loaded.run):
        continued.advance(max(50, steps))
        assert continued.apply(SetField(other_size, 4))
        continued.advance(50)
    assert exact_state(loaded.run) == exact_state(run)
    assert [file.name for file in tmp_path.iterdir()] == ["run.npz"]


@pytest.mark.parametrize("dataset_size", [0, 6])
def test_checkpoint_restores_keyframes_of_other_models_and_datasets(
    dataset_size: int, tmp_path: Path
) -> None:
    start = settings_with(length=5, hidden_size=3, dataset_size=dataset_size)
    run, keyframes = run_with_keyframes(start)
    checkpoint.save(tmp_path / "run.npz", run, keyframes)
    loaded = checkpoint.load(tmp_path / "run.npz", start).keyframes.entries
    assert [state.step for _, state in loaded] == [0, *KEYFRAME_STEPS, run.step]
    for (_, restored), (_, original) in zip(loaded, keyframes.entries, strict=False):
        again = Run.from_state(restored, start, run.log)
        assert exact_state(again) == exact_state(Run.from_state(original, start, run.log))
        remaining = run.log[restored.n_changes :]
        again.set_schedule([(applied.step, applied.change) for applied in remaining])
        again.advance(run.step - again.step)
        assert exact_state(again) == exact_state(run)


def test_dataset_is_saved_once_for_all_states_that_share_it(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    checkpoint.save(path, *run_with_keyframes())
    names = [name for name in read_members(path) if name.endswith("/inputs.npy")]
    assert names == ["datasets/0/inputs.npy", "datasets/1/inputs.npy"]
    states = [state for _, state in checkpoint.load(path, START).keyframes.entries]
    assert all(state.dataset is states[0].dataset for state in states[:4])
    assert states[4].dataset is states[5].dataset is not states[0].dataset


@pytest.mark.parametrize(("hidden_size", "is_large"), [(3, False), (300, True)])
def test_number_and_bytes_of_keyframes_are_bounded(
    hidden_size: int, is_large: bool, tmp_path: Path
) -> None:
    start = settings_with(length=2, hidden_size=hidden_size, optimizer="adam")
    run = Run(start)
    keyframes = Keyframes(run.state)
    for step in range(1, 2 * MAX_SAVED_KEYFRAMES):
        run.advance(1)
        keyframes.add(run.state, step / 1000)
    checkpoint.save(tmp_path / "run.npz", run, keyframes)
    loaded = checkpoint.load(tmp_path / "run.npz", start).keyframes.entries
    assert is_large == (len(loaded) < MAX_SAVED_KEYFRAMES // 2)
    assert MIN_SAVED_KEYFRAMES <= len(loaded) <= MAX_SAVED_KEYFRAMES + 1
    max_bytes = max(MAX_KEYFRAME_BYTES, (MIN_SAVED_KEYFRAMES + 1) * run.state.nbytes)
    assert (tmp_path / "run.npz").stat().st_size < 2 * max_bytes


def test_resume_without_usable_checkpoint_replays_journal(tmp_path: Path) -> None:
    journal, path = tmp_path / "run.jsonl", tmp_path / "run.npz"
    run = record_plan(journal, START, [PlannedChange(120, SetField("lr", 0.2))], tail=1080)
    recorded, saved = journal.read_bytes(), path.read_bytes()
    for content in (b"", saved[:-99], b"x" * 5000):
        path.write_bytes(content)
        journal.write_bytes(recorded)
        branch, message = resume(journal)
        warning = f"no usable checkpoint, journal replayed: {path}: "
        assert message.startswith(f"resumed at step 1,200; {warning}")
        assert "\n" not in message
        assert exact_state(branch.run) == exact_state(run)
        branch.observer.close()
        assert path.read_bytes() == content
    path.unlink()
    path.mkdir()
    branch, message = resume(journal)
    assert message.startswith(
        f"resumed at step 1,200; no usable checkpoint, journal replayed: {path}: Is a directory"
    )
    end_recording(branch)
    assert branch.observer.warning.startswith("checkpoints stopped: ")


def test_resume_keeps_exact_step_of_an_evaluation(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    branch = start_recording(path, RECIPES["counting-ones"].settings)
    branch.advance(200)
    branch.run.evaluation_tracker.evaluate(branch.run.trainer.model, 200)
    assert branch.run.evaluation_tracker.known_exact_step == 200
    branch.advance(900)
    end_recording(branch)
    resumed, _ = resume(path)
    resumed.observer.close()
    tracker = resumed.run.evaluation_tracker
    assert (tracker.known_exact_step, tracker.first_exact_step) == (200, 250)

"""A journal replays identically in another process; a replay reports the first difference."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from rnn_tui.engine.losses import LOSSES
from rnn_tui.engine.models import MODELS
from rnn_tui.recording.environment import current_environment
from rnn_tui.recording.journal_format import ChangeRecord, read_journal
from rnn_tui.recording.replay import ReplayVerifier
from rnn_tui.recording.resume import resume
from rnn_tui.recording.run_store import delete
from rnn_tui.run.branch import Branch
from rnn_tui.run.changes import CHANGE_NAMES, SetField
from rnn_tui.run.run import Run
from tests.support.makers import EACH_CHANGE, SMALL, settings_with, start_for
from tests.support.plans import PLANS, Plan, PlannedChange
from tests.support.recorded import (
    PAIRS,
    Line,
    alter_journal,
    change_at,
    end_recording,
    record_plan,
    replay_verdicts,
    small,
    start_recording,
)

pytestmark = pytest.mark.long

ELSEWHERE = current_environment().as_dict | {"processor": "another"}


def repeated(path: Path) -> ReplayVerifier:
    """Repeat the journal here."""
    recording = read_journal(path)
    replay = ReplayVerifier(recording, path.stem)
    branch = Branch(Run(recording.header.settings), replay)
    while not replay.finished:
        branch.advance(777)
    return replay


@pytest.mark.parametrize(("task", "optimizer"), PAIRS)
def test_any_run_replays_identically_in_another_process(
    task: str, optimizer: str, tmp_path: Path
) -> None:
    runs: dict[Path, Run] = {}

    @seed(PAIRS.index((task, optimizer)))
    @settings(max_examples=3, deadline=None)
    @given(PLANS, st.integers(0, 9), st.integers(500, 1100))
    def write(plan: Plan, seed: int, tail: int) -> None:
        path = tmp_path / f"{len(runs)}.jsonl"
        runs[path] = record_plan(path, small(task, optimizer, seed), plan, tail)

    write()
    written = [path for path in runs if path.exists()]
    assert len(written) > 1
    verdicts = [f"identical through step {runs[path].step:,}" for path in written]
    assert replay_verdicts(written) == verdicts


def test_every_kind_of_change_replays_identically(tmp_path: Path) -> None:
    runs = {}
    for place, name in enumerate(CHANGE_NAMES):
        path = tmp_path / f"{name}.jsonl"
        plan = [PlannedChange(37 * place % 100, EACH_CHANGE[name])]
        runs[path] = record_plan(path, start_for(name), plan, tail=120)
        assert [applied.change for applied in runs[path].log] == [EACH_CHANGE[name]]
    verdicts = [f"identical through step {run.step:,}" for run in runs.values()]
    assert replay_verdicts(list(runs)) == verdicts


def test_every_model_and_loss_replays_identically(tmp_path: Path) -> None:
    runs = {}
    for name, values in (("model", MODELS), ("loss", LOSSES)):
        for value in values:
            start = small("counting-ones" if value == "linear" else "addition", "sgd")
            path = tmp_path / f"{value}.jsonl"
            runs[path] = record_plan(
                path, start, [PlannedChange(50, SetField(name, value))], tail=150
            )
    verdicts = [f"identical through step {run.step:,}" for run in runs.values()]
    assert replay_verdicts(list(runs)) == verdicts


@pytest.mark.parametrize("rate", [1e5, 1e6])
def test_diverged_run_replays_identically(rate: float, tmp_path: Path) -> None:
    path, healed = tmp_path / "halted.jsonl", tmp_path / "healed.jsonl"
    start = settings_with(length=5, hidden_size=6, optimizer="momentum", learning_rate=rate)
    run = record_plan(path, start, [], tail=3000)
    assert run.halt_reason
    again = record_plan(healed, start, [PlannedChange(3000, SetField("lr", 0.1))], tail=1500)
    assert again.step == run.step + 1500
    assert replay_verdicts([path, healed]) == [
        f"identical through step {run.step:,}",
        f"identical through step {again.step:,}",
    ]


def test_replay_reports_different_digest(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    record_plan(path, SMALL, [PlannedChange(300, SetField("lr", 0.2))], tail=2200)
    assert repeated(path).verdict == "identical through step 2,500"
    alter_journal(path, lambda lines: lines[3].update(digest="0" * 32))
    replay = repeated(path)
    assert replay.mismatch == replay.verdict
    assert replay.verdict.startswith("differs first at step 2,000: metric is ")
    assert replay.verdict.endswith("; other bits")


@pytest.mark.parametrize("name", ["metric", "weight_norm", "optimizer_state_norm"])
@pytest.mark.parametrize("promised", [True, False])
def test_replay_tolerates_rounding_of_another_environment_only(
    name: str, promised: bool, tmp_path: Path
) -> None:
    path = tmp_path / "run.jsonl"
    start = settings_with(length=5, hidden_size=6, optimizer="adam", learning_rate=0.01)
    record_plan(path, start, [], tail=3000)

    def round_otherwise(lines: list[Line], share: float = 3e-10) -> None:
        lines[0]["environment"] = current_environment().as_dict if promised else ELSEWHERE
        for line in lines[1:]:
            line["digest"] = "0" * 32
        lines[2][name] *= 1 + share

    alter_journal(path, round_otherwise)
    if promised:
        assert repeated(path).verdict.startswith("differs first at step 1,000: ")
        return
    assert repeated(path).verdict == "agrees to 1e-9 through step 3,000"
    alter_journal(path, lambda lines: round_otherwise(lines, 3e-9))
    called = {
        "weight_norm": "norm of weights",
        "optimizer_state_norm": "norm of optimizer state",
    }.get(name, name)
    assert repeated(path).verdict.startswith(f"differs first at step 2,000: {called} is ")


def test_values_that_are_not_finite_agree(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    start = small("counting-ones", "rprop")
    huge = "weights=1e200,0.5"
    branch = start_recording(path, start)
    change_at(branch, 5, huge)
    end_recording(branch)

    def round_otherwise(lines: list[Line]) -> None:
        assert lines[-1].get("weight_norm") is None
        lines[0]["environment"], lines[-1]["digest"] = ELSEWHERE, "0" * 32

    alter_journal(path, round_otherwise)
    assert repeated(path).verdict == "agrees to 1e-9 through step 5"
    alter_journal(path, lambda lines: lines[-1].update(weight_norm=1.5))
    assert repeated(path).verdict.startswith("differs first at step 5: norm of weights is inf")


def test_replay_reports_change_that_cannot_be_applied(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"

    def verdict_after(step: int, spec: str) -> str:
        record_plan(path, SMALL, [PlannedChange(300, SetField("lr", 0.2))], tail=900)
        alter_journal(path, lambda lines: lines[1].update(step=step, change=spec))
        verdict = repeated(path).verdict
        delete(path)
        return verdict

    assert verdict_after(300, "lr=0.2") == "identical through step 1,200"
    assert verdict_after(301, "lr=0.2").startswith("differs first at step 1,000: ")
    assert verdict_after(300, "lr=0.1") == "differs first at step 300: lr=0.1 changes nothing"
    assert verdict_after(300, "momentum=0.5").startswith(
        "differs first at step 300: momentum=0.5: sgd has"
    )
    halts = verdict_after(300, "lr=1e6")
    assert halts.startswith("differs first at step 3")
    assert halts.endswith(": training diverges, unlike the recorded run")


def test_each_part_of_a_resumed_run_is_compared_by_its_own_environment(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    record_plan(path, SMALL, [], tail=1500)
    branch, _ = resume(path)
    branch.advance(1000)
    end_recording(branch)
    assert repeated(path).verdict == "identical through step 2,500"

    def move(lines: list[Line], machine: dict[str, str]) -> None:
        resumed = next(line for line in lines if "resumed" in line)
        resumed["resumed"] = machine
        lines[-1]["digest"] = "0" * 32

    alter_journal(path, lambda lines: move(lines, ELSEWHERE))
    assert repeated(path).verdict == "agrees to 1e-9 through step 2,500"
    alter_journal(path, lambda lines: move(lines, current_environment().as_dict))
    assert repeated(path).verdict.startswith("differs first at step 2,500: ")


def test_replay_applies_changes_at_step_zero_and_is_read_only(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    record_plan(
        path,
        SMALL,
        [PlannedChange(0, SetField("lr", 0.5)), PlannedChange(0, SetField("optimizer", "adam"))],
        10,
    )
    recording = read_journal(path)
    assert [line.step for line in recording.records if isinstance(line, ChangeRecord)] == [0, 0]
    replay = ReplayVerifier(recording)
    branch = Branch(Run(recording.header.settings), replay)
    assert branch.run.settings == replace(SMALL, optimizer="adam", learning_rate=0.01)
    assert replay.read_only_reason
    branch.advance(10)
    assert (replay.finished, replay.pop_message()) == (True, "identical through step 10")
    assert replay.pop_message() == ""

"""The Python API of `import rnn_tui`, and the npz layout in torch's own models."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnn_tui
from rnn_tui.config.switching import switched
from rnn_tui.recording.checkpoint import checkpoint_path
from rnn_tui.recording.export import export
from rnn_tui.recording.journal import Journal
from rnn_tui.run.changes import SetField
from rnn_tui.run.state import compute_digest
from tests.support.makers import SMALL
from tests.support.plans import PlannedChange
from tests.support.recorded import end_recording, record_plan, start_recording


def digest(run: rnn_tui.Run) -> str:
    state = run.state
    return compute_digest(state.weights, state.optimizer_state, state.stream_state)


def api_example() -> list[str]:
    """Return the indented lines of the package's docstring."""
    lines = str(rnn_tui.__doc__).splitlines()
    return [line.strip() for line in lines if line.startswith("    ")]


def test_lines_of_the_docstring_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    record_plan(tmp_path / "rnn-tui" / "20260101-run.jsonl", SMALL, [], tail=700)
    names: dict[str, Any] = {}
    lines = api_example()
    assert len(lines) == 12
    for line in lines:
        exec(line, names)
    assert names["run"].step == 1200


def test_hidden_states_predict_the_answer() -> None:
    run = rnn_tui.Run(rnn_tui.RECIPES["binary-addition"].settings)
    run.advance(8000)
    states = run.hidden_states("81 + 13")
    assert states.shape == (8, 16)
    outputs = 1 / (1 + np.exp(-states @ run.weights["output_weight"]))
    number = sum(int(output > 0.5) << place for place, output in enumerate(outputs[:, 0]))
    assert run.predict("81 + 13") == str(number) == "94"
    with pytest.raises(rnn_tui.UserError):
        run.predict("81 plus 13")


def test_overflow_of_hidden_states_is_no_warning() -> None:
    run = rnn_tui.Run(rnn_tui.RECIPES["counting-ones"].settings)
    run.weights["recurrent_weight"][...] = 1e200
    assert np.isinf(run.hidden_states("1111111111")[-1])


def test_weights_are_set_by_name() -> None:
    run = rnn_tui.Run(SMALL)
    run.weights["output_weight"][...] = 0.0
    run.weights["recurrent_weight"][...] = 0.0
    states = run.hidden_states("3 + 3")  # bits 1 1 0 0 0: without memory, equal inputs are equal
    assert states[0].tolist() == states[1].tolist() != states[2].tolist()
    assert not run.trainer.model.parameters.vector[-6:].any()


@pytest.mark.parametrize("model", ["elman", "gru", "lstm", "feed-forward"])
def test_hidden_states_of_every_model(model: str) -> None:
    run = rnn_tui.Run(switched(SMALL, model=model))
    assert run.hidden_states("1 + 2").shape == (5, 6)


@pytest.mark.parametrize("kind", ["name", "beginning", "journal", "checkpoint", "export", None])
@pytest.mark.parametrize("recipe", ["binary-addition", "nonlinear-addition", "counting-ones"])
def test_loaded_run_continues_with_the_same_numbers(
    kind: str | None, recipe: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    journal = tmp_path / "rnn-tui" / "20260101-run.jsonl"
    settings = replace(rnn_tui.RECIPES[recipe].settings, hidden_size=4)
    saved = record_plan(journal, settings, [], tail=60)
    [exported] = export(saved, tmp_path / "exported", [".npz"])
    runs: dict[str | None, str | Path | None] = {
        "name": "20260101-run",
        "beginning": "2026",
        "journal": journal,
        "checkpoint": checkpoint_path(journal),
        "export": exported,
        None: None,
    }
    loaded = rnn_tui.load_checkpoint(runs[kind])
    assert (loaded.step, digest(loaded)) == (60, digest(saved))
    loaded.advance(40)
    saved.advance(40)
    assert digest(loaded) == digest(saved)
    assert loaded.history.mean_metric == saved.history.mean_metric


@pytest.mark.parametrize("has_checkpoint", [True, False])
def test_load_checkpoint_restores_an_earlier_step(has_checkpoint: bool, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    saved = record_plan(path, SMALL, [PlannedChange(30, SetField("lr", 0.2))], tail=60)
    if not has_checkpoint:
        checkpoint_path(path).unlink()
    run, expected = rnn_tui.load_checkpoint(path, step=40), rnn_tui.Run(SMALL)
    expected.advance(30)
    expected.apply(SetField("lr", 0.2))
    expected.advance(10)
    assert (run.step, digest(run)) == (40, digest(expected))
    run.advance(50)
    assert digest(run) == digest(saved)
    assert digest(rnn_tui.load_checkpoint(path, step=0)) == digest(rnn_tui.Run(SMALL))
    for step in (91, -1):
        with pytest.raises(rnn_tui.UserError, match=f"the run has steps 0 to 90, not {step}"):
            rnn_tui.load_checkpoint(path, step=step)


def test_run_that_is_still_training_can_be_loaded(tmp_path: Path) -> None:
    branch = start_recording(tmp_path / "run.jsonl", SMALL)
    branch.advance(1100)
    assert Journal.is_locked(tmp_path / "run.jsonl")
    loaded = rnn_tui.load_checkpoint(tmp_path / "run.jsonl")
    assert loaded.step == 1000
    loaded.advance(100)
    assert digest(loaded) == digest(branch.run)
    end_recording(branch)


def test_exported_run_has_its_last_step_only(tmp_path: Path) -> None:
    run = rnn_tui.Run(SMALL)
    run.advance(5)
    [exported] = export(run, tmp_path / "exported", [".npz"])
    assert rnn_tui.load_checkpoint(exported, step=5).step == 5
    with pytest.raises(rnn_tui.UserError, match="has step 5 only, not 3"):
        rnn_tui.load_checkpoint(exported, step=3)


def test_analyze_returns_the_result_of_an_analysis_and_leaves_no_trace() -> None:
    run = rnn_tui.Run(SMALL)
    run.advance(20)
    before = digest(run)
    states = rnn_tui.analyze(run, "hidden-states", "3 + 9")
    assert states.states == pytest.approx(run.hidden_states("3 + 9"), rel=1e-12)
    assert rnn_tui.analyze(run, "memory").swap.all_pairs.n.tolist() == [2048] * 4
    assert digest(run) == before


@pytest.mark.parametrize(
    ("name", "input_text", "reason"),
    [
        ("memry", "", "did you mean memory"),
        ("hidden-states", "3 plus 9", "expected two numbers"),
        ("length", "", "one time step"),
    ],
)
def test_analyze_rejects_what_has_no_result(name: str, input_text: str, reason: str) -> None:
    task = "xor" if name == "length" else "addition"
    with pytest.raises(rnn_tui.UserError, match=reason):
        rnn_tui.analyze(rnn_tui.Run(switched(SMALL, task)), name, input_text)


def test_load_checkpoint_rejects_other_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    other = tmp_path / "other.npz"
    np.savez(other, weights=np.zeros(3))
    truncated = tmp_path / "truncated.npz"
    truncated.write_bytes(other.read_bytes()[:-30])
    for run in (other, truncated, tmp_path / "none.npz", "none", None):
        with pytest.raises(rnn_tui.UserError):
            rnn_tui.load_checkpoint(run)


def test_load_checkpoint_rejects_export_without_a_format(tmp_path: Path) -> None:
    [exported] = export(rnn_tui.Run(SMALL), tmp_path / "exported", [".npz"])
    with np.load(exported) as file:
        arrays = dict(file)
    about = json.loads(str(arrays["about.json"]))
    del about["format"]
    np.savez(exported, **arrays | {"about.json": np.array(json.dumps(about))})
    with pytest.raises(rnn_tui.UserError, match="export the run again"):
        rnn_tui.load_checkpoint(exported)


@pytest.mark.parametrize(
    ("choice", "advice"),
    [({"optimizer": "Adam"}, "did you mean adam?"), ({"model": "LSTM"}, "did you mean lstm?")],
)
def test_settings_reject_other_spellings_with_a_suggestion(
    choice: dict[str, Any], advice: str
) -> None:
    with pytest.raises(rnn_tui.UserError, match=re.escape(advice)):
        rnn_tui.Settings(recipe="xor", **choice)


def test_import_is_lazy() -> None:
    program = (
        "import sys, rnn_tui; assert not {'numpy', 'textual'} & set(sys.modules); "
        "assert 'Run' in dir(rnn_tui); assert rnn_tui.RECIPES; import rnn_tui.run.run"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
    with pytest.raises(AttributeError, match="no attribute 'Walk'"):
        _ = rnn_tui.Walk


@pytest.mark.parametrize("biases", [0, 1, 2])
@pytest.mark.parametrize("model", ["elman", "gru", "lstm"])
def test_exported_weights_give_the_same_states_in_torch(
    model: str, biases: int, tmp_path: Path
) -> None:
    torch: Any = pytest.importorskip("torch")
    settings = replace(switched(SMALL, model=model), biases=biases, activation="tanh")
    run = rnn_tui.Run(settings)
    run.advance(50)
    [path] = export(run, tmp_path / "run", [".npz"])
    with np.load(path) as file:
        weights = {
            name.removeprefix("parameters/"): torch.from_numpy(file[name])
            for name in file
            if name.startswith("parameters/")
        }
    kinds = {"elman": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}
    hidden = settings.hidden_size
    net = kinds[model](2, hidden, dtype=torch.float64)
    state = {name: torch.zeros_like(value) for name, value in net.state_dict().items()}
    state["weight_ih_l0"] = weights["input_weight"].T
    state["weight_hh_l0"] = weights["recurrent_weight"].T
    if biases:
        state["bias_ih_l0"] = weights["hidden_bias"]
    if "input_bias" in weights:
        state["bias_hh_l0"] = weights["input_bias"]
    if "candidate_bias" in weights:
        state["bias_hh_l0"][2 * hidden :] = weights["candidate_bias"]
    net.load_state_dict(state)
    with torch.no_grad():
        states = net(torch.from_numpy(run.task.parse_input("5 + 9")))[0][:, 0].numpy()
    assert states == pytest.approx(run.hidden_states("5 + 9"), rel=1e-12)

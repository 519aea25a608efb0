"""`rnn-tui inspect` and `evaluate` of recorded runs, and of runs that are trained first."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from rnn_tui.analysis.analyses import ANALYSES
from rnn_tui.config.switching import switched
from rnn_tui.recording.export import export
from rnn_tui.recording.load import load_checkpoint
from rnn_tui.run.changes import SetField
from rnn_tui.run.run import Run
from rnn_tui.run.subject import analyze
from tests.cli.test_json_lines import check_lines
from tests.support.makers import SMALL
from tests.support.plans import PlannedChange
from tests.support.recorded import record_plan
from tests.support.shell import run

USAGE_ERROR = 2
TINY = ("--length", "3", "--hidden-size", "2")


@pytest.fixture(scope="module")
def state_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state directory with a run of addition, and a later one of parity."""
    home = tmp_path_factory.mktemp("state")
    plan = [PlannedChange(50, SetField("lr", 0.2))]
    record_plan(home / "rnn-tui" / "20250101-addition.jsonl", SMALL, plan, tail=70)
    parity = replace(switched(SMALL, "parity"), hidden_size=2)
    record_plan(home / "rnn-tui" / "20250102-parity.jsonl", parity, [], tail=40)
    return home


@pytest.fixture(autouse=True)
def _in_state_home(state_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(state_home))


def test_inspect_prints_the_chosen_analyses_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    status, output, errors = run(capsys, "inspect", "20250101", "health", "memory")
    assert (status, errors) == (0, "")
    titles = [line for line in output.splitlines() if not line.startswith(" ")]
    assert titles[0].startswith("step 120: ")
    assert [title.partition(":")[0] for title in titles[1:]] == ["health", "memory"]


def test_inspect_prints_all_analyses_of_the_latest_run(capsys: pytest.CaptureFixture[str]) -> None:
    status, output, _ = run(capsys, "inspect", "--json")
    described, *lines = check_lines(output)
    assert status == 0
    assert (described["kind"], described["task"], described["step"]) == ("run", "parity", 40)
    assert [line["name"] for line in lines] == list(ANALYSES)
    for line in lines:
        assert (line["figures"] is None) == (line["reason"] is not None)
    by_length = [sample["length"] for sample in lines[-1]["figures"]["by_length"]]
    assert by_length == [factor * by_length[0] for factor in (1, 2, 4, 8)]
    assert lines[-1]["figures"]["ripples"] is None


TRAINED = "memory --length 5 --hidden-size 6 --at 50:lr=0.2 --steps 120"


@pytest.mark.parametrize("words", ["20250101 memory", TRAINED])
def test_inspect_analyzes_each_step(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Of a saved run, and of one that is trained by the same settings and change."""
    options = ("--step", "0,50,70,120", "--json")
    status, output, _ = run(capsys, "inspect", *words.split(), *options)
    lines = [line for line in check_lines(output) if line["kind"] == "analysis"]
    assert status == 0
    assert [line["step"] for line in lines] == [0, 50, 70, 120]
    expected = Run(SMALL, [(50, SetField("lr", 0.2))])
    for line in lines:
        expected.advance(line["step"] - expected.step)
        memory, figures = analyze(expected, "memory"), line["figures"]
        assert line["n"] == memory.n_sequences
        assert figures["swap_differing"] == memory.swap.differing_pairs.accuracy
        assert figures["r_propagate"] == memory.correlations.propagate.tolist()
        assert figures["probe_propagate"]["probe"] == memory.probe.propagate.probe


def test_inspect_writes_nothing(state_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.read_bytes() for path in state_home.rglob("*.*")}
    run(capsys, "inspect", "20250101", "health", "--step", "30")
    run(capsys, "inspect", "health", "--steps", "5", *TINY)
    run(capsys, "evaluate", "20250101", "--length", "8", "--ripples", "5")
    assert {path: path.read_bytes() for path in state_home.rglob("*.*")} == before


def test_inspect_takes_a_journal_or_an_exported_file(
    state_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = state_home / "rnn-tui" / "20250101-addition.jsonl"
    [exported] = export(load_checkpoint(journal), tmp_path / "run", [".npz"])
    outputs = {
        run(capsys, "inspect", name, "memory", "health")[1]
        for name in ("20250101-addition", str(journal), str(exported))
    }
    assert len(outputs) == 1
    status, _, errors = run(capsys, "inspect", str(exported), "memory", "--step", "3")
    assert (status, errors) == (
        USAGE_ERROR,
        f"rnn-tui: {exported}: an exported run has step 120 only, not 3\n",
    )


def test_inspect_trains_a_new_run_first(capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--steps", "60", "--at", "50:lr=0.2", *TINY, "--json")
    _, output, _ = run(capsys, "inspect", "health", *options)
    described, line = check_lines(output)
    assert described["lr"] == 0.2
    assert (line["step"], line["figures"]["n_updates"]) == (60, 16)
    _, earlier, _ = run(capsys, "inspect", "health", *options, "--step", "20")
    assert check_lines(earlier)[1]["step"] == 20


def test_input_is_the_example(capsys: pytest.CaptureFixture[str]) -> None:
    _, output, _ = run(capsys, "inspect", "20250101", "hidden-states", "--input", "3 + 9")
    assert output.splitlines()[2:5] == [
        "  a            00011",
        "  b            01001",
        "  target       01100",
    ]


def test_halted_run_is_analyzed_with_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    status, output, errors = run(capsys, "inspect", "health", "--lr", "1e6", "--steps", "100")
    assert status == 1
    assert output.startswith("step 0: ")
    assert "\n  update       input weight: " in output
    assert re.fullmatch(
        r"rnn-tui: halted at step \d+: .*; the analyses are of the weights of step 0\n", errors
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("memroy --steps 5", "unknown analysis 'memroy' (did you mean memory?)"),
        ("20250101 memroy", "unknown analysis 'memroy' (did you mean memory?)"),
        ("2024", "unknown run '2024'"),
        ("20250101 --step 121", "the run has steps 0 to 120, not 121"),
        ("--steps 5 --step 6", "the run has steps 0 to 5, not 6"),
        ("20250101 --step 1,x", "'x' is not an integer"),
        ("20250101 --input x", "expected two numbers, as in "),
        ("20250101 --at 5:lr=1", "--at changes a run that is trained first"),
    ],
)
def test_inspect_rejects_invalid_words(
    words: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, output, errors = run(capsys, "inspect", *words.split())
    assert (status, output) == (USAGE_ERROR, "")
    assert errors.startswith(f"rnn-tui: {message}")
    assert errors.count("\n") == 1


def test_evaluate_prints_pairs_and_ripples(capsys: pytest.CaptureFixture[str]) -> None:
    words = "20250101 --length 8,16 --length 20 --pairs 30 --ripples 7"
    status, output, _ = run(capsys, "evaluate", *words.split())
    assert status == 0
    lines = output.splitlines()
    labels = [line.split("  ")[1] for line in lines[1:5]]
    assert labels == ["8 bits", "16 bits", "20 bits", "ripple"]
    assert all(" of 30 random pairs" in line for line in lines[1:4])
    _, json, _ = run(capsys, "evaluate", *words.split(), "--step", "3", "--json")
    _, line = check_lines(json)
    figures = line["figures"]
    assert (line["step"], line["n"]) == (3, 90)
    assert [each["length"] for each in figures["by_length"]] == [8, 16, 20]
    assert {ripple["max_columns"] for ripple in figures["ripples"]} == {7}


def test_evaluate_of_another_task_has_its_sequences_only(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, output, _ = run(capsys, "evaluate", "20250102", "--json")
    figures = check_lines(output)[1]["figures"]
    assert [each["length"] for each in figures["by_length"]][:4] == [5, 10, 20, 40]
    assert figures["ripples"] is figures["longest"] is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("20250102 --ripples 5", "Ripples need an arithmetic task"),
        ("20250101 --ripples 1025", "Ripples have 1 to 1,024 columns, not 1,025"),
        ("20250101 --ripples 0", "Ripples have 1 to 1,024 columns, not 0"),
        ("20250101 --length 1025", "1,024 sequences of length 1,025 cannot be evaluated"),
        ("20250101 --length 0", "1,024 sequences of length 0 cannot be evaluated"),
        ("20250101 --length 8 --pairs 1e9", "1,000,000,000 sequences of length 8 cannot"),
        ("20250101 --length 8 --pairs -1", "-1 sequences of length 8 cannot"),
        ("20250101 --length 8;9", "'8;9' is not an integer"),
        ("20250101 --step 999", "the run has steps 0 to 120, not 999"),
    ],
)
def test_evaluate_rejects_invalid_sizes(
    words: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, output, errors = run(capsys, "evaluate", *words.split())
    assert (status, output) == (USAGE_ERROR, "")
    assert errors.startswith(f"rnn-tui: {message}")
    assert errors.count("\n") == 1


@pytest.mark.parametrize("words", ["inspect 20250101 health", "evaluate 20250101"])
def test_interrupt_ends_with_status_130(
    words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("rnn_tui.analysis.health.health", interrupted)
    monkeypatch.setattr("rnn_tui.cli.inspect.evaluate_run_at", interrupted)
    status, _, errors = run(capsys, *words.split())
    assert (status, errors) == (130, "")

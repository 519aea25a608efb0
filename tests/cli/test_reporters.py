"""`train` prints the values of the dashboard's panes, as text and as JSON."""

import re
import shlex
from pathlib import Path

import pytest

import rnn_tui
from rnn_tui.config.recipes import RECIPES
from rnn_tui.engine.tasks import TASKS
from rnn_tui.engine.tasks.bit_sequences import BitSequenceTask
from rnn_tui.text.ascii import to_ascii
from tests.support.shell import objects, output_of, run, small_size_options

PACKAGE = Path(rnn_tui.__file__).parent
FATE = re.compile(
    r"(vanishes|decays|is stable|grows|explodes), x\S+ per time step, \S+ over \d+"
    r"|zero at the last t"
)


def rows(text: str) -> dict[str, list[str]]:
    """Return the lines of `text` by the label at their beginning."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        found.setdefault(line[:14].strip(), []).append(line[15:])
    return found


def test_report_has_the_values_of_each_pane() -> None:
    text = output_of("train", "--steps", "2001")
    lines_of = rows(text[text.index("step 2000\n") :])
    assert lines_of["carry"] == ["11111000"]  # of 116 + 44
    sure = [int(share) for share in lines_of["confidence %"][0].split()]
    assert len(sure) == 8
    assert all(50 <= share <= 100 for share in sure)
    (trend,) = lines_of["gradient"]
    assert FATE.fullmatch(trend.removeprefix("loss at last t: "))
    assert (lines_of["a"], lines_of["b"]) == ([f"{116:08b}"], [f"{44:08b}"])
    norms = r"(loss at last t|loss at all t), t 8 to 1: \S+( \S+){7}"
    assert [bool(re.fullmatch(norms, line)) for line in lines_of["by t"]] == [True, True]
    assert all(float(norm) > 0 for norm in lines_of["by t"][1].split(": ")[1].split())
    mean = r"L1 error \d\.\d{3}, best \d\.\d{3}, no memory 3\.743"
    assert re.fullmatch(mean, lines_of["mean of 100"][0])
    sequences = r"sequence accuracy \d+\.\d\d % \([\d,]+ of 16,384\) after step [\d,]+"
    bits = r"bit accuracy \d+\.\d\d % \(no memory 62\.45 %\)"
    assert re.fullmatch(f"{sequences}; {bits}", lines_of["accuracy"][0])
    assert lines_of["100 %"] == ["not yet"]
    assert re.fullmatch(r"[\d,]+ steps/s", lines_of["speed"][0])


def test_last_step_is_reported_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, text, _ = run(capsys, "train", "--steps", "1000")
    header = "end of training, after step 1000; last example, predicted before its update\n"
    lines_of = rows(text[text.index(header) :])
    for name in (
        "L1 error",
        "predicted",
        "target",
        "a",
        "b",
        "carry",
        "confidence %",
        "mean of 100",
    ):
        assert len(lines_of[name]) == 1
    assert "of 16,384) after step 1,000;" in lines_of["accuracy"][0]
    _, text, _ = run(capsys, "train", "--steps", "1001")
    assert "end of training" not in text
    _, output, _ = run(capsys, "train", "--steps", "1000", "--json")
    assert [line["kind"] for line in objects(output)] == ["run", "progress", "summary"]


def test_two_weight_model_reports_its_gradient(capsys: pytest.CaptureFixture[str]) -> None:
    _, text, _ = run(capsys, "train", "--recipe", "counting-ones", "--steps", "1")
    lines_of = rows(text)
    assert lines_of["gradient"][0].startswith("dloss/dw_x -")
    assert re.fullmatch(r"over time, t 0 to 10: \S+( \S+){10}", lines_of["by t"][0])


def test_json_has_the_same_values_as_numbers() -> None:
    _, *reports, summary = objects(output_of("train", "--json"))
    assert (summary["step"], summary["sequence_accuracy"]) == (10_000, 1)
    for report in reports:
        example = report["example"]
        a, b = example["operands"]
        carries = [int((a % 2**k) + (b % 2**k) >= 2**k) for k in range(8)]
        assert example["required_state"] == carries
        assert example["predicted_bits"] == [int(output > 0.5) for output in example["outputs"]]
        assert len(example["outputs"]) == 8
        norms, last_norms = example["gradient_norms"], example["last_step_gradient_norms"]
        assert norms[-1] == last_norms[-1] > 0  # only its own loss depends on the last state
        assert last_norms[0] < norms[0]
        assert report["baseline_l1_error"] == pytest.approx(3.7428818739854055)
        assert report["n_correct"] <= report["n_sequences"] == 16_384
        assert report["evaluated_step"] <= report["step"] + 1
    means = [report["mean_l1_error_100"] for report in reports[1:]]
    bests = [report["best_mean_l1_error_100"] for report in reports]
    assert bests[0] is None
    assert bests[1:] == sorted(bests[1:], reverse=True)
    assert all(best <= mean for best, mean in zip(bests[1:], means, strict=True))
    assert summary["best_mean_l1_error_100"] <= bests[-1]
    assert [report["first_exact_step"] for report in reports] == 7 * [None] + 3 * [7_000]


def test_first_exact_step_is_reported_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = ("--task", "parity", "--length", "4", "--optimizer", "adam", "--every", "500")
    switch = ("--at", "1750:task=delayed-xor")
    _, text, _ = run(capsys, "train", *options, "--steps", "2000", *switch)
    lines = text.splitlines()
    first = "after step 1500: sequence accuracy 100 % of all 16 sequences, checked every 250 steps"
    assert lines.count(first) == 1
    switched = next(line for line in lines if line.startswith("after step 1750: task"))
    assert lines.index(first) < lines.index("after step 1500") < lines.index(switched)


@pytest.mark.parametrize("task", TASKS)
def test_every_task_reports_its_required_state(
    capsys: pytest.CaptureFixture[str], task: str
) -> None:
    options = ("--task", task, "--steps", "12", "--every", "10", *small_size_options(task=task))
    _, text, _ = run(capsys, "train", *options)
    lines_of = rows(text)
    kind = TASKS[task]
    has_bits = not kind.is_regression and task != "xor"
    assert ("confidence %" in lines_of) == has_bits
    assert (kind.state_name in lines_of) == (has_bits and bool(kind.state_name))
    assert ("gradient" in lines_of) == (task != "xor")
    assert lines_of["accuracy"]
    if has_bits and issubclass(kind, BitSequenceTask):
        assert set(kind.input_names) <= set(lines_of)


@pytest.mark.parametrize("recipe", RECIPES)
def test_repeat_command_repeats_the_run(capsys: pytest.CaptureFixture[str], recipe: str) -> None:
    options = ("--recipe", recipe, "--steps", "40", "--at", "20:lr=0.02")
    _, text, _ = run(capsys, "train", *options)
    _, output, _ = run(capsys, "train", *options, "--json")
    command = next(line for line in text.splitlines() if line.startswith("to repeat the run: "))
    repeat = objects(output)[-1]["repeat_command"]
    assert command == f"to repeat the run: {repeat}"
    _, again, _ = run(capsys, *shlex.split(repeat)[1:], "--json")
    for name in (
        "mean_loss_100",
        "mean_l1_error_100",
        "n_correct",
        "bit_accuracy",
        "skipped_steps",
        "repeat_command",
    ):
        assert objects(again)[-1][name] == objects(output)[-1][name]


def test_every_character_of_the_program_has_an_ascii_replacement() -> None:
    sources = [path for path in PACKAGE.rglob("*.py") if "tui" not in path.parts]
    letters = {letter for path in sources for letter in path.read_text("utf-8")}
    assert {letter for letter in letters if to_ascii(letter) == "?"} <= set("?\n")
    assert to_ascii("a − b → ŷ\x1b[2J\r\n\x9b1m🙂") == "a - b -> y_hat?[2J???1m?"

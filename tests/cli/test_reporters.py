"""`train` says in lines, and as JSON, what the dashboard's panes show."""

import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

import rnn_tui
from rnn_tui.config.recipes import RECIPES
from rnn_tui.engine.evaluation import Score
from rnn_tui.engine.tasks import TASKS
from rnn_tui.engine.tasks.bit_sequences import BitSequenceTask
from rnn_tui.session.snapshot import EMPTY_SNAPSHOT
from rnn_tui.text.ascii import to_ascii
from rnn_tui.text.report import first_exact_text
from tests.support.shell import objects, run

PACKAGE = Path(rnn_tui.__file__).parent
FATE = re.compile(r"(vanishes|is stable|explodes), \S+ from last to first t|zero at the last t")


def rows(text: str) -> dict[str, list[str]]:
    """Return what the lines of `text` say, by the name at their beginning."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        found.setdefault(line[:14].strip(), []).append(line[15:])
    return found


def test_a_report_says_what_each_pane_shows(capsys: pytest.CaptureFixture[str]) -> None:
    _, text, _ = run(capsys, "train", "--steps", "2001")
    said = rows(text[text.index("step 2000\n") :])
    assert said["carry"] == ["11111000"]  # of 116 + 44
    sure = [int(share) for share in said["confidence %"][0].split()]
    assert len(sure) == 8
    assert all(50 <= share <= 100 for share in sure)
    alone, whole = said["gradient"]
    assert FATE.fullmatch(alone.removeprefix("loss at last t: "))
    assert FATE.fullmatch(whole.removeprefix("loss at all t: "))
    assert (said["a"], said["b"]) == ([f"{116:08b}"], [f"{44:08b}"])
    norms = r"(loss at last t|loss at all t), t 1 to 8: \S+( \S+){7}"
    assert [bool(re.fullmatch(norms, line)) for line in said["by t"]] == [True, True]
    assert all(float(norm) > 0 for norm in said["by t"][1].split(": ")[1].split())
    mean = r"\d\.\d{3} mean of the last 100, best mean \d\.\d{3}, no memory 3\.743"
    assert re.fullmatch(mean, said["L1 error"][0])
    sequences = r"sequence accuracy \d+\.\d\d % \([\d,]+ of 16,384\) after step [\d,]+"
    bits = r"bit accuracy \d+\.\d\d % \(no memory 62\.5%\)"
    assert re.fullmatch(f"{sequences}; {bits}", said["accuracy"][0])
    assert said["first 100 %"] == ["not yet"]
    assert re.fullmatch(r"[\d,]+ steps/s", said["speed"][0])


def test_the_end_is_told_where_the_last_step_was_no_report(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, text, _ = run(capsys, "train", "--steps", "1000")
    said = rows(text[text.index("at the end, after step 1000\n") :])
    for name in ("error", "predicted", "target", "a", "b", "carry", "confidence %", "L1 error"):
        assert len(said[name]) == 1
    assert "of 16,384) after step 1,000;" in said["accuracy"][0]
    _, text, _ = run(capsys, "train", "--steps", "1001")
    assert "at the end" not in text
    _, output, _ = run(capsys, "train", "--steps", "1000", "--json")
    assert len(objects(output)) == 2


def test_two_weights_say_their_slopes(capsys: pytest.CaptureFixture[str]) -> None:
    _, text, _ = run(capsys, "train", "--recipe", "counting-ones", "--steps", "1")
    said = rows(text)
    assert said["gradient"][0].startswith("dloss/dw_x -")
    assert re.fullmatch(r"over time, t 0 to 10: \S+( \S+){10}", said["by t"][0])


def test_a_net_that_is_all_right_is_never_said_not_to_be() -> None:
    score = Score(n_correct=4, n_sequences=4, n_correct_bits=8, n_bits=8, exhaustive=True)
    now = replace(EMPTY_SNAPSHOT, score=score, score_step=1_200)
    assert first_exact_text(EMPTY_SNAPSHOT) == "not yet"
    assert first_exact_text(now) == "by step 1,200"
    assert first_exact_text(replace(now, first_exact=900)) == "at step 900"
    assert first_exact_text(replace(now, score=score._replace(exhaustive=False))) == "not yet"


def test_json_says_the_same_as_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    _, output, _ = run(capsys, "train", "--json")
    *reports, summary = objects(output)
    for report in reports:
        a, b = report["a"], report["b"]
        carries = [int((a % 2**k) + (b % 2**k) >= 2**k) for k in range(8)]
        assert report["memory"] == carries[::-1]
        assert len(report["sure"]) == len(report["predicted_bits"]) == 8
        assert all(0.5 <= share <= 1 for share in report["sure"])
        felt, alone = report["gradient_norms"], report["gradient_norms_of_last"]
        assert felt[-1] == alone[-1] > 0  # what is felt at the last step comes from its own loss
        assert alone[0] < felt[0]
        assert report["memoryless_error"] == pytest.approx(3.7428818739854055)
        assert report["exact"] <= report["pairs"] == 16_384
        assert report["score_after"] <= report["step"] + 1
    means = [report["mean_error"] for report in reports[1:]]
    bests = [report["best_mean_error"] for report in reports]
    assert bests[0] is None
    assert bests[1:] == sorted(bests[1:], reverse=True)
    assert all(best <= mean for best, mean in zip(bests[1:], means, strict=True))
    assert summary["best_mean_error"] <= bests[-1]
    assert [report["first_exact"] for report in reports] == 7 * [None] + 3 * [7_000]


def test_it_is_told_when_every_result_is_right_for_the_first_time(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, text, _ = run(capsys, "train", "--steps", "7500", "--at", "7250:task=subtraction")
    lines = text.splitlines()
    first = "after step 7000: every result is right, for the first time"
    assert lines.count(first) == 1
    turned = next(line for line in lines if line.startswith("after step 7250: task"))
    assert lines.index(first) < lines.index("step 7000") < lines.index(turned)


@pytest.mark.parametrize("task", TASKS)
def test_every_task_says_what_has_to_be_remembered(
    capsys: pytest.CaptureFixture[str], task: str
) -> None:
    options = (
        "--task",
        task,
        "--length",
        "5",
        "--steps",
        "12",
        "--every",
        "10",
        "--hidden-size",
        "4",
    )
    _, text, _ = run(capsys, "train", *options)
    said = rows(text)
    kind = TASKS[task]
    has_bits = not kind.is_regression and task != "xor"
    assert ("confidence %" in said) == has_bits
    assert (kind.memory_name in said) == (has_bits and bool(kind.memory_name))
    assert ("gradient" in said) == (task != "xor")
    assert said["accuracy"]
    if has_bits and issubclass(kind, BitSequenceTask):
        assert set(kind.input_names) <= set(said)


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_command_it_leaves_repeats_the_run(
    capsys: pytest.CaptureFixture[str], recipe: str
) -> None:
    options = ("--recipe", recipe, "--steps", "40", "--at", "20:lr=0.02")
    _, text, _ = run(capsys, "train", *options)
    _, output, _ = run(capsys, "train", *options, "--json")
    command = next(line for line in text.splitlines() if line.startswith("to repeat it: "))
    repeat = objects(output)[-1]["repeat"]
    assert command == f"to repeat it: {repeat}"
    _, again, _ = run(capsys, *shlex.split(repeat)[1:], "--json")
    for name in ("mean_error", "exact", "bit_accuracy", "skipped", "repeat"):
        assert objects(again)[-1][name] == objects(output)[-1][name]


def test_every_letter_of_the_program_has_its_ascii() -> None:
    sources = [path for path in PACKAGE.rglob("*.py") if "tui" not in path.parts]
    letters = {letter for path in sources for letter in path.read_text("utf-8")}
    assert {letter for letter in letters if to_ascii(letter) == "?"} <= set("?\n")
    assert to_ascii("a − b → ŷ\x1b[2J\r\n\x9b1m🙂") == "a - b -> y_hat?[2J???1m?"

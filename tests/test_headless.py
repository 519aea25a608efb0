"""`rnn-tui train`, `recipes` and wrong use, as the shell sees them."""

import json
from typing import Any

import pytest

from rnn_tui.cli import main
from rnn_tui.engine.models import Elman, Trace
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.recipes import RECIPES
from tests.reference import load


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Return exit status, standard output and standard error."""
    try:
        status = main(arguments)
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 1
    output, errors = capsys.readouterr()
    return status, output, errors


def test_default_recipe_prints_the_tutorials_ten_blocks(capsys: pytest.CaptureFixture[str]) -> None:
    status, output, errors = run(capsys, "train")
    expected = []
    for block in load("transcripts")["recipes"]["binary-addition"]["lines"]:
        right = block["predicted"] == block["true"]
        verdict = "right" if right else f"wrong, it is {block['true']}"
        expected += [
            f"step {block['iteration']}",
            f"  error      {block['error']:.8f}",
            f"  predicted  {block['predicted']:08b}",
            f"  true       {block['true']:08b}",
            f"  {block['a']} + {block['b']} = {block['predicted']}  {verdict}",
        ]
    lines = output.splitlines()
    assert lines[:-2] == expected
    assert lines[-2].startswith("right results: 16,384 of all 16,384; right bits: 100.0000%")
    assert lines[-1].startswith("10,000 steps, ")
    assert lines[-1].endswith(" steps/s")
    assert (status, errors) == (0, "")


@pytest.mark.parametrize("recipe", RECIPES)
def test_json_says_the_same_one_object_a_line(
    capsys: pytest.CaptureFixture[str], recipe: str
) -> None:
    status, output, _ = run(capsys, "train", "--recipe", recipe, "--json")
    *reports, summary = map(json.loads, output.splitlines())
    expected = load("transcripts")["recipes"][recipe]["lines"]
    assert len(reports) == len(expected)
    for report, block in zip(reports, expected, strict=True):
        assert report["step"] == block["iteration"]
        assert report["error"] == pytest.approx(block["error"], abs=5e-9)
        assert (report["a"], report["b"]) == (block["a"], block["b"])
        assert int(report["predicted_bits"], 2) == report["predicted"] == block["predicted"]
        assert int(report["true_bits"], 2) == report["true"] == block["true"]
        assert report["right"] == (block["predicted"] == block["true"])
    assert summary["exact"] == summary["pairs"]
    assert summary["steps"] == RECIPES[recipe].settings.steps
    assert status == 0


def test_64_bits_are_exact_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    _, output, _ = run(capsys, "train", "--bits", "64", "--steps", "3", "--every", "1", "--json")
    for line in output.splitlines()[:-1]:
        report = json.loads(line)
        assert report["a"] + report["b"] == report["true"] == int(report["true_bits"], 2)


def test_until_exact_stops_at_the_first_exact_step(capsys: pytest.CaptureFixture[str]) -> None:
    status, output, _ = run(capsys, "train", "--until-exact", "--json")
    summary = json.loads(output.splitlines()[-1])
    assert status == 0
    assert summary["exact"] == summary["pairs"]
    assert summary["steps"] == summary["first_exact"] < 10_000


def test_a_net_that_is_exact_at_the_very_end_has_reached_the_goal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, output, _ = run(
        capsys, "train", "--until-exact", "--steps", "7100", "--json", "--at", "0:hidden=15"
    )
    summary = json.loads(output.splitlines()[-1])
    assert (status == 0) == (summary["exact"] == summary["pairs"])


def test_changes_before_and_after_the_command_all_count(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, output, _ = run(
        capsys, "--at", "1:lr=0.2", "train", "--at", "2:hidden=1e1", "--steps", "5", "--json"
    )
    log = [json.loads(line).get("change") for line in output.splitlines()]
    assert [change for change in log if change] == ["lr=0.2", "hidden=10"]


def test_what_cannot_be_written_is_said_in_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("rnn_tui.headless.train", full)
    status, _, errors = run(capsys, "train")
    assert (status, errors) == (1, "rnn-tui: [Errno 28] No space left on device\n")


def test_an_interrupt_before_training_is_status_130(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("rnn_tui.headless.train", interrupted)
    assert run(capsys, "train") == (130, "", "")


def test_a_goal_that_is_not_reached_is_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    status, output, _ = run(capsys, "train", "--until-exact", "--steps", "300", "--json")
    assert status == 1
    assert json.loads(output.splitlines()[-1])["steps"] == 300


def test_a_run_that_halts_is_status_1_and_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    status, output, errors = run(capsys, "train", "--lr", "1000")
    assert status == 1
    assert errors.startswith("rnn-tui: halted at step ")
    assert "units saturated" in errors
    assert "steps/s" in output


def test_changes_take_effect_at_their_steps(capsys: pytest.CaptureFixture[str]) -> None:
    changes = ("--at", "100:lr=0.2", "--at", "50:task=subtraction", "--at", "100:optimizer=adam")
    _, output, _ = run(capsys, "train", "--steps", "200", "--json", *changes)
    said = [json.loads(line) for line in output.splitlines()]
    log = [(entry["after_step"], entry["change"]) for entry in said if "change" in entry]
    assert log == [(50, "task=subtraction"), (100, "lr=0.2"), (100, "optimizer=adam")]


def test_options_may_stand_before_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    def said(*arguments: str) -> Any:
        _, output, _ = run(capsys, *arguments)
        return [json.loads(line) for line in output.splitlines()[:-1]]

    options = ("--seed", "3", "--steps", "10")
    assert said(*options, "train", "--json") == said("train", *options, "--json")


@pytest.mark.parametrize(
    "options", [(), ("--task", "subtraction", "--hidden", "5", "--batch", "3")]
)
def test_check_finds_the_gradient_right(
    capsys: pytest.CaptureFixture[str], options: tuple[str, ...]
) -> None:
    status, output, _ = run(capsys, "check", *options)
    assert status == 0
    assert [line.split()[0] for line in output.splitlines()] == [
        "input_weight",
        "recurrent_weight",
        "output_weight",
    ]
    assert all(line.endswith("  right") for line in output.splitlines())


def test_check_finds_a_wrong_gradient(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    right = Elman.backward

    def backward(model: Elman, trace: Trace, logit_gradient: FloatArray) -> None:
        right(model, trace, logit_gradient)
        model.gradient["recurrent_weight"][0, 0] *= 1.01

    monkeypatch.setattr(Elman, "backward", backward)
    status, output, _ = run(capsys, "check")
    assert status == 1
    assert [line.split()[0] for line in output.splitlines() if line.endswith("WRONG")] == [
        "recurrent_weight"
    ]


def test_recipes_are_listed_with_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    status, output, _ = run(capsys, "recipes")
    assert status == 0
    assert [line.split()[0] for line in output.splitlines()] == list(RECIPES)


WRONG_USE = {
    ("train", "--task", "additon"): "did you mean addition?",
    ("train", "--optimizer", "adm"): "did you mean adam?",
    ("--recipe", "binry-addition"): "did you mean binary-addition?",
    ("trian",): "did you mean train?",
    ("train", "--init", "unifrom"): "did you mean uniform?",
    ("train", "--lr", "nan"): "must be above 0",
    ("train", "--lr", "0"): "must be above 0",
    ("train", "--lr", "inf"): "must be above 0",
    ("train", "--lr", "fast"): "'fast' is not a number",
    ("train", "--bits", "0"): "bits must be a whole number from 2 to 64, not 0",
    ("train", "--bits", "65"): "bits must be a whole number from 2 to 64, not 65",
    ("train", "--hidden", "1e9"): "hidden must be a whole number from 1 to 512",
    ("train", "--hidden", "1.5"): "'1.5' is not a whole number",
    ("train", "--hidden", "inf"): "'inf' is not a whole number",
    ("train", "--batch", "-1"): "batch must be a whole number from 1 to 4,096",
    ("train", "--seed", "-1"): "seed must be a whole number from 0",
    ("train", "--steps", "0"): "steps must be a whole number from 1",
    ("train", "--every", "0"): "--every must be at least 1",
    ("train", "--bits", "64", "--batch", "4096", "--hidden", "512"): "bits × batch × hidden",
    ("train", "--at", "5"): "should read STEP:NAME=VALUE",
    ("train", "--at", "5:rate=1"): "there is no change 'rate'",
    ("train", "--at", "5:lr=x"): "lr: 'x' is not a number",
    ("train", "--at", "5:lr=-1"): "must be above 0",
    ("train", "--at", "20000:lr=1"): "there are 10,000 steps",
    ("check", "--at", "5:lr=1"): "unrecognized arguments: --at",
    ("train", "--colour"): "unrecognized arguments: --colour",
    ("--speed", "0"): "a speed is above 0",
}


@pytest.mark.parametrize(("arguments", "said"), WRONG_USE.items())
def test_wrong_use_gets_one_line_and_status_2(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    status, output, errors = run(capsys, *arguments)
    assert (status, output) == (2, "")
    assert said in errors
    assert errors.startswith("rnn-tui")
    assert errors.count("\n") == 1

"""`rnn-tui train`, `check` and `recipes`, as the shell sees them."""

import json
from typing import Any

import pytest

from rnn_tui.config.recipes import RECIPES
from rnn_tui.engine.models import MODELS, Elman, ForwardCache
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import TASKS
from tests.support.reference import load
from tests.support.shell import objects, run

TRANSCRIPTS = load("transcripts")["recipes"]
FITTING = [
    (task, model)
    for task in ("addition", "subtraction", "echo", "temporal-order", "counting-ones", "xor")
    for model in MODELS
    if model != "linear" or len(TASKS[task].input_names) == 1
]


def test_default_recipe_prints_the_tutorials_ten_blocks(capsys: pytest.CaptureFixture[str]) -> None:
    status, output, errors = run(capsys, "train")
    expected = []
    for block in TRANSCRIPTS["binary-addition"]["lines"]:
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
    starts = [place for place, line in enumerate(lines) if line.startswith("step ")]
    assert [line for place in starts for line in lines[place : place + 5]] == expected
    assert lines[-2].startswith("right results: 16,384 of all 16,384; right bits: 100.0000%")
    assert lines[-1].startswith("10,000 steps, ")
    assert lines[-1].endswith(" steps/s")
    assert (status, errors) == (0, "")


@pytest.mark.parametrize("recipe", TRANSCRIPTS)
def test_json_says_the_same_one_object_a_line(
    capsys: pytest.CaptureFixture[str], recipe: str
) -> None:
    status, output, _ = run(capsys, "train", "--recipe", recipe, "--json")
    *reports, summary = objects(output)
    expected = TRANSCRIPTS[recipe]["lines"]
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
    _, output, _ = run(capsys, "train", "--length", "64", "--steps", "3", "--every", "1", "--json")
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
        capsys, "train", "--until-exact", "--steps", "7100", "--json", "--at", "0:hidden-size=15"
    )
    summary = json.loads(output.splitlines()[-1])
    assert (status == 0) == (summary["exact"] == summary["pairs"])


def test_changes_before_and_after_the_command_all_count(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, output, _ = run(
        capsys, "--at", "1:lr=0.2", "train", "--at", "2:hidden-size=1e1", "--steps", "5", "--json"
    )
    log = [json.loads(line).get("change") for line in output.splitlines()]
    assert [change for change in log if change] == ["lr=0.2", "hidden-size=10"]


def test_what_cannot_be_written_is_said_in_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("rnn_tui.cli.train.train", full)
    status, _, errors = run(capsys, "train")
    assert (status, errors) == (1, "rnn-tui: [Errno 28] No space left on device\n")


def test_an_interrupt_before_training_is_status_130(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("rnn_tui.cli.train.train", interrupted)
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
    changes = ("100:lr=0.2", "50:task=subtraction", "100:optimizer=adam", "150:beta1=0.5")
    words = [word for change in changes for word in ("--at", change)]
    _, output, _ = run(capsys, "train", "--steps", "200", "--json", *words)
    log = [(it["after_step"], it["change"]) for it in objects(output) if "change" in it]
    assert log == [
        (50, "task=subtraction"),
        (100, "lr=0.2"),
        (100, "optimizer=adam"),
        (150, "beta1=0.5"),
    ]


def test_options_may_stand_before_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    def said(*arguments: str) -> Any:
        _, output, _ = run(capsys, *arguments)
        return [json.loads(line) for line in output.splitlines()[:-1]]

    options = ("--seed", "3", "--steps", "10")
    assert said(*options, "train", "--json") == said("train", *options, "--json")


@pytest.mark.parametrize(("task", "model"), FITTING)
def test_check_finds_the_gradient_right(
    capsys: pytest.CaptureFixture[str], task: str, model: str
) -> None:
    status, output, errors = run(
        capsys, "check", "--task", task, "--model", model, "--hidden-size", "5", "--length", "5"
    )
    assert (status, errors) == (0, "")
    names = [line.split()[0] for line in output.splitlines()]
    assert len(set(names)) == len(names) >= 2
    assert all(line.endswith("  right") for line in output.splitlines())
    if (task, model) == ("addition", "elman"):
        assert names == ["input_weight", "recurrent_weight", "output_weight"]


@pytest.mark.parametrize("recipe", RECIPES)
def test_check_finds_every_recipe_s_gradient_right(
    capsys: pytest.CaptureFixture[str], recipe: str
) -> None:
    status, output, _ = run(capsys, "check", "--recipe", recipe, "--hidden-size", "3")
    assert status == 0
    assert "WRONG" not in output


def test_check_looks_no_further_where_nothing_is_taught(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # The one pair drawn is 44 and 47: a < b, which has no difference.
    status, output, errors = run(capsys, "check", "--task", "subtraction", "--dataset-size", "1")
    assert (status, output) == (2, "")
    assert errors.startswith("rnn-tui: there is nothing to learn from these examples")
    assert errors.count("\n") == 1


def test_check_finds_a_wrong_gradient(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    right = Elman.backward

    def backward(model: Elman, trace: ForwardCache, logit_gradient: FloatArray) -> None:
        right(model, trace, logit_gradient)
        model.gradient["recurrent_weight"][0, 0] *= 1.01

    monkeypatch.setattr(Elman, "backward", backward)
    status, output, _ = run(capsys, "check")
    assert status == 1
    assert [line.split()[0] for line in output.splitlines() if line.endswith("WRONG")] == [
        "recurrent_weight"
    ]


def test_recipes_are_listed_with_their_quirks(capsys: pytest.CaptureFixture[str]) -> None:
    status, output, _ = run(capsys, "recipes")
    assert status == 0
    lines = output.splitlines()
    quirks: dict[str, list[str]] = {}
    name = ""
    for line in lines:
        if line.startswith(" "):
            quirks[name].append(line.strip().removeprefix("· "))
        else:
            name, summary = line.split("  ", 1)
            quirks[name] = []
            assert summary.strip() == RECIPES[name].summary
    assert list(quirks) == list(RECIPES)
    assert quirks["binary-addition"] == []
    for name, quirk in (
        ("counting-ones", "optimizer rprop-tutorial: "),
        ("xor", "update-rule layerwise: "),
        ("xor-deep", "reduction sum: "),
        ("nonlinear-addition", "batching overlapping: "),
        ("nonlinear-addition", "optimizer rmsprop-ahead: "),
        ("nonlinear-addition", "biases 2: "),
        ("nonlinear-addition", "initializer glorot-second: "),
    ):
        assert [line.startswith(quirk) for line in quirks[name]].count(True) == 1


def test_numbers_below_zero_are_said_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    options = ("train", "--task", "twos-complement", "--steps", "20", "--every", "1")
    _, output, _ = run(capsys, *options, "--json")
    reports = objects(output)[:-1]
    assert min(report["true"] for report in reports) < 0 < max(it["true"] for it in reports)
    _, text, _ = run(capsys, *options)
    for report in reports:
        assert report["true"] == report["a"] - report["b"]
        assert f"  {report['a']} - {report['b']} = {report['predicted']}  " in text


def test_what_overflows_is_no_number_in_json_and_warns_of_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = ("--recipe", "counting-ones", "--optimizer", "sgd", "--clip-norm", "inf")
    status, output, errors = run(capsys, "train", *options, "--every", "1", "--json")
    assert status == 1
    assert errors.startswith("rnn-tui: halted at step 3: loss overflowed; the weights are those of")
    *reports, summary = objects(output)
    assert summary["halted"] == "loss overflowed"
    assert None in [report["loss"] for report in reports]
    assert summary["weights"] == {"input_weight": -1.5, "recurrent_weight": 2.0}


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_every_task_is_trained_and_told(
    capsys: pytest.CaptureFixture[str], task: str, options: tuple[str, ...]
) -> None:
    words = ("train", "--task", task, "--length", "5", "--steps", "9", "--every", "2", *options)
    status, output, errors = run(capsys, *words, "--hidden-size", "4")
    assert (status, errors) == (0, "")
    if options:
        *reports, summary = objects(output)
        assert (summary["steps"], summary["halted"]) == (9, None)
        assert len(reports) >= 1
    else:
        assert output.splitlines()[-1].startswith("9 steps, ")
        assert "right results: " in output

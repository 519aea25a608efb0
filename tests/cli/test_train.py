"""`rnn-tui train`, `check` and `recipes` on the command line."""

import json
import re
from typing import Any

import pytest

from rnn_tui.config.recipes import RECIPES
from rnn_tui.engine.models import MODELS, Elman, ForwardCache
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import TASKS
from tests.support.reference import load
from tests.support.shell import objects, output_of, run, small_size_options

TRANSCRIPTS = load("transcripts")["recipes"]
SOON_EXACT = ("--task", "parity", "--length", "4", "--optimizer", "adam")
FITTING = [
    (task, model)
    for task in ("addition", "subtraction", "echo", "temporal-order", "counting-ones", "xor")
    for model in MODELS
    if model != "linear" or len(TASKS[task].input_names) == 1
]


def test_default_recipe_prints_the_blocks_of_the_tutorial() -> None:
    output = output_of("train")
    expected = []
    for block in TRANSCRIPTS["binary-addition"]["lines"]:
        correct = block["predicted"] == block["true"]
        verdict = "correct" if correct else f"incorrect, the target is {block['true']}"
        expected += [
            f"after step {block['iteration']}",
            f"  L1 error     {block['error']:.8f}",
            f"  predicted    {block['predicted']:08b}",
            f"  target       {block['true']:08b}",
            f"  {block['a']} + {block['b']} = {block['predicted']}  {verdict}",
        ]
    lines = output.splitlines()
    starts = [place for place, line in enumerate(lines) if re.fullmatch(r"after step \d+", line)]
    assert [line for place in starts for line in lines[place : place + 5]] == expected
    assert lines[-2].startswith(
        "sequence accuracy 100.00 % (16,384 of 16,384); bit accuracy 100.00 %"
    )
    assert lines[-1].startswith("addition: 10,000 steps, ")
    assert lines[-1].endswith(" steps/s")


@pytest.mark.parametrize("recipe", TRANSCRIPTS)
def test_json_has_the_numbers_of_the_tutorial(recipe: str) -> None:
    """The first two of them: `test_recipes` reproduces all."""
    expected = TRANSCRIPTS[recipe]["lines"][:2]
    steps = str(expected[-1]["iteration"] + 1)
    *reports, _ = objects(output_of("train", "--recipe", recipe, "--steps", steps, "--json"))[1:]
    assert len(reports) == len(expected)
    for report, block in zip(reports, expected, strict=True):
        assert report["step"] == block["iteration"]
        assert report["l1_error"] == pytest.approx(block["error"], abs=5e-9)
        example = report["example"]
        assert example["l1_error"] == pytest.approx(report["l1_error"], rel=1e-12)
        squares = [(y - p) ** 2 for y, p in zip(*_targets_and_outputs(example), strict=True)]
        assert report["loss"] == pytest.approx(sum(squares) / 2, rel=1e-12)
        assert example["operands"] == [block["a"], block["b"]]
        assert number(example["predicted_bits"]) == example["prediction"] == block["predicted"]
        assert number(example["targets"]) == example["target"] == block["true"]
        assert example["correct"] == (block["predicted"] == block["true"])


def number(bits: list[float]) -> int:
    """Return the number of these bits, lowest first."""
    return sum(int(bit) << place for place, bit in enumerate(bits))


def _targets_and_outputs(example: dict[str, Any]) -> tuple[list[float], list[float]]:
    return example["targets"], example["outputs"]


def test_json_has_512_bit_numbers_exactly(capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--length", "512", "--hidden-size", "1", "--steps", "3", "--every", "1")
    _, output, _ = run(capsys, "train", *options, "--json")
    reports = [line for line in objects(output) if line["kind"] == "progress"]
    assert len(reports) == 3
    for report in reports:
        example = report["example"]
        assert sum(example["operands"]) == example["target"] == number(example["targets"])


def test_planted_initializer_chooses_the_settings_of_its_adder(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, output, _ = run(capsys, "train", "--initializer", "planted", "--steps", "1", "--json")
    first, *_, summary = objects(output)
    assert (first["settings"]["hidden-size"], first["settings"]["biases"]) == (3, 1)
    assert summary["first_exact_step"] is None
    assert summary["sequence_accuracy"] == 1


def test_until_exact_stops_at_the_first_exact_step(capsys: pytest.CaptureFixture[str]) -> None:
    status, output, _ = run(capsys, "train", *SOON_EXACT, "--until-exact", "--json")
    summary = json.loads(output.splitlines()[-1])
    assert status == 0
    assert summary["sequence_accuracy"] == 1
    assert summary["step"] == summary["first_exact_step"] == 1500


def test_until_exact_counts_the_last_evaluation(
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = (*SOON_EXACT, "--until-exact", "--steps", "1490")
    status, output, _ = run(capsys, "train", *options, "--json")
    summary = json.loads(output.splitlines()[-1])
    assert (summary["step"], summary["first_exact_step"]) == (1490, None)
    assert (status, summary["sequence_accuracy"]) == (0, 1)


def test_changes_before_and_after_the_command_are_joined(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, output, _ = run(
        capsys, "--at", "1:lr=0.2", "train", "--at", "2:hidden-size=1e1", "--steps", "5", "--json"
    )
    log = [json.loads(line).get("change") for line in output.splitlines()]
    assert [change for change in log if change] == ["lr=0.2", "hidden-size=10"]


def test_os_error_is_one_line_and_status_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("rnn_tui.cli.train.train", full)
    status, _, errors = run(capsys, "train")
    assert (status, errors) == (1, "rnn-tui: No space left on device\n")


def test_interrupt_before_training_is_status_130(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("rnn_tui.cli.train.train", interrupted)
    assert run(capsys, "train") == (130, "", "")


def test_training_ends_at_a_breakpoint_with_its_reason(
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = ("train", "--length", "3", "--break", "loss>0 and step=150", "--break=step=200")
    status, output, errors = run(capsys, *options)
    assert (status, errors) == (0, "")
    reason = "the mean L1 error of the last 100 steps is [0-9.]+; the step is reached"
    assert re.search(f"\nafter step 150: breakpoint loss>0 and step=150: {reason}\n", output)
    assert "\ntraining ended at breakpoint loss>0 and step=150\n" in output
    assert "addition: 150 steps, " in output.splitlines()[-1]
    *_, hit, summary = objects(run(capsys, *options, "--json")[1])
    assert (hit["kind"], hit["step"], hit["condition"]) == (
        "breakpoint",
        150,
        "loss>0 and step=150",
    )
    assert re.fullmatch(reason, hit["text"])
    assert (summary["step"], summary["breakpoints"]) == (150, ["loss>0 and step=150"])


def test_breakpoint_before_the_goal_is_status_0(capsys: pytest.CaptureFixture[str]) -> None:
    status, output, _ = run(capsys, "train", "--break", "step=7", "--until-exact")
    assert (status, "\ntraining ended at breakpoint step=7\n" in output) == (0, True)


def test_events_are_in_the_summary(capsys: pytest.CaptureFixture[str]) -> None:
    summary = objects(run(capsys, "train", "--steps", "1000", "--json")[1])[-1]
    (event,) = summary["events"]
    assert (event["step"], event["kind"]) == (1000, "plateau")
    assert summary["breakpoints"] == []


def test_breakpoint_that_cannot_be_hit_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, errors = run(capsys, "train", "--recipe", "xor", "--break", "memory-used")
    assert status == 2
    assert errors.startswith("rnn-tui: --break memory-used: The task has no required")
    status, _, errors = run(capsys, "train", "--break", "exat")
    assert status == 2
    assert errors.startswith(
        "rnn-tui: argument --break: unknown condition 'exat' (did you mean exact?)"
    )


def test_missed_goal_is_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    status, output, _ = run(capsys, "train", "--until-exact", "--steps", "300", "--json")
    assert status == 1
    assert json.loads(output.splitlines()[-1])["step"] == 300


def test_halted_run_is_status_1_with_the_reason(capsys: pytest.CaptureFixture[str]) -> None:
    status, output, errors = run(capsys, "train", "--lr", "1000")
    assert status == 1
    assert errors.startswith("rnn-tui: halted at step ")
    assert "units saturated" in errors
    assert "steps/s" in output


def test_changes_take_effect_at_their_steps(capsys: pytest.CaptureFixture[str]) -> None:
    changes = ("100:lr=0.2", "50:task=subtraction", "100:optimizer=adam", "150:beta1=0.5")
    words = [word for change in changes for word in ("--at", change)]
    _, output, _ = run(capsys, "train", "--steps", "200", "--json", *words)
    log = [(line["step"], line["change"]) for line in objects(output) if line["kind"] == "change"]
    assert log == [
        (50, "task=subtraction"),
        (100, "lr=0.2"),
        (100, "optimizer=adam"),
        (150, "beta1=0.5"),
    ]


def test_options_may_stand_before_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    def reports(*arguments: str) -> Any:
        _, output, _ = run(capsys, *arguments)
        return [json.loads(line) for line in output.splitlines()[:-1]]

    options = ("--seed", "3", "--steps", "10")
    assert reports(*options, "train", "--json") == reports("train", *options, "--json")


@pytest.mark.parametrize(("task", "model"), FITTING)
def test_check_accepts_the_gradient_of_every_model(
    capsys: pytest.CaptureFixture[str], task: str, model: str
) -> None:
    status, output, errors = run(
        capsys,
        *("check", "--task", task, "--model", model),
        *small_size_options(task=task, model=model),
    )
    assert (status, errors) == (0, "")
    names = [line.split()[0] for line in output.splitlines()]
    assert len(set(names)) == len(names) >= 2
    assert all(line.endswith("  correct") for line in output.splitlines())
    if (task, model) == ("addition", "elman"):
        assert names == ["input_weight", "recurrent_weight", "output_weight"]


@pytest.mark.parametrize("recipe", RECIPES)
def test_check_accepts_the_gradient_of_every_recipe(
    capsys: pytest.CaptureFixture[str], recipe: str
) -> None:
    status, output, _ = run(capsys, "check", "--recipe", recipe, *small_size_options(recipe))
    assert status == 0
    assert "INCORRECT" not in output


def test_check_rejects_a_dataset_without_targets(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # The one pair drawn is 44 and 47: a < b, which has no difference.
    status, output, errors = run(capsys, "check", "--task", "subtraction", "--dataset-size", "1")
    assert (status, output) == (2, "")
    assert errors.startswith("rnn-tui: no sequence of this dataset has a target")
    assert errors.count("\n") == 1


def test_check_finds_an_incorrect_gradient(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    correct_backward = Elman.backward

    def backward(model: Elman, trace: ForwardCache, logit_gradient: FloatArray) -> None:
        correct_backward(model, trace, logit_gradient)
        model.gradient["recurrent_weight"][0, 0] *= 1.01

    monkeypatch.setattr(Elman, "backward", backward)
    status, output, _ = run(capsys, "check")
    assert status == 1
    assert [line.split()[0] for line in output.splitlines() if line.endswith("INCORRECT")] == [
        "recurrent_weight"
    ]


def test_recipes_are_listed_with_their_deviations(capsys: pytest.CaptureFixture[str]) -> None:
    status, output, _ = run(capsys, "recipes")
    assert status == 0
    lines = output.splitlines()
    deviations: dict[str, list[str]] = {}
    name = ""
    for line in lines:
        if line.startswith(" "):
            deviations[name].append(line.strip().removeprefix("· "))
        else:
            name, summary = line.split("  ", 1)
            deviations[name] = []
            assert summary.strip() == RECIPES[name].summary
    assert list(deviations) == list(RECIPES)
    assert deviations["binary-addition"] == []
    for name, deviation in (
        ("counting-ones", "optimizer rprop-tutorial: "),
        ("xor", "update-rule layerwise: "),
        ("xor-deep", "reduction sum: "),
        ("nonlinear-addition", "batching overlapping: "),
        ("nonlinear-addition", "optimizer rmsprop-ahead: "),
        ("nonlinear-addition", "biases 2: "),
        ("nonlinear-addition", "initializer glorot-second-draw: "),
    ):
        assert [line.startswith(deviation) for line in deviations[name]].count(True) == 1


def test_negative_numbers_are_printed_with_a_sign(capsys: pytest.CaptureFixture[str]) -> None:
    sizes = ("--length", "5", "--hidden-size", "4")
    options = ("train", "--task", "twos-complement", *sizes, "--steps", "20", "--every", "1")
    _, output, _ = run(capsys, *options, "--json")
    examples = [line["example"] for line in objects(output) if line["kind"] == "progress"]
    targets = [example["target"] for example in examples]
    assert min(targets) < 0 < max(targets)
    _, text, _ = run(capsys, *options)
    for example in examples:
        a, b = example["operands"]
        assert example["target"] == a - b
        assert f"  {a} - {b} = {example['prediction']}  " in text


def test_overflow_is_null_in_json_without_a_warning(
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = ("--recipe", "counting-ones", "--optimizer", "sgd", "--clip-norm", "inf")
    status, output, errors = run(capsys, "train", *options, "--every", "1", "--json")
    assert status == 1
    assert errors.startswith(
        "rnn-tui: halted at step 3: loss overflowed; weights of step 0 restored"
    )
    _, *reports, summary = objects(output)
    assert summary["halt_reason"] == "loss overflowed"
    assert None in [report["loss"] for report in reports]
    assert summary["weights"] == {"input_weight": -1.5, "recurrent_weight": 2.0}


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_every_task_is_trained_and_reported(
    capsys: pytest.CaptureFixture[str], task: str, options: tuple[str, ...]
) -> None:
    words = ("train", "--task", task, "--steps", "9", "--every", "2", *options)
    status, output, errors = run(capsys, *words, *small_size_options(task=task))
    assert (status, errors) == (0, "")
    if options:
        _, *reports, summary = objects(output)
        assert (summary["step"], summary["halt_reason"]) == (9, None)
        assert len(reports) >= 1
    else:
        assert output.splitlines()[-1].startswith(f"{task}: 9 steps, ")
        assert "sequence accuracy " in output


def test_until_exact_ends_at_a_check_after_a_change(capsys: pytest.CaptureFixture[str]) -> None:
    planted = ("--initializer", "planted", "--lr", "1e-6", "--length", "5", "--steps", "600")
    options = (*planted, "--at", "100:loss=cross-entropy", "--until-exact", "--json")
    summary = objects(run(capsys, "train", *options)[1])[-1]
    assert (summary["first_exact_step"], summary["step"]) == (100, 250)

"""What makes no run is refused in one line that says what would."""

import pytest

from tests.support.shell import run

COUNTING = ("train", "--task", "counting-ones")
LOG = {  # what comes of changes depends on those before them
    "wrong": ("1:optimizer=rprop", "2:step-min=10", "3:optimizer=sgd", "4:optimizer=rprop"),
    "right": ("1:optimizer=rprop", "2:step-min=1e-9", "3:optimizer=sgd", "4:optimizer=rprop"),
}

WRONG_USE = {
    ("train", "--task", "additon"): "did you mean addition?",
    ("train", "--optimizer", "adm"): "did you mean adam?",
    ("train", "--model", "elmann"): "did you mean elman?",
    ("train", "--activation", "sigmod"): "did you mean sigmoid?",
    ("train", "--loss", "cross-entrpy"): "did you mean cross-entropy?",
    ("--recipe", "binry-addition"): "did you mean binary-addition?",
    ("trian",): "did you mean train?",
    ("train", "--initializer", "unifrom"): "did you mean uniform?",
    ("train", "--lr", "nan"): "must be above 0",
    ("train", "--lr", "0"): "must be above 0",
    ("train", "--lr", "inf"): "must be above 0",
    ("train", "--lr", "fast"): "'fast' is not a number",
    ("train", "--length", "0"): "length must be a whole number from 2 to 64, not 0",
    ("train", "--length", "65"): "length must be a whole number from 2 to 64, not 65",
    ("train", "--hidden-size", "1e9"): "hidden-size must be a whole number from 1 to 512",
    ("train", "--hidden-size", "1.5"): "'1.5' is not a whole number",
    ("train", "--hidden-size", "inf"): "'inf' is not a whole number",
    ("train", "--layers", "9"): "layers must be a whole number from 1 to 8, not 9",
    ("train", "--batch-size", "-1"): "batch-size must be a whole number from 1 to 4,096",
    ("train", "--seed", "-1"): "seed must be a whole number from 0",
    ("train", "--steps", "0"): "steps must be a whole number from 1",
    ("train", "--every", "0"): "--every must be at least 1",
    (
        "train",
        "--length",
        "64",
        "--batch-size",
        "4096",
        "--hidden-size",
        "512",
    ): "bits × batch × hidden",
    ("train", "--momentum", "0.5"): "sgd has no momentum; momentum, nesterov",
    ("train", "--optimizer", "adam", "--eta-plus", "2"): "adam has no eta-plus; rprop",
    ("train", "--optimizer", "adam", "--beta1", "1"): "beta1 must be at least 0 and below 1, not 1",
    ("train", "--optimizer", "rprop", "--step-min", "60"): "step-min must not be above step-max",
    ("train", "--update-rule", "layerwise"): "layerwise updates need a feed-forward net, not elman",
    ("train", "--model", "linear"): "the two-weight net has one input, and addition has 2",
    (
        "train",
        "--initializer",
        "far",
    ): "far names two weights: it is for the linear net, not for elman",
    ("train", "--task", "echo", "--lag", "8"): "the lag must be below the 8 bits, not 8",
    ("train", "--lag", "0"): "lag must be a whole number from 1 to 63, not 0",
    (
        "train",
        "--dataset-size",
        "3",
        "--batch-size",
        "5",
    ): "batch-size 5 is more than the dataset of 3",
    (*COUNTING, "--loss", "cross-entropy"): "its loss is mean-squared-error, not cross-entropy",
    (*COUNTING, "--batch-size", "21"): "batch-size 21 is more than the dataset of 20",
    ("train", "--clip-norm", "0"): "clip-norm must be above 0",
    ("train", "--weight-decay", "-1"): "weight-decay must be at least 0",
    ("train", "--at", "5"): "should read STEP:NAME=VALUE",
    ("train", "--at", "5:rate=1"): "unknown change 'rate'",
    ("train", "--at", "5:seed=1"): "seed is for the start of a run: rnn-tui --seed",
    ("train", "--at", "5:lr=x"): "lr: 'x' is not a number",
    ("train", "--at", "5:lr=-1"): "must be above 0",
    ("train", "--at", "20000:lr=1"): "there are 10,000 steps",
    ("train", "--at", "5:momentum=0.5"): "sgd has no momentum",
    ("train", "--at", "5:weights=1,2"): "this model has 304 weights, not 2",
    ("train", "--at", "5:weights=1,nan"): "weights must be finite",
    (*COUNTING, "--at", "1:model=elman", "--at", "2:weights=1,1"): "weights, not 2",
    (
        "train",
        *(word for change in LOG["wrong"] for word in ("--at", change)),
        *("--at", "5:step-max=5"),
    ): "step-min must not be above step-max, which is 5",
    ("check", "--at", "5:lr=1"): "unrecognized arguments: --at",
    ("check", "--model", "linear"): "the two-weight net has one input",
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


def test_a_schedule_that_makes_a_run_only_as_a_whole_is_taken(
    capsys: pytest.CaptureFixture[str],
) -> None:
    changes = [*LOG["right"], "5:step-max=1e-8"]  # below the step-min that rprop has by itself
    words = [word for change in changes for word in ("--at", change)]
    status, output, errors = run(capsys, "train", "--steps", "9", *words)
    assert (status, errors) == (0, "")
    assert "after step 5: step max 50 -> 1e-08" in output

"""Usage errors: one line on standard error, exit status 2; and what --help lists."""

import re
from pathlib import Path

import pytest

from rnn_tui.cli.arguments import schedule_from, settings_from
from rnn_tui.cli.main import COMMANDS, make_parser
from rnn_tui.cli.parser import EXAMPLES
from rnn_tui.config.fields import FIELDS
from tests.support.shell import run

COUNTING = ("train", "--task", "counting-ones")
SCHEDULES = {  # whether a change is valid depends on those before it
    "invalid": ("1:optimizer=rprop", "2:step-min=10", "3:optimizer=sgd", "4:optimizer=rprop"),
    "valid": ("1:optimizer=rprop", "2:step-min=1e-9", "3:optimizer=sgd", "4:optimizer=rprop"),
}

USAGE_ERRORS = {
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
    ("train", "--length", "0"): "length must be an integer from 2 to 512, not 0",
    ("train", "--length", "513"): "length must be an integer from 2 to 512, not 513",
    ("train", "--hidden-size", "1e9"): "hidden-size must be an integer from 1 to 512",
    ("train", "--lesion", "17"): "lesion must be a hidden unit from 1 to 16, or none, not 17",
    ("train", "--at", "5:lesion=17"): "lesion must be a hidden unit from 1 to 16, or none",
    ("train", "--task", "xor", "--lesion", "3"): "lesion 3 has no effect with model feed-forward",
    ("train", "--hidden-size", "1.5"): "'1.5' is not an integer",
    ("train", "--hidden-size", "inf"): "'inf' is not an integer",
    ("train", "--layers", "9"): "layers must be an integer from 1 to 8, not 9",
    ("train", "--batch-size", "-1"): "batch-size must be an integer from 1 to 4,096",
    ("train", "--seed", "-1"): "seed must be an integer from 0",
    ("train", "--steps", "0"): "steps must be an integer from 1",
    ("train", "--every", "0"): "--every must be at least 1",
    ("--seeds", "129"): "the number of siblings must be from 0 (none) to 128, not 129",
    ("--plain", "--seeds", "-1"): "the number of siblings must be from 0 (none) to 128, not -1",
    ("--seeds", "3", "train"): "unknown option --seeds",
    ("--plain", "--fps", "5"): "--plain and --fps exclude each other",
    ("train", "--plain", "--dialogs-pause"): "unknown option --dialogs-pause",
    ("resume", "--headless", "--dialogs-pause"): "--headless and --dialogs-pause exclude",
    ("resume", "--headless", "--seeds", "3"): "--headless and --seeds exclude each other",
    (
        "train",
        "--length",
        "64",
        "--batch-size",
        "4096",
        "--hidden-size",
        "512",
    ): "length × batch-size × hidden-size must be at most 4,194,304, not 64 × 4096 × 512",
    ("train", "--momentum", "0.5"): "sgd has no momentum; momentum, nesterov",
    ("train", "--optimizer", "adam", "--eta-plus", "2"): "adam has no eta-plus; rprop",
    ("train", "--optimizer", "adam", "--beta1", "1"): "beta1 must be at least 0 and below 1, not 1",
    ("train", "--optimizer", "rprop", "--step-min", "60"): "step-min must not be above step-max",
    ("train", "--update-rule", "layerwise"): "update-rule layerwise needs model feed-forward",
    ("train", "--model", "linear"): "model linear has one input, and addition has 2",
    ("train", "--initializer", "constant"): "initializer constant needs model linear, not elman",
    ("train", "--task", "echo", "--lag", "8"): "lag must be below the length, which is 8, not 8",
    ("train", "--lag", "0"): "lag must be an integer from 1 to 511, not 0",
    (
        "train",
        "--dataset-size",
        "3",
        "--batch-size",
        "5",
    ): "batch-size 5 is above dataset-size 3",
    (*COUNTING, "--loss", "cross-entropy"): "counting-ones is a regression task",
    (*COUNTING, "--batch-size", "21"): "batch-size 21 is above dataset-size 20",
    ("train", "--clip-norm", "0"): "clip-norm must be above 0",
    ("train", "--weight-decay", "-1"): "weight-decay must be at least 0",
    ("train", "--at", "5"): "'5' is not STEP:NAME=VALUE",
    ("train", "--at", "5:rate=1"): "unknown setting 'rate'",
    ("train", "--at", "5:seed=1"): "seed cannot change during a run; start one with --seed 1",
    ("train", "--at", "5:lr=x"): "lr: 'x' is not a number",
    ("train", "--at", "5:lr=-1"): "must be above 0",
    ("train", "--at", "20000:lr=1"): "the run has 10,000 steps",
    ("train", "--at", "5:momentum=0.5"): "sgd has no momentum",
    ("train", "--at", "5:weights=1,2"): "this model has 304 weights, not 2",
    ("train", "--at", "5:weights=1,nan"): "weights must be finite",
    (*COUNTING, "--at", "1:model=elman", "--at", "2:weights=1,1"): "weights, not 2",
    (
        "train",
        *(word for change in SCHEDULES["invalid"] for word in ("--at", change)),
        *("--at", "5:step-max=5"),
    ): "step-min must not be above step-max, which is 5",
    ("train", "--layers", "3"): "layers 3 has no effect with model elman (used by feed-forward)",
    ("train", "--lag", "2"): "lag 2 has no effect on task addition (used by echo, delayed-xor)",
    ("train", "--lag", "1"): "lag 1 has no effect on task addition (used by echo, delayed-xor)",
    ("--task", "xor", "--length", "9"): "length 9 has no effect on task xor (used by all other",
    ("--plain", "--batching", "overlapping"): "without a fixed dataset (set dataset-size)",
    ("train", "--model", "lstm", "--activation", "tanh"): "(used by elman, feed-forward)",
    ("train", "--model", "gru", "--biases", "2"): "biases 2 is 1 with model gru (2 is for elman)",
    ("check", "--recipe", "counting-ones", "--hidden", "2"): "has no effect with model linear",
    ("check", "--recipe", "xor", "--initial-state", "learned"): "(used by elman, gru, lstm)",
    ("train", "--at", "5:layers=2"): "--at 5:layers=2: layers 2 has no effect with model elman",
    ("--model", "gru", "--at", "1:model=lstm", "--at", "2:activation=relu"): "with model lstm",
    ("--task", "echo", "--at", "1:task=parity", "--at", "2:lag=2"): "no effect on task parity",
    ("check", "--steps", "5"): "unknown option --steps; see rnn-tui check --help",
    ("--steps", "5", "check"): "unknown option --steps; see rnn-tui check --help",
    ("check", "--optimizer", "adam"): "unknown option --optimizer; see rnn-tui check --help",
    ("check", "--at", "5:lr=1"): "unknown option --at; see rnn-tui check --help",
    ("check", "--model", "linear"): "model linear has one input",
    ("train", "--colour"): "unknown option --colour; see rnn-tui train --help",
    ("--optimzer", "adam"): "unknown option --optimzer (did you mean --optimizer?)",
    ("train", "--hiden-size=4"): "unknown option --hiden-size (did you mean --hidden-size?)",
    ("trian", "--until-exact"): "unknown command 'trian' (did you mean train?)",
    ("train", "--epochs", "3"): "there are no epochs; use --steps",
    ("train", "--at", "5:epochs=3"): "there are no epochs; use --steps",
    ("train", "--epoch", "3"): "there are no epochs; use --steps",
    ("train", "--units", "tanh"): "unknown option --units: 'units' is now 'activation'",
    ("train", "--init", "normal"): "unknown option --init: 'init' is now 'initializer'",
    ("--init=normal",): "unknown option --init: 'init' is now 'initializer'",
    ("train", "--at", "5:units=tanh"): "argument --at: 'units' is now 'activation'",
    ("runs", "xor", "--delete", "x"): "--delete takes names of runs after it, not 'xor' before",
    ("runs", "--epochs", "3"): "unknown option --epochs; see rnn-tui runs --help",
    ("train", "--at", "5:lr=0.1 optimizer=adam"): "enter one change at a time",
    ("train", "--initializer", "kaiming"): "unknown initializer 'kaiming'. Choose from: uniform",
    ("--speed", "0"): "a speed must be above 0",
}


@pytest.mark.parametrize(("arguments", "message"), USAGE_ERRORS.items())
def test_usage_error_prints_one_line_and_exits_with_2(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    status, output, errors = run(capsys, *arguments)
    assert (status, output) == (2, "")
    assert message in errors
    assert errors.startswith("rnn-tui")
    assert errors.count("\n") == 1


def test_schedule_is_checked_change_by_change(
    capsys: pytest.CaptureFixture[str],
) -> None:
    changes = [*SCHEDULES["valid"], "5:step-max=1e-8"]  # below the default step-min of rprop
    words = [word for change in changes for word in ("--at", change)]
    status, output, errors = run(capsys, "train", "--steps", "9", *words)
    assert (status, errors) == (0, "")
    assert "after step 5: step max 50 -> 1e-08" in output


@pytest.mark.parametrize(
    "options",
    [
        "--recipe xor-deep --model elman",  # layers and length are the recipe's
        "--recipe nonlinear-addition --model gru",  # so are its two biases
        "--lag 3 --at 5:task=echo",
        "--at 3:layers=2 --at 5:model=feed-forward",
        "--biases 2 --model lstm --at 5:model=elman",
        "--batching overlapping --batch-size 3 --at 5:dataset-size=9",
        "--biases 1 --model gru",
    ],
)
def test_settings_that_a_later_change_brings_to_effect_are_accepted(options: str) -> None:
    args = make_parser().parse_args(["train", *options.split()])
    schedule_from(args, settings_from(args))


def test_options_accept_aliases_and_synonyms(capsys: pytest.CaptureFixture[str]) -> None:
    names = "--model RNN --loss MSE --initializer Xavier --optimizer Adam --activation ReLU"
    aliases = "--hidden 5 --learning-rate 0.03 --batch 2 --at 1:learning_rate=0.2 --at 2:batch=3"
    words = [*names.split(), *aliases.split(), "--steps", "3"]
    status, output, errors = run(capsys, "train", *words)
    assert (status, errors) == (0, "")
    assert "after step 1: lr 0.03 -> 0.2" in output
    assert "after step 2: batch size 2 -> 3" in output


@pytest.mark.parametrize("command", [(), ("train",), ("check",)])
def test_help_has_examples_and_every_setting_in_its_group_with_its_default(
    capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    status, output, _ = run(capsys, *command, "--help")
    _, _, _, *sections = output.split("\n\n")
    assert status == 0
    groups = {section.partition(":\n")[0]: section.split("\n  -") for section in sections}
    for field in FIELDS.values():
        if command == ("check",) and (field.group == "optimizer" or field.name == "steps"):
            assert f"--{field.name}" not in output
            continue
        (entry,) = (text for text in groups[field.group] if re.match(f"-{field.name}[ ,]", text))
        default = f"(default: {field.help.rpartition('(default: ')[2]}"
        assert "".join(default.split()) in "".join(entry.split())  # lines break at hyphens


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)])
def test_help_begins_with_a_description_and_examples(
    capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    usage, description, examples, *_ = run(capsys, *command, "--help")[1].split("\n\n")
    assert usage.startswith(" ".join(["usage: rnn-tui", *command, "[OPTION]..."]))
    assert len(description.splitlines()) == (1 if command else 2)
    assert description.endswith(".")
    assert examples.splitlines()[0] == "examples:"
    assert len(examples.splitlines()) == 4


def test_commands_and_options_in_the_readme_are_valid() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    parser = make_parser()
    commands = re.findall(r"^rnn-tui (.*)|\| rnn-tui (.*)", readme, re.MULTILINE)
    assert len(commands) > 3
    for words in map("".join, commands):
        args = parser.parse_args(words.split())
        parser.check_command(args)
        schedule_from(args, settings_from(args))
    parsers = [parser, *(command.complete() for command in parser.commands.values())]
    options = {name for each in parsers for name in each._option_string_actions}
    assert set(re.findall(r"`(--[a-z-]+)", readme)) <= options


@pytest.mark.parametrize("command", EXAMPLES)
def test_examples_in_help_are_valid_commands(command: str) -> None:
    for example in EXAMPLES[command]:
        words = re.sub(r'^eval "\$\((.*)\)"$| \|.*', r"\1", example).split()
        parser = make_parser()
        args = parser.parse_args(words[1:])
        parser.check_command(args)
        assert words[0] == "rnn-tui"
        assert schedule_from(args, settings_from(args)) == getattr(args, "train_at", [])

"""The commands that act on a run: one table for keys, palette, help and words of line mode."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import final

from rnn_tui.config.errors import UserError
from rnn_tui.config.fields import explain_unknown, find_field
from rnn_tui.config.parsing import nearest_choice, parse_float, parse_int
from rnn_tui.config.recipes import RECIPES
from rnn_tui.run.changes import CHANGE_NAMES, parse_change
from rnn_tui.run.conditions import CONDITIONS, parse_condition
from rnn_tui.run.optimizer_race import PUBLISHED_START
from rnn_tui.session.controller import Request
from rnn_tui.session.requests import (
    DEFAULT_SIBLINGS,
    AdjustLearningRate,
    AdjustSpeed,
    ApplyToSiblings,
    CheckGradient,
    EditBreakpoint,
    Export,
    Fork,
    ListBreakpoints,
    NextBranch,
    OpenSibling,
    Pause,
    PinExample,
    PinNewest,
    PlanSteps,
    Race,
    Restart,
    Resume,
    SeekBy,
    SeekTo,
    SeekToChange,
    SetSpeed,
    StartRecipe,
    Step,
    SwitchToNext,
    TogglePause,
    TogglePin,
    TraceStep,
    TrainSiblings,
    Undo,
)

BREAK = "break"  # the command that sets a breakpoint


def _step(count: str) -> Request:
    return Step(parse_int(count)) if count else Step()


def edit_breakpoint(action: str, text: str) -> Request:
    """Return the request for the breakpoint of the condition `text`; raises UserError."""
    return EditBreakpoint(action, parse_condition(text))


def _break(text: str) -> Request:
    return edit_breakpoint("set", text) if text else ListBreakpoints()


def _speed(text: str) -> Request:
    return SetSpeed(inf if text == "max" else parse_float(text) if text else None)


@final
@dataclass(frozen=True, slots=True)
class RunCommand:
    """A command that sends a request to the session.

    `keys` are its keys on the dashboard, separated by blanks. In line mode it is called by `name`,
    by its first key, or by `word`; `argument` is N, RECIPE, DIR, EXAMPLE or CONDITION, in brackets
    if optional, and `request` is called with its text. `label` is its text in the key line, if it
    has a place there.
    """

    name: str
    keys: str
    help: str
    request: Request | Callable[[str], Request]
    label: str = ""
    word: str = ""
    argument: str = ""

    def make_request(self, argument: str = "") -> Request:
        """Return the request; raises UserError if `argument` makes none."""
        return self.request(argument) if callable(self.request) else self.request

    @property
    def words(self) -> tuple[str, ...]:
        """The words that call it in line mode."""
        return (*([self.word] if self.word else self.keys.split()[:1]), self.name)


RUN_COMMANDS = (
    RunCommand(
        "toggle-pause",
        "space",
        "Pause or resume training (past the last planned step too)",
        TogglePause(),
        "pause",
        word="p",
    ),
    RunCommand("pause", "", "Pause training", Pause()),
    RunCommand("resume", "", "Resume training (past the last planned step too)", Resume()),
    RunCommand("step", "s", "Train one step, then pause", _step, "step", argument="[N]"),
    RunCommand("step-100", "S", "Train 100 steps, then pause", Step(100)),
    RunCommand(
        "next-task",
        "t",
        "Task: next; weights stay where shapes agree",
        SwitchToNext("task"),
        "task",
    ),
    RunCommand(
        "next-optimizer",
        "o",
        "Optimizer: next, with its own learning rate",
        SwitchToNext("optimizer"),
        "optimizer",
    ),
    RunCommand(
        "previous-optimizer", "O", "Optimizer: previous", SwitchToNext("optimizer", forward=False)
    ),
    RunCommand(
        "increase-lr",
        "+ =",
        "Learning rate: increase, as 0.1, 0.2, 0.5, 1",
        AdjustLearningRate(up=True),
    ),
    RunCommand("decrease-lr", "-", "Learning rate: decrease", AdjustLearningRate(up=False), "lr"),
    RunCommand("faster", ">", "Speed: increase, up to unlimited", AdjustSpeed(up=True)),
    RunCommand(
        "slower",
        "<",
        "Speed: decrease, down to one step per second",
        AdjustSpeed(up=False),
        "speed",
    ),
    RunCommand("speed", "", "Steps per second, or max; alone prints it", _speed, argument="[N]"),
    RunCommand("restart", "r", "Restart from the same initial weights", Restart(), "restart"),
    RunCommand(
        "restart-new-seed", "R", "Restart with a new seed", lambda _: Restart.with_new_seed()
    ),
    RunCommand(
        "restart-seed",
        "",
        "Restart with seed N",
        lambda seed: Restart(parse_int(seed)),
        word="seed",
        argument="N",
    ),
    RunCommand(
        "recipe",
        "",
        "Start a run of a recipe on a new branch: " + ", ".join(RECIPES),
        StartRecipe,
        argument="RECIPE",
    ),
    RunCommand(
        "steps",
        "",
        "Planned steps: train to step N, after which training pauses",
        lambda steps: PlanSteps(parse_int(steps)),
        argument="N",
    ),
    RunCommand("undo", "u", "Undo the latest change, on a new branch", Undo(), "undo"),
    RunCommand("fork", "f", "Fork a branch here, with the same future samples", Fork(), "fork"),
    RunCommand("next-branch", "b", "Switch to the next branch, where it paused", NextBranch()),
    RunCommand("previous-change", "[", "Seek: previous change", SeekToChange(forward=False)),
    RunCommand("next-change", "]", "Seek: next change", SeekToChange(forward=True)),
    RunCommand("back-100", "{", "Seek: 100 steps back", SeekBy(-100)),
    RunCommand("forward-100", "}", "Seek: 100 steps forward", SeekBy(100), "seek"),
    RunCommand("first-step", "home", "Seek: first step", SeekTo(0)),
    RunCommand("latest-step", "end", "Seek: back to the latest step", SeekTo(None)),
    RunCommand(
        "seek",
        "",
        "Seek: view the run as it was after step N",
        lambda step: SeekTo(parse_int(step)),
        word="at",
        argument="N",
    ),
    RunCommand(
        "export",
        "e",
        "Export losses as CSV, state as npz, on the dashboard also an SVG",
        lambda folder: Export(folder or "."),
        argument="[DIR]",
    ),
    RunCommand(
        BREAK,
        "",
        "Pause where a condition holds, several joined by and; alone lists the breakpoints: "
        + ", ".join(kind.example for kind in CONDITIONS.values()),
        _break,
        argument="[CONDITION]",
    ),
    RunCommand(
        "break-off",
        "",
        "Switch a breakpoint off",
        partial(edit_breakpoint, "off"),
        argument="CONDITION",
    ),
    RunCommand(
        "break-delete",
        "",
        "Delete a breakpoint",
        partial(edit_breakpoint, "deleted"),
        argument="CONDITION",
    ),
    RunCommand("next-model", "m", "Model: next that fits the task", SwitchToNext("model")),
    RunCommand(
        "pin",
        "h",
        "Pin the example while training, or unpin it",
        lambda example: PinExample(example) if example else TogglePin(),
        "pin",
        argument="[EXAMPLE]",
    ),
    RunCommand("pin-newest", "n", "Pin the newest training example", PinNewest()),
    RunCommand("check-gradient", "g", "Gradient check by central differences", CheckGradient()),
    RunCommand(
        "seeds",
        "N",
        f"Start siblings with other seeds (default {DEFAULT_SIBLINGS}), or stop them",
        lambda count: TrainSiblings(parse_int(count) if count else None),
        argument="[N]",
    ),
    RunCommand(
        "siblings-with-changes", "a", "Siblings: with the changes of the run", ApplyToSiblings(True)
    ),
    RunCommand(
        "siblings-without-changes",
        "A",
        "Siblings: without further changes of the run",
        ApplyToSiblings(False),
    ),
    RunCommand(
        "open-sibling",
        "",
        "Open the sibling with seed N on a branch",
        lambda seed: OpenSibling(parse_int(seed)),
        word="sibling",
        argument="N",
    ),
    RunCommand(
        "trace",
        "",
        "Trace the next step, formula by formula, at hidden unit N; pauses",
        lambda unit: TraceStep(parse_int(unit)) if unit else TraceStep(),
        argument="[N]",
    ),
    RunCommand(
        "race",
        "",
        "Race optimizers on the cost surface of counting-ones",
        Race(PUBLISHED_START),
        word="x",
    ),
)
RUN_COMMANDS_BY_NAME = {command.name: command for command in RUN_COMMANDS}
COMMANDS_BY_WORD = {word: command for command in RUN_COMMANDS for word in command.words}


def split_words(line: str) -> tuple[str, str]:
    """Return the first word and the rest, separated by blanks or =; a leading : is ignored."""
    word, *rest = re.split(r"[\s=]+", line.removeprefix(":").strip(), maxsplit=1)
    return word, "".join(rest)


def check_argument(word: str, argument: str, help_text: str, text: str) -> None:
    """Raise UserError where `text` cannot be the `argument` of the command `word`."""
    if text and not argument:
        raise UserError(f"{word} takes no argument: {help_text}")
    if argument == "N" and not text:
        raise UserError(f"{word} needs a number: {help_text}")
    if argument == "RECIPE" and not text:
        raise UserError(f"{word} needs a name: {help_text}")


def request_of(line: str) -> Request | None:
    """Return the request of a `line`: a command, a change as lr=0.2, or an example to be pinned.

    Return None where its first word is unknown; raises UserError where the rest is not valid.
    """
    word, text = split_words(line)
    if command := COMMANDS_BY_WORD.get(word):
        check_argument(word, command.argument, command.help, text)
        return command.make_request(text)
    field = find_field(word)
    if field or word in CHANGE_NAMES or explain_unknown(word):
        return parse_change(f"{field.name if field else word}={text}")
    if not word[:1].isalpha() and any(letter.isdigit() for letter in line):
        return PinExample(line)
    return None


def unknown_command_message(word: str, words: Iterable[str]) -> str:
    """Return a message with the nearest of `words` and of the settings."""
    names = [name for name in (*words, *CHANGE_NAMES) if len(name) > 1]
    match = nearest_choice(word, names)
    return f"unknown command {word!r}" + (f" (did you mean {match}?)" if match else "")


def parse_command(line: str) -> Request:
    """Return the request of a `line`, as `request_of`; raises UserError."""
    request = request_of(line)
    if request is None:
        raise UserError(unknown_command_message(split_words(line)[0], COMMANDS_BY_WORD))
    return request

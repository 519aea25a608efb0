"""The one table of what can be done: keys, key line, palette and help are all made from it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import final

from textual.binding import Binding

from rnn_tui.session.requests import (
    AdjustLearningRate,
    AdjustSpeed,
    CheckGradient,
    Fork,
    NextBranch,
    PinNewest,
    Request,
    Restart,
    SeekBy,
    SeekTo,
    SeekToChange,
    Step,
    SwitchToNext,
    TogglePause,
    TogglePin,
    Undo,
)


@final
@dataclass(frozen=True, slots=True)
class Command:
    """`action` is the dashboard's method `action_…`; `shown` is how the key is written.

    `label` stands in the key line (not there if empty), `help` in the help screen and palette.
    `line_key` is the key line's way of writing the key, where one label stands for two keys.
    `opens` says that what is typed next goes elsewhere: into a dialog, or a control.
    """

    action: str
    keys: str
    key_label: str
    help: str
    label: str = ""
    line_key: str = ""
    takes_focus: bool = False

    @property
    def binding(self) -> Binding:
        return Binding(
            self.keys,
            self.action,
            self.label or self.help,
            show=bool(self.label),
            key_display=self.line_key or self.key_label,
        )


# What the action request('…') asks of the run.
REQUESTS: dict[str, Callable[[], Request]] = {
    "pause": TogglePause,
    "next task": partial(SwitchToNext, "task"),
    "next model": partial(SwitchToNext, "model"),
    "next optimizer": partial(SwitchToNext, "optimizer"),
    "previous optimizer": partial(SwitchToNext, "optimizer", forward=False),
    "rate up": partial(AdjustLearningRate, up=True),
    "rate down": partial(AdjustLearningRate, up=False),
    "faster": partial(AdjustSpeed, up=True),
    "slower": partial(AdjustSpeed, up=False),
    "pin": TogglePin,
    "pin newest": PinNewest,
    "step": Step,
    "100 steps": partial(Step, 100),
    "restart": Restart,
    "restart anew": Restart.with_new_seed,
    "check": CheckGradient,
    "undo": Undo,
    "fork": Fork,
    "next branch": NextBranch,
    "change before": partial(SeekToChange, forward=False),
    "change after": partial(SeekToChange, forward=True),
    "100 back": partial(SeekBy, -100),
    "100 on": partial(SeekBy, 100),
    "first": partial(SeekTo, 0),
    "present": partial(SeekTo, None),
}

COMMANDS = (
    Command(
        "request('pause')", "space", "space", "Pause, or go on (past the planned end too)", "pause"
    ),
    Command("request('step')", "s", "s", "Train one step, then pause", "step"),
    Command("request('100 steps')", "S", "S", "Train 100 steps, then pause"),
    Command(
        "request('next task')",
        "t",
        "t",
        "Task: the next one; weights stay where shapes agree",
        "task",
    ),
    Command(
        "request('next optimizer')",
        "o",
        "o",
        "Optimizer: the next, fresh, at its own rate",
        "optimizer",
    ),
    Command("request('previous optimizer')", "O", "O", "Optimizer: the one before"),
    Command(
        "request('rate up')", "plus,equals_sign", "+", "Learning rate: up, as 0.1, 0.2, 0.5, 1"
    ),
    Command("request('rate down')", "minus", "-", "Learning rate: down", "rate", "+/-"),
    Command("focus_control('rate')", "L", "L", "Learning rate: type one", takes_focus=True),
    Command(
        "request('faster')",
        "greater_than_sign,full_stop",
        ">",
        "Speed: faster, at last without limit",
    ),
    Command(
        "request('slower')",
        "less_than_sign,comma",
        "<",
        "Speed: slower, down to a step a second",
        "speed",
        "</>",
    ),
    Command("request('restart')", "r", "r", "Start again from the same first weights", "again"),
    Command("request('restart anew')", "R", "R", "Start again with a new seed"),
    Command(
        "request('undo')", "u", "u", "Undo: back to before the last change, on a branch", "undo"
    ),
    Command(
        "request('fork')", "f", "f", "Fork: a branch from here, with the same examples", "fork"
    ),
    Command("request('next branch')", "b", "b", "Branch: turn to the next one, where it was left"),
    Command(
        "request('change before')", "left_square_bracket", "[", "Look back: at the change before"
    ),
    Command("request('change after')", "right_square_bracket", "]", "Look on: at the change after"),
    Command("request('100 back')", "left_curly_bracket", "{", "Look back: 100 steps"),
    Command("request('100 on')", "right_curly_bracket", "}", "Look on: 100 steps", "look", "[]{}"),
    Command("request('first')", "home", "home", "Look back: at the first step"),
    Command("request('present')", "end", "end", "Look at the present again"),
    Command("compare", "v", "v", "Compare branches and earlier runs in a table", takes_focus=True),
    Command("seek", "J", "J", "Look at the run as it was after a step: type one", takes_focus=True),
    Command(
        "focus_control('seed')",
        "D",
        "D",
        "Seed: type one; starts again with its random numbers",
        takes_focus=True,
    ),
    Command(
        "export",
        "e",
        "e",
        "Export: errors as CSV, the state as npz, the screen as SVG",
        takes_focus=True,
    ),
    Command(
        "focus_control('hidden')",
        "H",
        "H",
        "Hidden units: type how many; starts a new net",
        takes_focus=True,
    ),
    Command(
        "focus_control('batch')",
        "B",
        "B",
        "Batch: type how many examples go into a step",
        takes_focus=True,
    ),
    Command("request('next model')", "m", "m", "Net: the next kind that fits the task"),
    Command(
        "edit_hyperparameter",
        "k",
        "k",
        "The optimizer's own knobs, such as momentum: type one",
        takes_focus=True,
    ),
    Command("change", "colon", ":", "Type any change, as in clip-norm=1", takes_focus=True),
    Command(
        "request('pin')", "h", "h", "Hold the example still while the net learns, or let go", "hold"
    ),
    Command("request('pin newest')", "n", "n", "Hold the newest example instead"),
    Command(
        "ask_model",
        "p",
        "p",
        "Ask the net something of your own, and hold it",
        "ask",
        takes_focus=True,
    ),
    Command("request('check')", "g", "g", "Gradient check: compare it with central differences"),
    Command(
        "toggle_window", "w", "w", "Loss of the whole run, or of the last 1,000 steps", "window"
    ),
    Command(
        "about",
        "i",
        "i",
        "What runs here: task, net, loss, optimizer, and what is unusual",
        takes_focus=True,
    ),
    Command("maximize_pane('loss')", "1", "1", "Only the loss, or all panes again", "pane", "1-5"),
    Command("maximize_pane('picture')", "2", "2", "Only the bits, or the task's map"),
    Command("maximize_pane('gradient')", "3", "3", "Only the gradient over time"),
    Command("maximize_pane('score')", "4", "4", "Only the score"),
    Command(
        "maximize_pane('changes')", "5", "5", "Only the changes, and what is unlike a textbook"
    ),
    Command("maximize_pane('')", "0", "0", "All panes that fit"),
    Command("app.next_palette", "c", "c", "Colours: green and red, or safe for the colour-blind"),
    Command("app.toggle_theme", "T", "T", "Colours: light on dark, or dark on light"),
    Command("help", "question_mark", "?", "This help", "help", takes_focus=True),
    Command(
        "quit_run", "q,ctrl+q", "q", "Quit; a summary and the command to repeat it stay", "quit"
    ),
)

"""The dashboard's commands: those that act on the run, and those of the display alone."""

from dataclasses import dataclass
from typing import final

from textual.binding import Binding

from rnn_tui.session.commands import RUN_COMMANDS
from rnn_tui.tui.panes import VIEWS

# Shared labels of the key line: the keys written before the label of one of them.
PAIRED_KEYS = {"-": "+/-", "<": "</>", "}": "[]{}", "1": f"1-{len(VIEWS)}"}


@final
@dataclass(frozen=True, slots=True)
class KeyCommand:
    """A command with `key_names`, separated by blanks, that runs the dashboard's `action`.

    `label` is its text in the key line, which leaves out commands without one. With `takes_focus`
    the keys after it go to a dialog or a control.
    """

    action: str
    key_names: str
    help: str
    label: str = ""
    takes_focus: bool = False

    @property
    def keys(self) -> str:
        """The keys under Textual's names, separated by commas."""
        keys = ("comma" if key == "," else key for key in self.key_names.split())
        bindings = Binding.make_bindings([Binding(",".join(keys), self.action)])
        return ",".join(binding.key for binding in bindings)

    @property
    def key_label(self) -> str:
        """The first key as it is written."""
        return self.key_names.split()[0]

    @property
    def key_line_keys(self) -> str:
        """The key or keys as the key line writes them."""
        return PAIRED_KEYS.get(self.key_label, self.key_label)

    @property
    def binding(self) -> Binding:
        return Binding(
            self.keys,
            self.action,
            self.label or self.help,
            show=bool(self.label),
            key_display=self.key_line_keys,
        )


DISPLAY_COMMANDS = (
    KeyCommand("focus_control('lr')", "L", "Learning rate: type a value", takes_focus=True),
    KeyCommand(
        "compare",
        "v",
        "Compare branches and recorded runs; press again to return",
        takes_focus=True,
    ),
    KeyCommand("seek", "J", "Seek: type a step to view the run as it was then", takes_focus=True),
    KeyCommand("focus_control('seed')", "D", "Seed: type one; restarts with it", takes_focus=True),
    KeyCommand(
        "focus_control('hidden')",
        "H",
        "Hidden size: type a value; makes a new model",
        takes_focus=True,
    ),
    KeyCommand("focus_control('batch')", "B", "Batch size: type a value", takes_focus=True),
    KeyCommand(
        "edit_hyperparameter",
        "k",
        "Hyperparameters of the optimizer, such as momentum: type one",
        takes_focus=True,
    ),
    KeyCommand(
        "change",
        ":",
        "Change a setting, as clip-norm=1, or set a breakpoint",
        takes_focus=True,
    ),
    KeyCommand(
        "breakpoints",
        "d",
        "Breakpoints: list, set, switch on or off, delete",
        takes_focus=True,
    ),
    KeyCommand("copy", "y", "Copy the focused pane, or the screen, as text to the clipboard"),
    KeyCommand("predict", "p", "Predict an example of your own, and pin it", "predict", True),
    KeyCommand(
        "next_stop",
        ".",
        "Trace the next step: its next formula; past the last one, train it",
        "trace",
        takes_focus=True,
    ),
    KeyCommand("previous_stop", ",", "Trace: previous formula", takes_focus=True),
    KeyCommand("toggle_window", "w", "Loss of the full run, or of the last 1,000 steps", "window"),
    KeyCommand(
        "about",
        "i",
        "Components of the run, and non-standard settings",
        takes_focus=True,
    ),
    *(
        KeyCommand(
            f"show_view('{view}')",
            str(number),
            f"View {view}: {contents}",
            "view" if number == 1 else "",
            takes_focus=True,
        )
        for number, (view, contents) in enumerate(VIEWS.items(), start=1)
    ),
    KeyCommand(
        "toggle_maximized",
        "enter Z",
        "Maximize the focused pane, or show all again; also a double click",
        takes_focus=True,
    ),
    KeyCommand(
        "replace_pane",
        "P",
        "Show the next pane without room in place of the focused one",
        takes_focus=True,
    ),
    KeyCommand("reset_view", "0", "Reset the view to its default panes"),
    KeyCommand("app.next_palette", "c", "Colours: green and red, or safe for the colour-blind"),
    KeyCommand("app.toggle_theme", "T", "Colours: light on dark, or dark on light"),
    KeyCommand("help", "? f1", "Help: of the focused pane, or all keys", "help", takes_focus=True),
    KeyCommand(
        "quit_run", "q ctrl+q", "Quit; prints a summary and the command to repeat it", "quit"
    ),
)
COMMANDS = (
    *(
        KeyCommand(f"request('{command.name}')", command.keys, command.help, command.label)
        for command in RUN_COMMANDS
        if command.keys
    ),
    *DISPLAY_COMMANDS,
)

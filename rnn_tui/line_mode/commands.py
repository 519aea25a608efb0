"""The one table of what can be typed, line by line, while a run trains without a screen."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import final

from rnn_tui.config.fields import OPTIONS
from rnn_tui.config.settings import ALIKE, SettingsError
from rnn_tui.line_mode import handlers as driving
from rnn_tui.line_mode import looking, settling, travelling
from rnn_tui.line_mode.client import Conversation
from rnn_tui.run.changes import CHANGES

ALIASES = {"quit": "q", "exit": "q", "help": "?", "race": "x"}  # words that are typed as well

Obey = Callable[[Conversation, str], None]


@final
@dataclass(frozen=True, slots=True)
class Order:
    """`word` begins the line, `takes` names what may follow it, and `obey` is handed that."""

    word: str
    takes: str
    help: str
    obey: Obey

    def check(self, text: str) -> None:
        """Raise SettingsError where `text` is not what may follow the word."""
        if text and not self.takes:
            raise SettingsError(f"nothing may follow {self.word}: {self.help}")
        if self.takes == "N" and not text:
            raise SettingsError(f"{self.word} needs a number after it: {self.help}")


def obey(talk: Conversation, line: str) -> None:
    """Do what `line` says, or say in a line what would be understood."""
    word, text = _divided(line)
    order = ORDERS.get(ALIASES.get(word, word))
    try:
        if order is not None:
            order.check(text)
            order.obey(talk, text)
        elif word in OPTIONS or word in CHANGES:
            settling.change(talk, word, text)
        elif not word[:1].isalpha() and any(letter.isdigit() for letter in line):
            looking.question(talk, line)
        else:
            talk.say(_not_understood(word))
    except SettingsError as reason:
        talk.say(f"not done: {reason}")


def _divided(line: str) -> tuple[str, str]:
    """Return the first word and the rest, with blanks or a = between; a : before it is idle."""
    word, *rest = re.split(r"[\s=]+", line.removeprefix(":").strip(), maxsplit=1)
    return word, "".join(rest)


def _not_understood(word: str) -> str:
    names = [*(name for name in ORDERS if len(name) > 1), *CHANGES]
    near = get_close_matches(word.lower(), names, n=1, cutoff=ALIKE)
    meant = f"did you mean {near[0]}? " if near else ""
    return f"there is no command {word!r}: {meant}A line with ? lists all"


def _help(talk: Conversation, _: str) -> None:
    for order in ORDERS.values():
        talk.say(f"{f'{order.word} {order.takes}'.strip() or 'an empty line'}: {order.help}")
    talk.say(
        f"NAME VALUE: change a setting, as in lr 0.3; NAME alone says it: {', '.join(CHANGES)}"
    )
    prompt = talk.snapshot.settings.make_task().prompt
    talk.say(f"{prompt}: ask the net that, and hold the example")


ORDERS: dict[str, Order] = {
    order.word: order
    for order in (
        Order("", "", "how the run stands now", driving.report),
        Order("p", "", "pause, or go on (past the planned end too)", driving.pause),
        Order("s", "[N]", "train one step, or N, then pause", driving.step),
        Order("S", "", "train 100 steps, then pause", driving.hundred_steps),
        Order("wait", "[N]", "train fast to step N, or the planned end", driving.wait),
        Order("t", "", "the next task; weights stay where shapes agree", settling.next_task),
        Order("m", "", "the next net that fits the task", settling.next_model),
        Order("o", "", "the next optimizer, fresh, at its own rate", settling.next_optimizer),
        Order("O", "", "the optimizer before", settling.previous_optimizer),
        Order("+", "", "learning rate up, as 0.1, 0.2, 0.5, 1", settling.rate_up),
        Order("-", "", "learning rate down", settling.rate_down),
        Order("speed", "[N]", "steps a second, or max; alone says it", settling.speed),
        Order(">", "", "faster, at last without limit", settling.faster),
        Order("<", "", "slower, down to a step a second", settling.slower),
        Order("r", "", "start again with the same seed", driving.again),
        Order("R", "", "start again with a new seed", driving.anew),
        Order("seed", "N", "start again with this seed", driving.seed),
        Order("u", "", "take the last change back, on a branch", travelling.undo),
        Order("f", "", "begin a branch here, with the same examples", travelling.fork),
        Order("b", "", "turn to the next branch, where it was left", travelling.branch),
        Order("at", "N", "look at the run as it was after step N", travelling.at),
        Order("[", "", "look back at the change before", travelling.change_before),
        Order("]", "", "look on at the change after", travelling.change_after),
        Order("{", "", "look 100 steps back", travelling.hundred_back),
        Order("}", "", "look 100 steps on", travelling.hundred_on),
        Order("home", "", "look at the first step", travelling.first),
        Order("end", "", "look at the present again", travelling.present),
        Order("e", "[DIR]", "write errors (CSV) and state (npz) into files", travelling.export),
        Order("h", "", "hold the example while the net learns, or let go", looking.hold),
        Order("n", "", "hold the newest example instead", looking.newest),
        Order("g", "", "gradient check, by central differences", looking.check),
        Order("x", "", "optimizers race on the cost of two weights that count ones", looking.race),
        Order("i", "", "what runs here, part by part, and what is unusual", looking.about),
        Order("every", "N", "report every N steps; 0 for never", driving.every),
        Order("?", "", "these commands", _help),
        Order("q", "", "quit, with a summary and the command that repeats the run", driving.end),
    )
}

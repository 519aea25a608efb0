"""What a line may change: any setting by its name, and some of them one by one."""

from contextlib import suppress
from math import inf

from rnn_tui.config.fields import OPTIONS
from rnn_tui.config.increments import after, down, others_after, up
from rnn_tui.config.increments import faster as speed_above
from rnn_tui.config.increments import slower as speed_below
from rnn_tui.config.settings import SettingsError, number
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.line_mode.client import Conversation
from rnn_tui.run.changes import Change, Set, SetSpeed, parse_change
from rnn_tui.text.format import speed as speed_words


def change(talk: Conversation, name: str, text: str) -> None:
    """Change a setting, or say its value where none is given."""
    if not text and name in OPTIONS:
        option = OPTIONS[name]
        talk.say(f"{name} is {option.shown(talk.snapshot.settings)}: {option.help}")
    else:
        _take_up(talk, parse_change(f"{name}={text}"))


def _take_up(talk: Conversation, change: Change) -> None:
    talk.snapshot.course.take_up(change)  # raises where that makes no run
    changes = len(talk.snapshot.log)
    talk.ask(change)
    if len(talk.snapshot.log) == changes and not talk.refused:
        talk.say_here(f"{change.spec} is so already")


def next_task(talk: Conversation, _: str) -> None:
    _take_up(talk, Set("task", after(talk.snapshot.settings.task, list(TASKS))))


def next_model(talk: Conversation, _: str) -> None:
    settings = talk.snapshot.settings
    for name in others_after(settings.model, list(MODELS)):
        with suppress(SettingsError):
            Set("model", name).amend(settings)
            _take_up(talk, Set("model", name))
            return


def next_optimizer(talk: Conversation, _: str) -> None:
    _turn_optimizer(talk, list(OPTIMIZERS))


def previous_optimizer(talk: Conversation, _: str) -> None:
    _turn_optimizer(talk, list(OPTIMIZERS)[::-1])


def _turn_optimizer(talk: Conversation, names: list[str]) -> None:
    _take_up(talk, Set("optimizer", after(talk.snapshot.settings.optimizer, names)))


def rate_up(talk: Conversation, _: str) -> None:
    _take_up(talk, Set("lr", up(talk.snapshot.settings.learning_rate)))


def rate_down(talk: Conversation, _: str) -> None:
    _take_up(talk, Set("lr", down(talk.snapshot.settings.learning_rate)))


def speed(talk: Conversation, text: str) -> None:
    if text:
        talk.ask(SetSpeed(inf if text == "max" else number(text)))
    talk.say_here(f"speed {speed_words(talk.snapshot.speed)}")


def faster(talk: Conversation, _: str) -> None:
    speed(talk, repr(speed_above(talk.snapshot.speed)))


def slower(talk: Conversation, _: str) -> None:
    speed(talk, repr(speed_below(talk.snapshot.speed)))

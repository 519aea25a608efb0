"""What a line may change: any setting by its name, and some of them one by one."""

from contextlib import suppress
from math import inf

from rnn_tui.config.fields import FIELDS
from rnn_tui.config.increments import decrease, increase, next_in_cycle, others_in_cycle
from rnn_tui.config.increments import decrease_speed as speed_below
from rnn_tui.config.increments import increase_speed as speed_above
from rnn_tui.config.settings import UserError, parse_float
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.line_mode.client import LineClient
from rnn_tui.run.changes import Change, SetField, parse_change
from rnn_tui.session.requests import SetSpeed
from rnn_tui.text.format import format_speed as speed_words


def change_setting(client: LineClient, name: str, text: str) -> None:
    """Change a setting, or say its value where none is given."""
    if not text and name in FIELDS:
        field = FIELDS[name]
        client.print_line(f"{name} is {field.format_value(client.snapshot.settings)}: {field.help}")
    else:
        _apply_change(client, parse_change(f"{name}={text}"))


def _apply_change(client: LineClient, change: Change) -> None:
    client.snapshot.settings_track.apply(change)  # raises where that makes no run
    n_changes = len(client.snapshot.log)
    client.send(change)
    if len(client.snapshot.log) == n_changes and not client.refused:
        client.print_at_step(f"{change.spec} is so already")


def next_task(client: LineClient, _: str) -> None:
    _apply_change(
        client, SetField("task", next_in_cycle(client.snapshot.settings.task, list(TASKS)))
    )


def next_model(client: LineClient, _: str) -> None:
    settings = client.snapshot.settings
    for name in others_in_cycle(settings.model, list(MODELS)):
        with suppress(UserError):
            SetField("model", name).apply_to(settings)
            _apply_change(client, SetField("model", name))
            return


def next_optimizer(client: LineClient, _: str) -> None:
    _switch_optimizer(client, list(OPTIMIZERS))


def previous_optimizer(client: LineClient, _: str) -> None:
    _switch_optimizer(client, list(OPTIMIZERS)[::-1])


def _switch_optimizer(client: LineClient, names: list[str]) -> None:
    _apply_change(
        client, SetField("optimizer", next_in_cycle(client.snapshot.settings.optimizer, names))
    )


def increase_learning_rate(client: LineClient, _: str) -> None:
    _apply_change(client, SetField("lr", increase(client.snapshot.settings.learning_rate)))


def decrease_learning_rate(client: LineClient, _: str) -> None:
    _apply_change(client, SetField("lr", decrease(client.snapshot.settings.learning_rate)))


def set_speed(client: LineClient, text: str) -> None:
    if text:
        client.send(SetSpeed(inf if text == "max" else parse_float(text)))
    client.print_at_step(f"speed {speed_words(client.snapshot.speed)}")


def speed_up(client: LineClient, _: str) -> None:
    set_speed(client, repr(speed_above(client.snapshot.speed)))


def slow_down(client: LineClient, _: str) -> None:
    set_speed(client, repr(speed_below(client.snapshot.speed)))

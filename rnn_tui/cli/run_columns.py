"""The columns of `rnn-tui runs`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, final

from rnn_tui.config.parsing import format_float
from rnn_tui.config.settings import Settings

if TYPE_CHECKING:
    from rnn_tui.recording.run_store import SavedRun


@final
class Column(NamedTuple):
    """A column of `runs`; a missing value is None."""

    value: Callable[[SavedRun, Settings], Any]
    text: Callable[[Any], str] = str
    right_aligned: bool = False
    descending: bool = False  # when sorted by it


COLUMNS: dict[str, Column] = {
    "run": Column(lambda saved, _: saved.name),
    "task": Column(lambda _, settings: settings.task),
    "model": Column(lambda _, settings: settings.model),
    "optimizer": Column(lambda _, settings: settings.optimizer),
    "lr": Column(lambda _, settings: settings.learning_rate, format_float, right_aligned=True),
    "seed": Column(lambda _, settings: settings.seed, right_aligned=True),
    "steps": Column(
        lambda saved, _: saved.last_step, "{:,}".format, right_aligned=True, descending=True
    ),
    "accuracy": Column(
        lambda saved, _: saved.accuracy,
        right_aligned=True,
        descending=True,
    ),
    "changes": Column(
        lambda saved, _: saved.changes, "{:,}".format, right_aligned=True, descending=True
    ),
    "event": Column(
        lambda saved, _: (event.step, event.kind) if (event := saved.last_event) else None,
        lambda event: f"{event[1]} at {event[0]:,}",
        descending=True,
    ),
    "started": Column(
        lambda saved, _: saved.started_at, lambda text: text.replace("T", " ")[:16], descending=True
    ),
}

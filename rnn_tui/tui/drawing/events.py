"""The events of a run as lines of text and as marks, with the key that shows why."""

from typing import NamedTuple, final

from rnn_tui.analysis.memory_curve import memory_used_from
from rnn_tui.engine.tasks import TASKS
from rnn_tui.run.events import Event
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.drawing.memory import memory_event
from rnn_tui.tui.views import VIEW_KEYS


@final
class EventFormat(NamedTuple):
    """How an event is displayed.

    mark    the format of the text at its mark, with the step; "" for no mark
    view    the view whose panes show why; "" for none
    prefix  the format of the beginning of its line, with the step
    """

    mark: str
    view: str
    prefix: str = "step {:,}"


# Memory and longer numbers are evaluated at keyframes, whose steps depend on the speed of the
# machine, so that those of their events are not the first ones.
EVENT_FORMATS = {
    "exact": EventFormat("{:,} exact", "train"),
    "plateau": EventFormat("{:,} plateau", "train"),
    "plateau-end": EventFormat("{:,} plateau ends", "train"),
    "saturated": EventFormat("{:,} saturated", "inside"),
    "memory-used": EventFormat("used by {:,}", "inside", "by step {:,}"),
    "length": EventFormat("", "inside", "weights of step {:,}"),
    "breakpoint": EventFormat("{:,} breakpoint", ""),
}


def events_of(snapshot: Snapshot) -> list[Event]:
    """Return all events of the run, oldest first."""
    events = [*snapshot.events, *snapshot.analysis_events]
    events += [
        Event(hit.step, "breakpoint", f"breakpoint {hit.condition.text}: {hit.text}")
        for hit in snapshot.breakpoint_hits
    ]
    step = memory_used_from(snapshot.memory_curve)
    if step is not None:
        text = memory_event(TASKS[snapshot.settings.task].state_name, snapshot.memory_curve, step)
        events.append(Event(step, "memory-used", text))
    return sorted(events, key=lambda event: event.step)


def event_text(event: Event) -> str:
    """Return the step and the text of an event."""
    return f"{EVENT_FORMATS[event.kind].prefix.format(event.step)}: {event.text}"


def event_line(event: Event) -> str:
    """Return the line of an event, with the key of the view that shows why."""
    view = EVENT_FORMATS[event.kind].view
    return event_text(event) + (f"; see view {VIEW_KEYS[view]}" if view else "")


def mark_text(event: Event) -> str:
    """Return the text at the mark of an event; "" for one without a mark."""
    return EVENT_FORMATS[event.kind].mark.format(event.step)

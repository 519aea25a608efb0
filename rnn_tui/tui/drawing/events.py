"""The events of a run as lines of text and as marks, with the key that shows why."""

from rnn_tui.analysis.memory_curve import memory_used_from
from rnn_tui.engine.tasks import TASKS
from rnn_tui.run.events import Event
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.drawing.memory import memory_event
from rnn_tui.tui.views import VIEW_KEYS

# The text of each kind at its mark, and the view whose panes show why; "" for a breakpoint.
EVENT_MARKS = {
    "exact": ("exact", "train"),
    "plateau": ("plateau", "train"),
    "plateau-end": ("plateau ends", "train"),
    "saturated": ("saturated", "inside"),
    "memory-used": ("memory used", "inside"),
    "length": ("longer numbers", "inside"),
    "breakpoint": ("breakpoint", ""),
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
        state_name = TASKS[snapshot.settings.task].state_name
        text = memory_event(state_name, snapshot.memory_curve[-1].n_pairs)
        events.append(Event(step, "memory-used", text))
    return sorted(events, key=lambda event: event.step)


def event_line(event: Event) -> str:
    """Return the line of an event, with the key of the view that shows why."""
    view = EVENT_MARKS[event.kind][1]
    return f"step {event.step:,}: {event.text}" + (f"; see view {VIEW_KEYS[view]}" if view else "")


def mark_text(event: Event) -> str:
    """Return the text at the mark of an event."""
    return f"{event.step:,} {EVENT_MARKS[event.kind][0]}"

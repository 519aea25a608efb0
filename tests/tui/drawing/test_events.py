"""Events are listed with the view that shows why, and marked at the loss curve."""

from dataclasses import replace

from rnn_tui.run.breakpoints import ACTIONS, BreakpointAction
from rnn_tui.run.conditions import parse_condition
from rnn_tui.run.events import EVENT_KINDS, Event
from rnn_tui.session.snapshot import EMPTY_SNAPSHOT
from rnn_tui.tui.drawing.events import EVENT_FORMATS, event_line, events_of, mark_text
from rnn_tui.tui.views import VIEWS
from tests.tui.drawing.analyzed import learning_curve

HIT = BreakpointAction(700, 0, ACTIONS[-1], parse_condition("loss<1"), "the mean is 0.9")


def test_every_kind_of_event_has_a_format_and_a_view() -> None:
    assert set(EVENT_KINDS) < set(EVENT_FORMATS)
    assert {entry.view for entry in EVENT_FORMATS.values()} - {""} <= set(VIEWS)


def test_events_of_all_sources_are_in_the_order_of_their_steps() -> None:
    snapshot = replace(
        EMPTY_SNAPSHOT,
        events=(Event(500, "plateau", "plateau: a"), Event(3000, "exact", "all correct")),
        analysis_events=(Event(3100, "length", "b"),),
        breakpoint_hits=(HIT,),
        memory_curve=learning_curve(),
    )
    lines = [event_line(event) for event in events_of(snapshot)]
    assert [line.partition(" (swap")[0] for line in lines] == [
        "step 500: plateau: a; see view 1",
        "step 700: breakpoint loss<1: the mean is 0.9",
        "by step 1,000: carry used",
        "step 3,000: all correct; see view 1",
        "weights of step 3,100: b; see view 2",
    ]
    assert [mark_text(event) for event in events_of(snapshot)] == [
        "500 plateau",
        "700 breakpoint",
        "used by 1,000",
        "3,000 exact",
        "",
    ]

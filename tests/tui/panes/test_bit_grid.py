"""The bit grid pane has the height of its text."""

from dataclasses import replace

import pytest

from rnn_tui.run.run import Run
from rnn_tui.session.snapshot import EMPTY_SNAPSHOT
from rnn_tui.tui.panes.bit_grid import FRAME_ROWS, BitGridPane
from tests.support.makers import SMALL


def test_first_example_after_another_run_changes_the_height() -> None:
    run = Run(SMALL)
    run.train(1)
    with_example = replace(EMPTY_SNAPSHOT, example=run.inspector.example())
    pane = BitGridPane()
    heights = []
    for snapshot in (with_example, EMPTY_SNAPSHOT):
        pane.set_reactive(BitGridPane.snapshot, snapshot)
        heights.append(pane.fit_height(80, 16))
        assert pane._rows == heights[-1] - FRAME_ROWS  # other rows of a text are a new layout
    assert heights[0] < heights[1]


def test_another_pinned_example_is_another_view(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(SMALL)
    run.train(1)
    newest = replace(EMPTY_SNAPSHOT, example=run.inspector.example())
    snapshots = [newest]
    for text in ("3 + 1", "2 + 2"):
        run.inspector.pin(text)
        example = run.inspector.example()
        snapshots.append(replace(newest, example=example, is_pinned=True))
    views = list[tuple[object, ...]]()
    pane = BitGridPane()
    monkeypatch.setattr(pane, "begin_redraw_if_due", lambda view, _data: views.append(view))
    for snapshot in snapshots:
        pane.update_from(snapshot)
    assert len(set(views)) == len(snapshots)

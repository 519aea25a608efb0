"""The panes of the view inside, and the event that they add to the list of changes."""

from dataclasses import replace

import numpy as np

from rnn_tui.run.changes import AppliedChange, SetField
from rnn_tui.session.analysis_scheduler import AnalysisResult
from rnn_tui.session.snapshot import EMPTY_SNAPSHOT, Snapshot
from rnn_tui.tui.panes import PANES, MachinePane
from rnn_tui.tui.panes.changes import change_lines
from rnn_tui.tui.panes.hidden_states import HiddenStatesPane
from rnn_tui.tui.panes.memory import MemoryPane
from tests.tui.drawing.analyzed import learning_curve
from tests.tui.pilot import driving, run

SIZE = (120, 60)
SETTINGS = EMPTY_SNAPSHOT.settings


def change(step: int, text: str) -> AppliedChange:
    return AppliedChange(step, SetField("lr", "0.1"), text, text, SETTINGS)


def test_use_of_memory_is_among_the_changes_by_its_step() -> None:
    log = change(700, "lr 1"), change(1000, "lr 2"), change(1800, "lr 3")
    snapshot = replace(EMPTY_SNAPSHOT, log=log, memory_curve=learning_curve())
    assert change_lines(snapshot) == [
        "step 1,800: lr 3",
        "by step 1,000: carry used (swap ≥ 99 % of 1,734 pairs at each of the 3 checks since); "
        "see view 2",
        "step 1,000: lr 2",
        "step 700: lr 1",
    ]
    assert change_lines(replace(snapshot, memory_curve=learning_curve()[:3])) == [
        "step 1,800: lr 3",
        "step 1,000: lr 2",
        "step 700: lr 1",
    ]


def is_analyzed(snapshot: Snapshot) -> bool:
    """Return whether the panes tested have results of the present step."""
    names = "hidden-states", "machine"
    found = [snapshot.analyses.get(name) for name in names]
    return all(result is not None and result.step == snapshot.step for result in found)


def result_of(snapshot: Snapshot, name: str) -> AnalysisResult:
    return snapshot.analyses[name]


def test_panes_show_the_model_and_respond_to_keys() -> None:
    async def test() -> None:
        async with driving(SIZE, model="gru", hidden_size=4) as drive:
            await drive.press("s", "2")
            await drive.until(is_analyzed)
            await drive.wait_for_text("carry used?")
            assert "after step 1 · newest example" in drive.text

            hidden = drive.dashboard.query_one(HiddenStatesPane)
            hidden.focus()
            await drive.press("down")
            order = result_of(drive.snapshot, "hidden-states").value.order
            assert f"▸unit {order[0] + 1} " in drive.text
            await drive.press("down", "down", "up")
            assert f"▸unit {order[1] + 1} " in drive.text
            await drive.press("right")
            assert "hidden states: reset gate" in drive.text
            await drive.press("left", "left")
            assert "hidden states: candidate" in drive.text
            assert f"unit {order[1] + 1}: from a " in drive.text

            word = result_of(drive.snapshot, "machine").value.against_task.word
            drive.dashboard.query_one(MachinePane).focus()
            await drive.press("p")
            await drive.until(lambda snapshot: snapshot.is_pinned)
            example = drive.snapshot.example
            assert example is not None
            pinned = example.inputs[: len(word)] @ np.array([2, 1])
            assert pinned.tolist() == word.tolist()
            await drive.wait_for_text("after step 1 · pinned example")

    run(test)


def test_views_have_the_panes_that_apply_to_the_task() -> None:
    without_memory = replace(SETTINGS, task="xor", model="feed-forward")
    assert MemoryPane.applies_to(SETTINGS)
    assert not MemoryPane.applies_to(without_memory)
    assert not MachinePane.applies_to(without_memory)
    inside = [name for name, placement in PANES.items() if "inside" in placement.views]
    assert {"hidden-states", "memory", "machine", "accuracy-by"} <= {*inside}

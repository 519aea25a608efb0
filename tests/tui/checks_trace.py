"""What the keys do that trace the next step."""

from rnn_tui.analysis.step_trace import Place
from rnn_tui.session.snapshot import Status
from rnn_tui.tui.panes import BitGridPane, StepTracePane
from tests.tui.pilot import Drive


async def traces(drive: Drive) -> None:
    """Trace a step stop by stop, leave, and train the step past its last stop."""
    await drive.press("full_stop")
    await drive.wait_for_text("step 1: forward · time step 1 · preactivation")
    pane = drive.dashboard.query_one(StepTracePane)
    bits = drive.dashboard.query_one(BitGridPane)
    assert drive.app.focused is pane
    assert bits.highlight == Place(time=0, feature=0)
    await drive.press("down", "right", "right")
    await drive.wait_for_text("← unit 3 of")
    assert bits.highlight == Place(time=0, feature=1)
    await drive.press("full_stop")
    await drive.wait_for_text("h_1[3] = σ(")
    await drive.press("comma")
    await drive.wait_for_text("· preactivation")
    await drive.press("pagedown", "pagedown", "pagedown", "tab")
    await drive.wait_for_text("← input a →")
    await drive.press("escape")
    await drive.until(lambda snapshot: snapshot.step_trace is None)
    await drive.until(lambda _: "─ L1 error" in drive.text)
    assert (drive.snapshot.step, drive.snapshot.status) == (0, Status.PAUSED)
    assert bits.highlight is None
    await drive.press("full_stop")
    await drive.wait_for_text("step 1: gradient · W_x")
    await drive.press("pagedown", "full_stop")
    await drive.until(lambda _: "SGD: W_h" in drive.text)
    await drive.press("full_stop", "full_stop")
    await drive.until(lambda snapshot: snapshot.step == 1)
    await drive.wait_for_text("step 2: forward · time step 1 · preactivation")


async def trains_one_step_past_the_last_stop(drive: Drive) -> None:
    """Hold the key of the next stop down at the last one."""
    await drive.press("full_stop")
    pane = drive.dashboard.query_one(StepTracePane)
    await drive.until(lambda _: pane.stop is not None)
    while pane.go_to_next_stop():
        pass
    for _ in range(20):  # fewer than there are stops, before or after the next trace is drawn
        await drive.dashboard.action_next_stop()
    await drive.wait_for_text("step 2: forward")
    assert drive.snapshot.step == 1

"""The panes display what the run has computed."""

from functools import partial
from math import inf

import pytest

from rnn_tui.run.changes import SetField
from rnn_tui.run.run import Run
from rnn_tui.session.snapshot import Snapshot, Status
from rnn_tui.text.report import summary_lines
from rnn_tui.tui.panes.base import PlotArea
from rnn_tui.tui.panes.gradient_norms import GradientNormsPane
from tests.tui.pilot import SMALL, driving, run


def _has_taken(step: int, snapshot: Snapshot) -> bool:
    return snapshot.step == step


def test_trained_run_displays_100_percent_accuracy() -> None:
    async def test() -> None:
        size, steps = (120, 40), 3000
        async with driving(size, speed=inf, learning_rate=0.5, steps=steps) as drive:
            await drive.press("space")
            done = await drive.until(
                lambda snapshot: snapshot.status is Status.FINISHED and snapshot.score_step == steps
            )
            assert done.score
            assert (done.score.n_correct, done.score.n_sequences) == (64, 64)
            await drive.wait_for_text("sequence accuracy 100.00 % (64 of 64)")
            await drive.wait_for_text("bit accuracy 100.00 % (no memory 73.44 %)")
            await drive.wait_for_text(f"100 % by step {done.known_exact_step:,}")
            await drive.wait_for_text("all 3,000 planned steps are done; space continues")
            await drive.press("space")
            await drive.until(lambda snapshot: snapshot.step > steps)

    run(test)


def test_figures_are_those_of_a_run_without_a_screen() -> None:
    async def test() -> None:
        alone = Run(SMALL)
        alone.advance(100)
        example = alone.inspector.example()
        assert example
        async with driving((120, 40)) as drive:
            await drive.press("S")
            await drive.until(lambda snapshot: snapshot.step == 100)
            text = drive.text
            assert f"now {alone.history.last:.3f}" in text
            assert f"mean of 100: {alone.history.mean_metric:.3f}" in text or (
                f"mean {alone.history.mean_metric:.3f}" in text
            )
            verdict = "✓" if example.is_correct else f"✗ {example.predicted_text}"
            assert f"{example.input_text} = {example.target_text} {verdict}" in text
            ratio = example.last_step_gradient_norms[-1] / example.last_step_gradient_norms[0]
            assert f", 1/{ratio:.2f} over 3" in text

    run(test)


def test_change_is_marked_below_the_loss_curve_and_listed() -> None:
    async def test() -> None:
        async with driving((120, 40)) as drive:
            await drive.press("S")
            await drive.until(lambda snapshot: snapshot.step == 100)
            await drive.press("plus", "S")
            await drive.until(lambda snapshot: snapshot.step == 200)
            await drive.wait_for_text("▲ 100 lr 0.1→0.2")
            assert (
                drive.text.count("step 100: lr 0.1 → 0.2") == 2
            )  # in the message line and the list

    run(test)


def test_title_of_the_loss_curve_is_that_of_its_loss_though_an_earlier_step_is_viewed() -> None:
    async def test() -> None:
        async with driving((120, 40)) as drive:
            await drive.press("S")
            await drive.until(lambda snapshot: snapshot.step == 100)
            drive.dashboard.send(SetField("loss", "cross-entropy"))
            await drive.press("S")
            await drive.until(lambda snapshot: snapshot.step == 200)
            await drive.wait_for_text("· from step 100, log scale")
            await drive.press("home")
            await drive.wait_for_text("viewing step 0 of 200")
            await drive.wait_for_text("(L1 error Σ|y−ŷ|)")
            assert "cross-entropy loss, nats  " in drive.text

    run(test)


def test_changes_pane_of_a_large_window_lists_components() -> None:
    async def test() -> None:
        async with driving((200, 60)) as drive:
            await drive.press("plus")
            await drive.wait_until_handled()
            await drive.wait_for_text("step 0: lr 0.1 → 0.2")
            for words in ("optimizer SGD  ", "lr  0.2", "fresh samples"):
                await drive.wait_for_text(words)

    run(test)


def test_diverged_run_halts_and_resumes_with_a_lower_learning_rate() -> None:
    async def test() -> None:
        async with driving(paused=False, speed=1000) as drive:
            await drive.until(lambda snapshot: snapshot.step > 20)
            drive.dashboard.send(SetField("lr", 1000.0))
            halted = await drive.until(lambda snapshot: snapshot.status is Status.HALTED)
            await drive.wait_for_text(f"halted at step {halted.step:,}")
            await drive.wait_for_text("halted: units saturated")
            await drive.press("w", "h", "1", "0")  # the panes still work
            await drive.press("space")
            assert "lower the learning rate first" in (await drive.wait_until_handled()).message
            drive.dashboard.send(SetField("lr", 0.1))
            await drive.until(lambda snapshot: snapshot.step > halted.step + 20)
            assert drive.snapshot.status is Status.RUNNING

    run(test)


def test_restart_resumes_a_diverged_run() -> None:
    async def test() -> None:
        async with driving(paused=False, learning_rate=1000.0) as drive:
            await drive.until(lambda snapshot: snapshot.status is Status.HALTED)
            await drive.press("r")
            await drive.wait_for_text("restarted with seed 0, learning rate 0.1")
            await drive.until(lambda snapshot: snapshot.step > 20)

    run(test)


def test_error_in_the_worker_is_displayed_and_its_traceback_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(_self: Run, *_args: object) -> None:
        raise RuntimeError("a [markup] error")

    async def test() -> None:
        async with driving() as drive:
            monkeypatch.setattr(Run, "advance", broken)
            await drive.press("s")
            failed = await drive.until(lambda snapshot: snapshot.status is Status.FAILED)
            await drive.wait_for_text("the trainer failed")
            await drive.wait_for_text("a [markup] error")
            assert "Traceback" in failed.failure
            assert "in broken" in failed.failure
            await drive.press("t", "w", "question_mark", "escape")  # the screen still works

    run(test)


def test_paused_run_posts_no_snapshots() -> None:
    async def test() -> None:
        async with driving() as drive:
            await drive.press("s")
            await drive.until(lambda snapshot: snapshot.score_step == 1)
            still = drive.snapshot
            await drive.pilot.pause(0.5)
            assert drive.snapshot is still

    run(test)


def test_summary_has_the_command_that_repeats_the_run() -> None:
    async def test() -> None:
        async with driving() as drive:
            await drive.press("s")
            await drive.until(lambda snapshot: snapshot.step == 1)
            await drive.press("plus", "S")
            await drive.until(lambda snapshot: snapshot.step == 101)
            command = "rnn-tui train --recipe binary-addition --length 4 --steps 101 --at 1:lr=0.2"
            assert command in "\n".join(summary_lines(drive.snapshot))

    run(test)


def test_single_steps_are_drawn_without_throttling() -> None:
    async def test() -> None:
        async with driving((120, 40)) as drive:
            plot = drive.dashboard.query_one(GradientNormsPane).query_one(PlotArea)
            drawn = []
            for step in (1, 2, 3):
                await drive.press("s")
                await drive.until(partial(_has_taken, step))
                drawn.append(str(plot.render()))
            assert len(set(drawn)) == 3

    run(test)

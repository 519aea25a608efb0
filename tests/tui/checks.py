"""What each command of the table is expected to do when its key is pressed."""

import asyncio
from math import inf
from unittest.mock import patch

from rich.style import Style
from rich.text import Text
from textual.coordinate import Coordinate
from textual.widgets import Input

from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.session import siblings
from rnn_tui.session.snapshot import Status
from rnn_tui.tui.screens.dialogs import ChangeScreen, ExampleScreen
from rnn_tui.tui.widgets.table import WholeColumnTable
from tests.support.siblings import InlineProcess
from tests.tui.checks_display import (
    TITLES,
    Check,
    changes_palette,
    changes_theme,
    changes_window,
    explains,
    helps,
    maximizes,
    replaces_a_pane,
    resets_the_view,
    shows_the_inside_view,
    shows_view,
)
from tests.tui.checks_navigation import NAVIGATION_CHECKS
from tests.tui.checks_trace import traces, trains_one_step_past_the_last_stop
from tests.tui.pilot import FRAME_SECONDS, Drive


async def pauses(drive: Drive) -> None:
    await drive.press("space")
    running = await drive.wait_until_handled()
    assert running.status is Status.RUNNING
    await drive.until(lambda snapshot: snapshot.step > 10)
    await drive.press("space")
    stopped = (await drive.wait_until_handled()).step
    await drive.pilot.pause(0.3)
    assert drive.snapshot.step == stopped
    await drive.wait_for_text(f"paused at step {stopped:,}")


async def steps_once(drive: Drive) -> None:
    await drive.press("s", "s", "s")
    stepped = await drive.until(lambda snapshot: snapshot.step == 3)
    assert stepped.status is Status.PAUSED
    await drive.pilot.pause(0.2)
    assert drive.snapshot.step == 3


async def steps_a_hundred(drive: Drive) -> None:
    await drive.press("S")
    await drive.until(lambda snapshot: snapshot.step == 100)
    await drive.pilot.pause(0.2)
    assert drive.snapshot.step == 100


async def changes_task(drive: Drive) -> None:
    await drive.press("t")
    assert (await drive.wait_until_handled()).settings.task == "subtraction"
    await drive.wait_for_text("step 0: task addition → subtraction, weights kept")
    drive.press_at_once(*["t"] * (len(TASKS) - 1))
    log = (await drive.wait_until_handled()).log
    assert [applied.settings.task for applied in log] == [*[*TASKS][1:], "addition"]
    await drive.wait_for_text("→ addition")


async def changes_optimizer(drive: Drive) -> None:
    names = list(OPTIMIZERS)
    drive.press_at_once(*["o"] * len(names))
    log = (await drive.wait_until_handled()).log
    assert [applied.settings.optimizer for applied in log] == [*names[1:], names[0]]
    for applied in log:
        default = OPTIMIZERS[applied.settings.optimizer].default_lr
        assert applied.settings.learning_rate == default
    await drive.wait_for_text(f"step 0: optimizer {names[-1]} → sgd, lr 0.1")


async def changes_optimizer_back(drive: Drive) -> None:
    await drive.press("o", "o", "O")
    assert (await drive.wait_until_handled()).settings.optimizer == list(OPTIMIZERS)[1]


async def raises_rate(drive: Drive) -> None:
    for key, rate in (("plus", 0.2), ("equals_sign", 0.5), ("plus", 1.0)):
        await drive.press(key)
        assert (await drive.wait_until_handled()).settings.learning_rate == rate
    await drive.wait_for_text("lr 0.5 → 1")


async def lowers_rate(drive: Drive) -> None:
    await drive.press("minus", "minus")
    assert (await drive.wait_until_handled()).settings.learning_rate == 0.02


def types_value(control: str, key: str, text: str, field: str, value: object) -> Check:
    async def check(drive: Drive) -> None:
        await drive.press(key)
        field_of = drive.dashboard.query_one(f"#{control}", Input)
        await drive.until(lambda _: drive.app.focused is field_of)
        await drive.press(*text, "enter")
        assert getattr((await drive.wait_until_handled()).settings, field) == value
        assert drive.app.focused is None
        assert drive.dashboard.query_one(f"#{control}", Input).value == text

    return check


async def trains_faster(drive: Drive) -> None:
    await drive.press("greater_than_sign")
    assert (await drive.wait_until_handled()).speed == 1000
    await drive.press(*["greater_than_sign"] * 5)
    assert (await drive.wait_until_handled()).speed == inf
    await drive.wait_for_text("unlimited")


async def trains_slower(drive: Drive) -> None:
    await drive.press("less_than_sign")
    assert (await drive.wait_until_handled()).speed == 200
    await drive.press(*["less_than_sign"] * 9)
    assert (await drive.wait_until_handled()).speed == 1


async def restarts(drive: Drive) -> None:
    await drive.press("s")
    first = (await drive.until(lambda snapshot: snapshot.step == 1)).metric
    await drive.press("plus", "r")
    again = await drive.until(lambda snapshot: snapshot.step > 1)
    assert again.settings.seed == 0
    assert again.settings.learning_rate == 0.2
    assert again.full_run.mean[0] == first
    assert again.log == ()


async def restarts_with_new_seed(drive: Drive) -> None:
    await drive.press("S")
    await drive.until(lambda snapshot: snapshot.step == 100)
    await drive.press("R")
    restarted = await drive.wait_until_handled()
    assert restarted.settings.seed != 0
    assert restarted.status is Status.RUNNING
    await drive.wait_for_text(f"restarted with seed {restarted.settings.seed}")


async def pins(drive: Drive) -> None:
    await drive.press("s")
    pinned = (await drive.until(lambda snapshot: snapshot.step == 1)).example
    await drive.press("h", "S")
    later = await drive.until(lambda snapshot: snapshot.step == 101)
    assert pinned
    assert later.example
    assert later.example.input_text == pinned.input_text
    assert later.example.metric != pinned.metric
    await drive.wait_for_text("pinned")
    await drive.press("h")
    assert not (await drive.wait_until_handled()).is_pinned


async def pins_the_newest(drive: Drive) -> None:
    await drive.press("s", "h", "s")
    pinned = (await drive.until(lambda snapshot: snapshot.step == 2)).example
    await drive.press("n")
    later = await drive.wait_until_handled()
    assert later.is_pinned
    assert pinned
    assert later.example
    assert later.example.input_text != pinned.input_text


async def pins_typed_example(drive: Drive) -> None:
    await drive.press("p")
    await drive.until(lambda _: isinstance(drive.app.screen, ExampleScreen))
    await drive.press(*"3-10", "enter")
    await drive.wait_for_text("expected two numbers, as in 7+7")
    await drive.press(*["backspace"] * 4, *"3+7", "enter")
    pinned = (await drive.wait_until_handled()).example
    assert pinned
    assert (pinned.input_text, pinned.target_text) == ("3 + 7", "10")
    await drive.wait_for_text("3 + 7 = 10")


async def changes_anything(drive: Drive) -> None:
    await drive.press("colon")
    await drive.until(lambda _: isinstance(drive.app.screen, ChangeScreen))
    await drive.press(*"clip=1", "enter")
    await drive.wait_for_text("did you mean clip-norm?")
    await drive.press(*["backspace"] * 6, *"clip-norm=0.5", "enter")
    assert (await drive.wait_until_handled()).settings.clip_norm == 0.5
    await drive.wait_for_text("step 0: clip norm inf → 0.5")
    await drive.press("colon", *"clip-norm ")
    await drive.wait_for_text("clip-norm=0.5")
    await drive.press(*"2", "enter")
    assert (await drive.wait_until_handled()).settings.clip_norm == 2


async def changes_model(drive: Drive) -> None:
    await drive.press("m")
    handled = await drive.wait_until_handled()
    assert handled.settings.model == "gru"
    assert "all weights new" in handled.message
    await drive.wait_for_text("GRU 16")
    await drive.press("m", "m", "m")  # LSTM, feed-forward, and not the one with one input
    assert (await drive.wait_until_handled()).settings.model == "elman"


async def edits_breakpoints(drive: Drive) -> None:
    await drive.press("colon", *"break")
    await drive.wait_for_text("loss<1  the mean loss")
    await drive.press(*" step=2", "enter")
    await drive.wait_for_text("breakpoint step=2 is set: evaluated at that step")
    await drive.press("d")
    await drive.wait_for_text("on   step=2  at that step")
    await drive.wait_for_text("space on/off · x deletes · tab input · esc closes")
    await drive.press("space")
    await drive.wait_for_text("off  step=2")
    await drive.press("space")
    await drive.wait_for_text("on   step=2")
    await drive.press("tab")
    await drive.wait_for_text("enter sets · tab list · esc closes")
    await drive.press(*"step=3", "enter")
    await drive.wait_for_text("on   step=3")
    await drive.press(*"step=3", "enter")
    await drive.wait_for_text("breakpoint step=3 is already set")
    await drive.press("escape", "S")
    stopped = await drive.until(lambda snapshot: snapshot.breakpoint_hits)
    assert (stopped.step, stopped.status) == (2, Status.PAUSED)
    await drive.wait_for_text("step 2: breakpoint step=2: the step is reached; space resumes")
    await drive.press("space")
    await drive.until(lambda snapshot: len(snapshot.breakpoint_hits) == 2)
    assert drive.snapshot.step == 3
    await drive.press("d", "x")
    await drive.until(lambda snapshot: len(snapshot.breakpoints) == 1)
    await drive.press("x")
    await drive.until(lambda snapshot: not snapshot.breakpoints)
    await drive.wait_for_text("enter sets · esc closes")
    await drive.press(*"los")
    await drive.wait_for_text("loss<1  the mean loss")
    await drive.press("escape")
    await drive.until(lambda _: drive.app.screen is drive.dashboard)


async def edits_hyperparameter(drive: Drive) -> None:
    await drive.press("k")
    await drive.wait_for_text("lr=0.1")
    await drive.press("escape", "o", "k")
    await drive.wait_for_text("momentum coefficient")
    await drive.press(*"0.5", "enter")
    assert (await drive.wait_until_handled()).settings.hyperparameters["momentum"] == 0.5
    await drive.wait_for_text("momentum 0.02 μ 0.5")


async def checks_gradient(drive: Drive) -> None:
    await drive.press("g")
    assert "no example yet for a gradient check" in (await drive.wait_until_handled()).message
    await drive.press("S", "g")
    await drive.until(lambda snapshot: snapshot.step == 100)
    await drive.press("g")
    assert (
        "step 100: gradient correct: worst relative error"
        in (await drive.wait_until_handled()).message
    )
    await drive.wait_for_text("gradient correct")


async def compares(drive: Drive) -> None:
    await drive.press("v")
    for words in ("branches and recorded runs", "mean of 100", "[1]", "branch 1"):
        await drive.wait_for_text(words)
    _check_that_unchanged_cells_are_kept(drive.dashboard.query_one(WholeColumnTable))
    await drive.press("v")
    await drive.until(lambda _: "recorded runs" not in drive.text)


def _check_that_unchanged_cells_are_kept(table: WholeColumnTable) -> None:
    """Textual would render every cell again after a change of one."""

    def cells() -> list[object]:
        return [table._render_cell(0, column, Style(), 9) for column in (2, 3)]

    changed, unchanged = cells()
    table.update_cell_at(Coordinate(0, 2), Text("1"))
    assert [cell is old for cell, old in zip(cells(), (changed, unchanged), strict=True)] == [
        False,
        True,
    ]


async def quits(drive: Drive) -> None:
    await drive.press("q")
    while drive.app.is_running:
        await asyncio.sleep(FRAME_SECONDS)


async def copies(drive: Drive) -> None:
    await drive.press("2", "s")
    await drive.wait_for_text("after step 1 · newest")
    await drive.press("tab", "y")
    await drive.wait_for_text("lines of hidden states: sent to the terminal's clipboard (OSC 52)")
    title, *lines, subtitle = drive.app.clipboard.splitlines()
    assert (title, subtitle.startswith("after step 1 · newest")) == ("hidden states", True)
    assert all(line and line == line.rstrip() and line in drive.text for line in lines)
    assert f"copied {len(lines) + 2} lines" in drive.text
    await drive.press("s")
    await drive.until(lambda _: "copied" not in drive.text)
    await drive.press("escape", "y")
    await drive.wait_for_text("copied 24 lines of the screen")
    assert drive.app.clipboard.startswith(drive.text.partition("\n")[0])


async def trains_siblings(drive: Drive) -> None:
    await drive.press("3", "a")
    await drive.wait_for_text("there are no siblings; N trains some")
    with patch.object(siblings, "SiblingsProcess", InlineProcess):
        await drive.press("colon", *"seeds=2", "enter", "S")
        await drive.wait_for_text("0 of 2 exact by step 100")
        await drive.wait_for_text("10–90 % and median of 2 seeds")
        await drive.press("plus", "S")
        await drive.wait_for_text("The siblings are paused")
        await drive.press("A")
        await drive.wait_for_text("The siblings are without lr=0.2 after step 100.")
        await drive.wait_for_text("with other changes, 0 of 2 exact by step 200")
        await drive.press("a")
        await drive.wait_for_text("0 of 2 exact by step 200")
        await drive.until(lambda _: "are without" not in drive.text)
        await drive.until(lambda _: "with other changes" not in drive.text)
        await drive.press("N")
        assert (await drive.wait_until_handled()).siblings is None


CHECKS: dict[str, Check] = {
    "request('toggle-pause')": pauses,
    "request('step')": steps_once,
    "request('step-100')": steps_a_hundred,
    "request('next-task')": changes_task,
    "request('next-optimizer')": changes_optimizer,
    "request('previous-optimizer')": changes_optimizer_back,
    "request('increase-lr')": raises_rate,
    "request('decrease-lr')": lowers_rate,
    "focus_control('lr')": types_value("lr", "L", "0.3", "learning_rate", 0.3),
    "focus_control('hidden')": types_value("hidden", "H", "8", "hidden_size", 8),
    "focus_control('batch')": types_value("batch", "B", "32", "batch_size", 32),
    "focus_control('seed')": types_value("seed", "D", "7", "seed", 7),
    "request('faster')": trains_faster,
    "request('slower')": trains_slower,
    "request('seeds')": trains_siblings,
    "request('siblings-with-changes')": trains_siblings,
    "request('siblings-without-changes')": trains_siblings,
    "request('restart')": restarts,
    "request('restart-new-seed')": restarts_with_new_seed,
    "toggle_window": changes_window,
    "request('pin')": pins,
    "request('pin-newest')": pins_the_newest,
    "copy": copies,
    "predict": pins_typed_example,
    "change": changes_anything,
    "breakpoints": edits_breakpoints,
    "request('check-gradient')": checks_gradient,
    "request('next-model')": changes_model,
    "edit_hyperparameter": edits_hyperparameter,
    "about": explains,
    "show_view('train')": shows_view("1", *TITLES[:5]),
    "show_view('inside')": shows_the_inside_view,
    "show_view('compare')": shows_view("3", "─ L1 error", "─ branches"),
    "show_view('map')": shows_view("4", "─ bits"),
    "toggle_maximized": maximizes,
    "replace_pane": replaces_a_pane,
    "reset_view": resets_the_view,
    "app.next_palette": changes_palette,
    "app.toggle_theme": changes_theme,
    "next_stop": trains_one_step_past_the_last_stop,
    "previous_stop": traces,
    **NAVIGATION_CHECKS,
    "compare": compares,
    "help": helps,
    "quit_run": quits,
}

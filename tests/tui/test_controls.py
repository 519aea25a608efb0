"""Every control shows its current value, and changes it by keys alone."""

from math import inf

import pytest
from textual.widgets import Input, Select

from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.run.changes import SetField
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.controls import Controls
from rnn_tui.tui.widgets.select import SettingSelect
from tests.support.variants import variants
from tests.tui.pilot import Drive, driving, run


async def focus(drive: Drive, name: str) -> None:
    drive.dashboard.query_one(f"#{name}").focus()
    await drive.settle()


def test_tab_reaches_every_control() -> None:
    async def test() -> None:
        async with driving() as drive:
            reached = set()
            for _ in drive.dashboard.focus_chain:
                await drive.press("tab")
                assert drive.app.focused
                reached.add(drive.app.focused.id)
            assert reached >= {"task", "optimizer", "speed", "lr", "hidden", "batch", "seed"}

    run(test)


def test_controls_show_the_current_values() -> None:
    async def test() -> None:
        async with driving(
            optimizer="adam", learning_rate=0.003, hidden_size=12, seed=5, batch_size=4
        ) as drive:
            controls = drive.dashboard.query_one(Controls)
            chosen = {select.id: select.value for select in controls.query(Select)}
            typed = {field.id: field.value for field in controls.query(Input)}
            assert chosen == {"task": "addition", "optimizer": "adam", "speed": 500.0}
            assert typed == {"lr": "0.003", "seed": "5", "hidden": "12", "batch": "4"}

    run(test)


@pytest.mark.parametrize(
    ("name", "presses", "field", "value"),
    [
        ("task", 1, "task", "subtraction"),
        ("optimizer", 2, "optimizer", list(OPTIMIZERS)[2]),
    ],
)
def test_select_from_a_list(name: str, presses: int, field: str, value: str) -> None:
    async def test() -> None:
        async with driving() as drive:
            await focus(drive, name)
            await drive.press("enter", *["down"] * presses, "enter")
            handled = await drive.until(lambda snapshot: getattr(snapshot.settings, field) == value)
            assert handled.log[-1].step == 0
            assert drive.app.focused is None  # so that the keys are commands again

    run(test)


def test_select_a_speed() -> None:
    async def test() -> None:
        async with driving() as drive:
            await focus(drive, "speed")
            await drive.press("enter", "end", "enter")
            await drive.until(lambda snapshot: snapshot.speed == inf)

    run(test)


@pytest.mark.parametrize(
    ("name", "text", "refusal"),
    [
        ("lr", "0", "the learning rate must be above 0"),
        ("hidden", "100000", "hidden-size must be an integer from 1 to 512"),
        ("batch", "0", "batch-size must be an integer from 1 to 4,096"),
        ("seed", "99999999999", "seed must be an integer from 0 to 4,294,967,295"),
    ],
)
def test_invalid_value_is_refused_and_changes_nothing(name: str, text: str, refusal: str) -> None:
    async def test() -> None:
        async with driving() as drive:
            before = drive.snapshot.settings
            await focus(drive, name)
            await drive.press(*text, "enter")
            handled = await drive.wait_until_handled()
            assert handled.settings == before
            assert refusal in handled.message
            assert handled.refused
            await drive.wait_for_text(refusal[:40])
            assert drive.dashboard.query_one(f"#{name}", Input).value != text

    run(test)


def test_speed_outside_the_list_is_shown() -> None:
    async def test() -> None:
        async with driving(speed=300.0) as drive:
            assert drive.dashboard.query_one("#speed", Select).value == 300.0
            await drive.press("greater_than_sign")
            assert (await drive.wait_until_handled()).speed == 500

    run(test)


def test_learning_rate_is_shown_to_its_last_digit() -> None:
    async def test() -> None:
        async with driving(learning_rate=0.1234567890123) as drive:
            assert drive.dashboard.query_one("#lr", Input).value == "0.1234567890123"
            await drive.press("L", "enter")
            assert (await drive.wait_until_handled()).log == ()

    run(test)


def test_escape_restores_the_value() -> None:
    async def test() -> None:
        async with driving() as drive:
            await drive.press("L", *"77", "escape")
            assert drive.app.focused is None
            assert drive.dashboard.query_one("#lr", Input).value == "0.1"
            assert drive.snapshot.log == ()

    run(test)


def test_palette_sends_the_requests_of_the_keys() -> None:
    async def test() -> None:
        async with driving() as drive:
            await drive.press("ctrl+p")
            await drive.press(*"optimizer next")
            await drive.pilot.pause(0.5)
            await drive.press("enter")
            handled = await drive.until(lambda snapshot: snapshot.log)
            assert handled.log[-1].change == SetField("optimizer", "momentum")

    run(test)


@pytest.mark.parametrize(
    ("typed", "change"),
    [
        ("adamw", SetField("optimizer", "adamw")),
        ("task subtr", SetField("task", "subtraction")),
        ("model lstm", SetField("model", "lstm")),
    ],
)
def test_palette_finds_choices_by_name(typed: str, change: SetField) -> None:
    async def test() -> None:
        async with driving() as drive:
            await drive.press("ctrl+p")
            await drive.press(*typed)
            await drive.pilot.pause(0.5)
            await drive.press("enter")
            handled = await drive.until(lambda snapshot: snapshot.log)
            assert handled.log[-1].change == change

    run(test)


def test_new_hidden_size_reports_a_new_model() -> None:
    async def test() -> None:
        async with driving() as drive:
            drive.dashboard.send(SetField("hidden-size", 4))
            assert (
                "hidden size 16 → 4, all weights new" in (await drive.wait_until_handled()).message
            )
            await drive.wait_for_text("Elman 4 σ")

    run(test)


@pytest.mark.parametrize(
    "size", variants([(60, 20), (80, 24), (120, 40), (200, 60)], short=[(60, 20), (120, 40)])
)
def test_every_choice_of_a_list_fits(size: tuple[int, int]) -> None:
    async def test() -> None:
        async with driving(size) as drive:
            for select in drive.dashboard.query_one(Controls).query(Select):
                room = select.query_one("#label").size.width
                assert max(len(str(title)) for title, _ in select._options) <= room, select

    run(test)


def test_keys_while_training_at_unlimited_speed_are_all_handled() -> None:
    async def test() -> None:
        async with driving(speed=inf, paused=False, steps=10**9) as drive:
            for _ in range(5):
                await drive.press("t", "o", "plus")
            handled: Snapshot = await drive.wait_until_handled()
            assert len(handled.log) == 15
            assert handled.settings.task == list(TASKS)[5]
            assert [applied.step for applied in handled.log] == sorted(
                applied.step for applied in handled.log
            )

    run(test)


def test_rate_key_starts_from_the_rate_restored_with_an_optimizer() -> None:
    async def test() -> None:
        async with driving() as drive:
            await drive.press("plus", "o", "O", "plus")
            assert (await drive.wait_until_handled()).settings.learning_rate == 0.5

    run(test)


@pytest.mark.parametrize("key", variants(["L", "D", "H", "B"], short=["L"]))
def test_many_keys_typed_at_once_go_into_the_control(key: str) -> None:
    async def test() -> None:
        async with driving((120, 40)) as drive:
            before = drive.snapshot.settings
            await drive.press(key)
            drive.press_at_once(*("0123456789" * 5), "x", "-", "_", ".")
            await drive.press("escape", "S")
            after = await drive.until(lambda snapshot: snapshot.step == 100)
            assert after.settings == before

    run(test)


def test_selection_is_sent_although_the_focus_moves_at_once() -> None:
    async def test() -> None:
        async with driving() as drive:
            await drive.press("S")
            await drive.until(lambda snapshot: snapshot.step == 100)
            await focus(drive, "task")
            await drive.press("enter", "down")
            drive.press_at_once("enter", "tab")
            await drive.until(lambda snapshot: snapshot.settings.task == list(TASKS)[1])
            assert drive.dashboard.query_one("#task", SettingSelect).value == list(TASKS)[1]

    run(test)


def test_page_keys_move_to_the_ends_of_an_open_list() -> None:
    async def test() -> None:
        async with driving() as drive:
            await focus(drive, "task")
            await drive.press("enter")
            drive.press_at_once("pageup", "pagedown", "pageup", "pagedown", "enter")
            await drive.until(lambda snapshot: snapshot.settings.task == list(TASKS)[-1])

    run(test)

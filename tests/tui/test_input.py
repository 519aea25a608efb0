"""Typed numbers are parsed as on the command line; blank inputs and placeholders change nothing."""

import re

import pytest
from textual.app import App
from textual.widgets import Input

from rnn_tui.config.errors import UserError
from rnn_tui.config.recipes import RECIPES
from rnn_tui.run.changes import SetField, parse_change
from rnn_tui.session.controller import Request
from rnn_tui.session.requests import PlanSteps, Restart, StartRecipe, TrainSiblings
from rnn_tui.tui.controls import parse_request
from rnn_tui.tui.screens.dialogs import ChangeScreen, ExampleScreen
from tests.tui.pilot import driving, run

SETTINGS = RECIPES["binary-addition"].settings


@pytest.mark.parametrize(
    ("control", "text", "request_"),
    [
        ("lr", "1e-3", SetField("lr", 0.001)),
        ("lr", " 0.5 ", SetField("lr", 0.5)),
        ("batch", "1e3", SetField("batch-size", 1000)),
        ("hidden", "\t24", SetField("hidden-size", 24)),
        ("seed", "1e3", Restart(seed=1000)),
        ("seed", " ", None),
        ("hidden", "", None),
    ],
)
def test_typed_number_is_parsed_as_on_the_command_line(
    control: str, text: str, request_: Request | None
) -> None:
    assert parse_request(control, text) == request_


@pytest.mark.parametrize(
    ("control", "text"),
    [
        ("lr", "0,5"),
        ("lr", "1/10"),
        ("lr", "1e−3"),  # a typographic minus
        ("lr", "0·5"),
        ("hidden", "2.5"),
        ("batch", "0x20"),
        ("batch", "1,000"),
        ("seed", "two"),
    ],
)
def test_text_that_is_no_number_is_refused(control: str, text: str) -> None:
    with pytest.raises(UserError, match="is not a"):
        parse_request(control, text)


def test_refused_number_stays_in_its_control_with_a_message() -> None:
    async def test() -> None:
        async with driving((80, 24)) as drive:
            await drive.press("L", *"0,5", "enter")
            await drive.wait_for_text("lr: '0,5' is not a number")
            assert drive.dashboard.query_one("#lr", Input).value == "0,5"
            assert drive.dashboard.query_one("#lr", Input).has_focus
            await drive.press("home", "right", "delete", ".", "enter")
            assert (await drive.wait_until_handled()).settings.learning_rate == 0.5

    run(test)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seed=3", "start one with --seed 3, or restart with D"),
        ("initializer=normal", "start one with --initializer normal"),
        ("lr=x", "lr: 'x' is not a number"),
        ("lr=0.1 optimizer=adam", "'lr=0.1 optimizer=adam' is not NAME=VALUE, as in lr=0.2: enter"),
    ],
)
def test_refusal_names_the_key_that_restarts_with_a_setting(text: str, message: str) -> None:
    with pytest.raises(UserError, match=f"{re.escape(message)}($| one change at a time)"):
        ChangeScreen(SETTINGS).parse(text)


def test_commands_are_typed_as_settings() -> None:
    assert ChangeScreen(SETTINGS).parse("seeds 8") == TrainSiblings(8)
    assert ChangeScreen(SETTINGS).parse("steps=20000") == PlanSteps(20_000)
    assert ChangeScreen(SETTINGS).parse("recipe xor") == StartRecipe("xor")
    with pytest.raises(UserError, match="the number of siblings must be from 0"):
        ChangeScreen(SETTINGS).parse("seeds=1000")


def test_dialogs_close_on_blank_input_and_complete_with_tab() -> None:
    results: list[str | Request | None] = []

    async def test() -> None:
        app: App[None] = App()
        async with app.run_test() as pilot:
            app.push_screen(ExampleScreen(SETTINGS.make_task()), results.append)
            await pilot.pause()
            assert app.screen.query_one(Input).placeholder == "e.g. 37+101"
            await pilot.press("enter")
            app.push_screen(ChangeScreen(SETTINGS), results.append)
            await pilot.pause()
            await pilot.press("tab", *"clip-n", "tab", "2", "enter")
            app.push_screen(ChangeScreen(SETTINGS), results.append)
            await pilot.pause()
            await pilot.press("space", "enter")

    run(test)
    assert results == [None, parse_change("clip-norm=2"), None]

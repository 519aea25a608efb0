"""Settings that make no run are refused in one line that says what would."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.engine.tasks import TASKS
from rnn_tui.settings import (
    MAX_BATCH,
    MAX_HIDDEN,
    MAX_RATE,
    MAX_SEED,
    MAX_STATES,
    MAX_STEPS,
    SettingsError,
    known,
)
from tests.session.makers import settings_with

LIMITS = {
    "hidden": (1, MAX_HIDDEN),
    "bits": (2, 64),
    "batch": (1, MAX_BATCH),
    "seed": (0, MAX_SEED),
    "steps": (1, MAX_STEPS),
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_whole_number_has_its_limits(name: str) -> None:
    least, most = LIMITS[name]
    for value in (least, most):
        assert getattr(settings_with(**{name: value}), name) == value
    for value in (least - 1, most + 1):
        with pytest.raises(SettingsError, match=f"^{name} must be .* not {value:,}$"):
            settings_with(**{name: value})


@pytest.mark.parametrize("rate", [0.0, -0.1, float("nan"), float("inf"), 2 * MAX_RATE])
def test_a_rate_that_cannot_teach_is_refused(rate: float) -> None:
    with pytest.raises(SettingsError, match="learning rate"):
        settings_with(learning_rate=rate)


def test_a_run_that_would_not_fit_in_memory_is_refused() -> None:
    assert settings_with(bits=64, batch=128, hidden=512).batch == MAX_STATES // (64 * 512)
    with pytest.raises(SettingsError, match="64 × 129 × 512 = 4,227,072"):
        settings_with(bits=64, batch=129, hidden=512)


@pytest.mark.parametrize(
    ("setting", "typed", "meant"),
    [
        ("task", "aditon", "addition"),
        ("task", "SUBTRACT", "subtraction"),
        ("optimizer", "Adam", "adam"),
        ("initialisation", "normall", "normal"),
    ],
)
def test_an_unknown_name_is_answered_by_the_nearest(setting: str, typed: str, meant: str) -> None:
    with pytest.raises(SettingsError, match=f"^there is no {setting} .*did you mean {meant}"):
        settings_with(**{setting: typed})


def test_a_name_like_no_other_is_answered_by_the_nearest_and_all_there_are() -> None:
    with pytest.raises(SettingsError, match=r"did you mean \w+\? There are addition, subtraction"):
        settings_with(task="xyz")


@settings(max_examples=50, deadline=None)
@given(st.text())
def test_a_name_is_known_or_refused_in_one_line(name: str) -> None:
    try:
        assert known("task", name, TASKS) in TASKS
    except SettingsError as reason:
        assert str(reason).isprintable()  # noqa: PT017 - either outcome is right

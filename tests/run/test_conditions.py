"""Each condition is parsed, and evaluated at its documented steps only."""

from math import inf

import pytest

from rnn_tui.analysis.memory import MEMORY_USED
from rnn_tui.analysis.units import MAX_SATURATED_FRACTION
from rnn_tui.config.errors import UserError
from rnn_tui.config.recipes import RECIPES
from rnn_tui.run.condition_values import ACCURACY_SEQUENCES, EVALUATORS, check_condition
from rnn_tui.run.conditions import CONDITIONS, parse_condition
from rnn_tui.run.events import PLATEAU_STEPS
from rnn_tui.run.history import SMOOTHING_STEPS
from tests.support.makers import SMALL, settings_with

ERRORS = {
    "": "enter a condition, or several joined by and: exact, loss<1, .*, change",
    "exat": r"unknown condition 'exat' \(did you mean exact\?\)\. Choose from: .*",
    "exact and": r"unknown condition 'exact and'.*|exact takes no value, not 'exact and': .*",
    "exact=1": "exact takes no value, not 'exact=1': enter exact",
    "loss": "loss needs <, <=, >, >= and a number, as in loss<1",
    "loss=1": "loss needs <, <=, >, >= and a number, as in loss<1",
    "loss<": "loss needs <, <=, >, >= and a number, as in loss<1",
    "loss<x": "loss: 'x' is not a number",
    "loss<nan": "loss: a loss must be finite, not nan",
    "lr<=0": "lr: a learning rate is above 0, not 0",
    "accuracy>50": "accuracy: an accuracy is a fraction from 0 to 1, not 50",
    "step=0": "step: a step must be from 1 to 1,000,000,000,000, not 0",
    "optimizer": "optimizer needs = and a name, as in optimizer=adam",
    "optimizer=adm": "unknown optimizer 'adm' \\(did you mean adam\\?\\). Choose from: .*",
    "step<5": "step needs = and a number, as in step=5000",
    "loss<1 or exact": "loss: '1 or exact' is not a number",
}
CANONICAL = {
    " LOSS < 1.0  AND exact": "loss<1 and exact",
    "step = 5,000": "step=5000",
    "accuracy>=.5 and accuracy>=0.5": "accuracy>=0.5",
}


@pytest.mark.parametrize("name", CONDITIONS)
def test_example_of_each_condition_is_its_canonical_text(name: str) -> None:
    condition = parse_condition(CONDITIONS[name].example)
    assert condition.text == CONDITIONS[name].example
    assert [term.name for term in condition.terms] == [name]


def test_help_has_the_figures_by_which_conditions_are_evaluated() -> None:
    assert f"the last {SMOOTHING_STEPS} steps" in CONDITIONS["loss"].help
    assert f"{ACCURACY_SEQUENCES} fixed sequences" in CONDITIONS["accuracy"].help
    assert f"{100 * MEMORY_USED:g} % of the pairs" in CONDITIONS["memory-used"].help
    assert f"{100 * MAX_SATURATED_FRACTION:g} % of" in CONDITIONS["saturated"].help


@pytest.mark.parametrize(("text", "canonical"), CANONICAL.items())
def test_text_is_normalized(text: str, canonical: str) -> None:
    condition = parse_condition(text)
    assert condition.text == canonical
    assert parse_condition(condition.text) == condition


@pytest.mark.parametrize(("text", "reason"), ERRORS.items())
def test_invalid_condition_is_explained(text: str, reason: str) -> None:
    with pytest.raises(UserError, match=f"^(?:{reason})$"):
        parse_condition(text)


@pytest.mark.parametrize(
    ("text", "step", "following"),
    [
        ("loss<1", 0, 250),
        ("loss<1", 250, 500),
        ("loss<1 and exact", 50, 250),
        ("loss<1 and memory-used", 999, 1000),
        ("step=70", 69, 70),
        ("step=70", 70, inf),
        ("step=70 and loss<1", 0, 70),
        ("step=70 and step=80", 0, inf),
        ("change and loss<1", 0, inf),
    ],
)
def test_condition_is_evaluated_where_all_terms_are(text: str, step: int, following: float) -> None:
    assert parse_condition(text).next_due_step(step) == following


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("step=300 and step=400", "enter one step, not several"),
        ("loss<1 and step=99", "loss<1 can hold from step 100 on"),
        ("step=750 and plateau", "plateau can hold from step 1,000 on"),
        (
            "plateau-end and step=1300",
            "plateau-end can hold from step 1,250 on, at multiples of 250",
        ),
        ("loss<1 and exact and loss>=1", "no loss satisfies loss<1 and loss>=1"),
        ("loss<0", "no loss satisfies loss<0"),
        ("accuracy>1", "no accuracy satisfies accuracy>1"),
        ("lr>=1e7", "no lr satisfies lr>=10000000"),
        (
            "optimizer=adam and optimizer=sgd",
            "no optimizer satisfies optimizer=adam and optimizer=sgd",
        ),
    ],
)
def test_condition_that_contradicts_itself_is_refused(text: str, reason: str) -> None:
    condition = parse_condition(text)
    with pytest.raises(UserError) as refusal:
        check_condition(condition, SMALL)
    assert str(refusal.value) == f"{condition.text} can never hold: {reason}"


@pytest.mark.parametrize(
    "text",
    [
        "exact and step=200",  # after a change of the task, which checks the weights
        "loss<1 and step=100",
        "plateau-end and step=1500",
        "loss>1 and loss<=1.5",
        "accuracy>=1",
        "loss>5",
    ],
)
def test_condition_that_can_hold_is_accepted(text: str) -> None:
    check_condition(parse_condition(text), SMALL)


def test_first_steps_are_those_of_the_evaluation() -> None:
    assert CONDITIONS["loss"].first_step == SMOOTHING_STEPS
    assert CONDITIONS["plateau"].first_step == 2 * PLATEAU_STEPS


def test_condition_that_cannot_hold_is_refused() -> None:
    with pytest.raises(UserError, match=r"^exact and memory-used: The task has no required .*"):
        check_condition(parse_condition("exact and memory-used"), RECIPES["xor"].settings)
    with pytest.raises(UserError, match="model feed-forward has no recurrent state"):
        check_condition(parse_condition("memory-used"), settings_with(model="feed-forward"))


def test_every_condition_has_an_evaluator() -> None:
    assert [*EVALUATORS] == [*CONDITIONS]

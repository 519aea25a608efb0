"""The formulas of a step compute the engine's numbers, for every model, loss and optimizer."""

import re
from collections.abc import Collection
from itertools import product
from math import exp, fsum, isclose, log, sqrt, tanh
from typing import Any

import numpy as np
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from rnn_tui.analysis.step_trace import (
    EXAMPLE,
    STEP_FORMULAS,
    Assignment,
    Phase,
    StepTrace,
    Stop,
    Sum,
)
from rnn_tui.analysis.step_trace.loss_stops import LOSS_FORMULAS
from rnn_tui.analysis.step_trace.update_stops import RULES, TRANSFORM_FORMULAS, TRANSFORM_TITLES
from rnn_tui.engine.data import SampledStream
from rnn_tui.engine.gradient_transforms import ClipNorm, ClipValue, GradientTransform, WeightDecay
from rnn_tui.engine.losses import LOSSES, REDUCTIONS
from rnn_tui.engine.models import ACTIVATIONS, MODELS, ModelSpec
from rnn_tui.engine.models.activations import FORMER_NUMERICS, MIN_LARGE_BATCH
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.engine.trainer import Trainer
from rnn_tui.engine.update_rules import UPDATE_RULES

TOLERANCE = 1e-9  # of the sizes of the numbers
TRANSFORMS = (ClipValue(0.01), ClipNorm(0.02), WeightDecay(0.1))
LAYOUTS: list[tuple[str, dict[str, Any]]] = [
    *((name, {}) for name in MODELS),
    ("elman", {"biases": 1, "initial_state": "learned"}),
    ("elman", {"biases": 2, "lesion": 2, "numerics": FORMER_NUMERICS}),
    ("gru", {"biases": 1, "initial_state": "learned", "lesion": 1}),
    ("lstm", {"biases": 1, "initial_state": "learned", "lesion": 1}),
    ("feed-forward", {"biases": 1, "layers": 3}),
]


def make_trainer(
    model: str,
    loss: str = "half-squared-error",
    optimizer: str = "sgd",
    *,
    batch_size: int = 1,
    reduction: str = "sequence-mean",
    transforms: tuple[GradientTransform, ...] = (),
    update_rule: str = "backpropagation",
    **spec_fields: Any,
) -> Trainer:
    """Return a trainer of a small model with random weights, after two steps."""
    kind = MODELS[model]
    task = TASKS["counting-ones" if kind.max_inputs == 1 else "addition"](3)
    made = kind(ModelSpec(task.inputs, 3, 1, **spec_fields))
    random = np.random.RandomState(1)
    made.parameters.vector[:] = random.standard_normal(made.parameters.vector.size)
    stream = SampledStream(task, batch_size, random)
    made_loss = LOSSES[loss](reduction)
    trainer = Trainer(made, made_loss, OPTIMIZERS[optimizer], 0.01, stream, transforms, update_rule)
    trainer.step()
    trainer.step()
    return trainer


def every_index(trace: StepTrace, stop: Stop) -> list[dict[str, int]]:
    """Return every index of a small model, of the first two examples."""
    axes = trace.axes_of(stop)
    limits = {EXAMPLE: 2}
    places = product(*(range(len(axis.labels))[: limits.get(axis.name)] for axis in axes))
    return [dict(zip([axis.name for axis in axes], place, strict=True)) for place in places]


def evaluate(row: Assignment) -> float:
    """Return the value of the expression of `row`, as Python computes it."""
    text = row.substituted(lambda number: f"({number!r})")
    text = re.sub(r"σ(?=\()", "sigma", text).replace("½ ", "0.5*").replace("^", "**")
    text = text.replace("·", "*").replace("−", "-").replace("√", "sqrt").replace("ln(", "log(")
    functions = {"sigma": lambda z: 1 / (1 + exp(-z)), "tanh": tanh, "sqrt": sqrt, "log": log}
    return float(eval(text, {**functions, "sign": np.sign}))


def check_stops(trace: StepTrace, phases: Collection[Phase] = tuple(Phase)) -> None:
    """Compute each formula of these phases from its numbers."""
    for stop in trace.stops:
        for index in every_index(trace, stop) if stop.phase in phases else ():
            equation = trace.equation(stop, index)
            if isinstance(equation, Sum):
                terms = list(equation.terms)
                values = [term.value for term in terms]
                size = sum(map(abs, values))
                assert isclose(fsum(values), equation.value, rel_tol=0, abs_tol=TOLERANCE * size)
                if stop.phase is not Phase.GRADIENT:
                    assert all(
                        not term.factors or isclose(np.prod(term.factors), term.value)
                        for term in terms
                    )
            else:
                for row in equation:
                    size = max(map(abs, row.numbers.values()), default=0.0)
                    assert isclose(evaluate(row), row.value, rel_tol=1e-7, abs_tol=1e-12 * size), (
                        row
                    )


def check_gradient_is_that_of_engine(trace: StepTrace) -> None:
    for stop in trace.stops:
        for index in every_index(trace, stop) if stop.phase is Phase.GRADIENT else ():
            equation = trace.equation(stop, index)
            if isinstance(equation, Sum):
                values = [term.value for term in equation.terms]
                assert equation.terms[-1].partial_sum == fsum(values)
                assert fsum([*values, equation.rounding]) == equation.value
                assert abs(equation.rounding) <= 1e-14 * sum(map(abs, values))


@pytest.mark.parametrize(("model", "fields"), LAYOUTS)
@pytest.mark.parametrize("batch_size", [1, 2, MIN_LARGE_BATCH])
def test_formulas_of_a_model_compute_the_numbers_of_the_engine(
    model: str, fields: dict[str, Any], batch_size: int
) -> None:
    trace = StepTrace(make_trainer(model, batch_size=batch_size, **fields), 2)
    assert {stop.phase for stop in trace.stops} == {*Phase} - {Phase.LOOK_AHEAD}
    check_stops(trace)
    check_gradient_is_that_of_engine(trace)


@pytest.mark.parametrize("model", MODELS)
def test_terms_and_rounding_are_the_gradient_of_the_engine_with_every_activation_and_loss(
    model: str,
) -> None:
    for activation, loss, reduction in product(ACTIVATIONS, LOSSES, REDUCTIONS):
        for batch_size in (1, 3):
            options: dict[str, Any] = {"reduction": reduction, "batch_size": batch_size}
            options["activation"] = activation
            twin, trainer = (make_trainer(model, loss, **options) for _ in range(2))
            trace = StepTrace(trainer, 2)
            twin.step()
            gradient = twin.model.gradient.vector / 0.01  # SGD scales it in place
            assert np.allclose(trace.record.gradient, gradient, rtol=1e-12, atol=0)
            check_gradient_is_that_of_engine(trace)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_formulas_of_a_loss_compute_the_numbers_of_the_engine(loss: str, reduction: str) -> None:
    for batch_size in (1, 3):
        trainer = make_trainer("elman", loss, reduction=reduction, batch_size=batch_size)
        check_stops(StepTrace(trainer, 2))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_formulas_of_an_activation_compute_the_numbers_of_the_engine(activation: str) -> None:
    for model in ("elman", "feed-forward"):
        check_stops(StepTrace(make_trainer(model, activation=activation), 2))


@pytest.mark.parametrize("update_rule", UPDATE_RULES)
@pytest.mark.parametrize("optimizer", ["sgd", "nesterov"])
def test_formulas_of_an_update_rule_compute_the_numbers_of_the_engine(
    optimizer: str, update_rule: str
) -> None:
    trainer = make_trainer(
        "feed-forward", optimizer=optimizer, update_rule=update_rule, biases=1, layers=2
    )
    trace = StepTrace(trainer, 2)
    check_stops(trace)
    check_gradient_is_that_of_engine(trace)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("update_rule", UPDATE_RULES)
@pytest.mark.parametrize("transforms", [(), TRANSFORMS], ids=["plain", "transformed"])
def test_update_ends_at_the_weights_of_a_training_step(
    optimizer: str, update_rule: str, transforms: tuple[GradientTransform, ...]
) -> None:
    options: dict[str, Any] = {"transforms": transforms, "update_rule": update_rule, "biases": 1}
    for model in MODELS:
        if UPDATE_RULES[update_rule].is_layerwise and not MODELS[model].supports_layerwise:
            continue
        twin, trainer = (make_trainer(model, optimizer=optimizer, **options) for _ in range(2))
        trace = StepTrace(trainer, 2)
        twin.step()
        after = []
        for stop in trace.stops:
            for index in every_index(trace, stop) if stop.phase is Phase.UPDATE else ():
                rows = trace.equation(stop, index)
                assert isinstance(rows, tuple)
                after.append(rows[-1].value)
        assert np.array(after).tobytes() == twin.model.parameters.vector.tobytes()
        check_stops(trace, (Phase.LOOK_AHEAD, Phase.UPDATE))


def test_tables_have_a_formula_for_every_component() -> None:
    assert STEP_FORMULAS.keys() == set(MODELS.values())
    assert LOSS_FORMULAS.keys() == set(LOSSES.values())
    assert RULES.keys() == {type(optimizer) for optimizer in OPTIMIZERS.values()}
    assert TRANSFORM_FORMULAS.keys() == TRANSFORM_TITLES.keys() == {type(t) for t in TRANSFORMS}


def test_example_of_a_batch_is_chosen() -> None:
    trace = StepTrace(make_trainer("elman", batch_size=3), 2)
    stop = next(stop for stop in trace.stops if stop.title == "activation")
    result = trace.record.result
    assert result is not None
    for example in range(3):
        (row,) = trace.equation(stop, {EXAMPLE: example, "unit": 1})  # type: ignore[misc]
        assert row.value == result.cache.hidden_states[0, example, 1]


@seed(0)
@settings(max_examples=60)
@given(
    model=st.sampled_from(sorted(MODELS)),
    activation=st.sampled_from(sorted(ACTIVATIONS)),
    loss=st.sampled_from(sorted(LOSSES)),
    optimizer=st.sampled_from(sorted(OPTIMIZERS)),
    reduction=st.sampled_from(sorted(REDUCTIONS)),
    batch_size=st.integers(1, 4),
    biases=st.integers(0, 1),
    transforms=st.lists(st.sampled_from(TRANSFORMS), unique=True).map(tuple),
)
def test_any_step_is_traced_to_the_last_bit(model: str, **options: Any) -> None:
    twin, trainer = (make_trainer(model, **options) for _ in range(2))
    trace = StepTrace(trainer, 2)
    twin.step()
    assert trace.record.weights_after.tobytes() == twin.model.parameters.vector.tobytes()
    check_gradient_is_that_of_engine(trace)


def test_model_and_optimizer_without_formulas_have_loss_and_update(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(STEP_FORMULAS, MODELS["elman"])
    monkeypatch.delitem(RULES, type(OPTIMIZERS["sgd"]))
    trace = StepTrace(make_trainer("elman"), 2)
    phases = {stop.phase for stop in trace.stops}
    assert phases == {Phase.LOSS, Phase.BACKWARD, Phase.UPDATE}
    assert trace.stops[-1].formula == "w ← w + Δw"
    check_stops(trace)


def test_terms_of_a_gradient_are_read_from_the_pass_of_the_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trace = StepTrace(make_trainer("gru", biases=1, initial_state="learned"), 2)
    for name in ("forward", "backward"):
        monkeypatch.delattr(MODELS["gru"], name)
    check_gradient_is_that_of_engine(trace)

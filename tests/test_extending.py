"""A task, a model and an optimizer from outside the package pass the checks of the built-in ones.

Each is one class and one row in its table; nothing else in the package lists them.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np
import pytest

from rnn_tui.config.components import components
from rnn_tui.config.errors import UserError
from rnn_tui.config.fields import _all_fields
from rnn_tui.config.settings import Settings
from rnn_tui.config.switching import switched
from rnn_tui.engine.evaluation import Evaluator
from rnn_tui.engine.models import MODELS, Model, ModelSpec
from rnn_tui.engine.models.base import ForwardCache
from rnn_tui.engine.optimizers import HYPERPARAMETERS, OPTIMIZERS
from rnn_tui.engine.optimizers.base import MOMENTUM, Hyperparameter, Optimizer, OptimizerState, Rate
from rnn_tui.engine.parameters import FloatArray, Layout
from rnn_tui.engine.tasks import TASKS
from rnn_tui.engine.tasks.bit_sequences import (
    BitArray,
    BitSequenceTask,
    Labels,
    full_mask,
    shift,
)
from rnn_tui.run.changes import SetField, parse_change
from rnn_tui.run.run import Run
from tests.engine import (
    test_baseline,
    test_data,
    test_evaluation,
    test_gradient_check,
    test_initializers,
    test_models,
    test_optimizers,
    test_stacked_trainer,
    test_task_texts,
    test_tasks,
    test_trainer,
    test_update_rules,
)
from tests.engine.makers import Check, check_name
from tests.engine.task_references import TASK_REFERENCES, TaskReference, automaton

TASK_CHECKS = [
    *test_tasks.CHECKS,
    *test_task_texts.CHECKS,
    *test_data.CHECKS,
    *test_baseline.CHECKS,
    *test_evaluation.CHECKS,
]
MODEL_CHECKS = [*test_models.CHECKS, *test_gradient_check.CHECKS, *test_initializers.CHECKS]
OPTIMIZER_CHECKS = [*test_optimizers.CHECKS, *test_update_rules.CHECKS, *test_trainer.CHECKS]
OPTIMIZER_CHECKS += test_stacked_trainer.CHECKS


@final
class SecondOne(BitSequenceTask):
    """y_t = 1 from the second one on."""

    summary = "have there been two ones?"
    input_names = ("x",)
    state_name = "ones"
    defaults: ClassVar = {"hidden_size": 8}

    def label(self, bits: BitArray) -> Labels:
        counts = np.minimum(np.cumsum(bits[:, :, 0], axis=0), 2)
        return Labels((counts == 2).astype(np.int64), shift(counts), full_mask(bits))


def second_one(column: tuple[int, ...], count: int) -> tuple[int, int]:
    count = min(count + column[0], 2)
    return int(count == 2), count


@final
class MovingAverageCache:
    """The inputs and states of one forward pass."""

    def __init__(self, inputs: FloatArray, hidden: int) -> None:
        self.inputs = inputs
        self.states = np.zeros((len(inputs) + 1, inputs.shape[1], hidden))
        self.hidden_states: FloatArray = self.states[1:]
        self.logits: FloatArray
        self.state_gradients: FloatArray = np.zeros_like(self.hidden_states)


@final
class MovingAverage(Model):
    """h_t = ½ h_{t-1} + x_t W,  o_t = h_t V."""

    summary = "moving average of projected inputs"
    spec_fields = frozenset({"hidden_size"})

    @classmethod
    def layout(cls, spec: ModelSpec) -> Layout:
        return {
            "input_weight": (spec.inputs, spec.hidden_size),
            "output_weight": (spec.hidden_size, spec.outputs),
        }

    @classmethod
    def describe(cls, spec: ModelSpec) -> str:
        return f"moving average {spec.hidden_size}"

    def forward(self, inputs: FloatArray) -> MovingAverageCache:
        cache = MovingAverageCache(inputs, self.spec.hidden_size)
        projected = inputs @ self.parameters["input_weight"]
        for t in range(len(inputs)):
            cache.states[t + 1] = cache.states[t] / 2 + projected[t]
        cache.logits = cache.states[1:] @ self.parameters["output_weight"]
        return cache

    def backward(self, cache: ForwardCache, logit_gradient: FloatArray) -> None:
        assert isinstance(cache, MovingAverageCache)
        gradients = cache.state_gradients
        gradients[...] = logit_gradient @ self.parameters["output_weight"].T
        for t in range(len(gradients) - 1, 0, -1):
            gradients[t - 1] += gradients[t] / 2
        self.gradient["input_weight"][...] = np.einsum("tbi,tbh->ih", cache.inputs, gradients)
        self.gradient["output_weight"][...] = np.einsum(
            "tbh,tbo->ho", cache.states[1:], logit_gradient
        )


def moving_average_logits_from(
    model: Model, _cache: Any, step: int, state: FloatArray, inputs: FloatArray
) -> FloatArray:
    states = [state]
    for x in inputs[step + 1 :, 0]:
        states.append(states[-1] / 2 + x @ model.parameters["input_weight"])
    return np.array(states) @ model.parameters["output_weight"]


@final
@dataclass(frozen=True)
class Damped(Optimizer):
    """v ← μ v + g;  w ← w - η v, with an existing hyperparameter."""

    title = "damped"
    summary = "gradient descent with little momentum"
    default_lr = 0.05
    scales_with_gradient = True
    momentum: float = MOMENTUM.default(0.5)

    def init_state(self, size: int) -> OptimizerState:
        return {"velocity": np.zeros(size)}

    def update(
        self, state: OptimizerState, gradient: FloatArray, weights: FloatArray, learning_rate: Rate
    ) -> FloatArray:
        state["velocity"] *= self.momentum
        state["velocity"] += gradient
        return learning_rate * state["velocity"]


DAMPENING = Hyperparameter(0.0, 1.0, "τ", "dampening of the gradient")


@final
@dataclass(frozen=True)
class Dampened(Optimizer):
    """v ← μ v + (1-τ) g;  w ← w - η v  (as in torch.optim.SGD), with a new hyperparameter."""

    title = "dampened"
    summary = "momentum with dampening"
    default_lr = 0.05
    scales_with_gradient = True
    momentum: float = MOMENTUM.default(0.9)
    dampening: float = DAMPENING.default(0.5)

    def init_state(self, size: int) -> OptimizerState:
        return {"velocity": np.zeros(size)}

    def update(
        self, state: OptimizerState, gradient: FloatArray, weights: FloatArray, learning_rate: Rate
    ) -> FloatArray:
        state["velocity"] *= self.momentum
        state["velocity"] += (1 - self.dampening) * gradient
        return learning_rate * state["velocity"]


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add the rows to the tables, and the reference data that the suites compare with."""
    monkeypatch.setitem(TASKS, "second-one", SecondOne)
    monkeypatch.setitem(MODELS, "moving-average", MovingAverage)
    monkeypatch.setitem(OPTIMIZERS, "damped", Damped())
    monkeypatch.setitem(
        TASK_REFERENCES,
        "second-one",
        TaskReference(automaton(second_one), 14, 8, "01101001", "", "00111111", ["", "2", "1 1"]),
    )
    monkeypatch.setitem(
        test_models.STATE_ACCESS,
        "moving-average",
        test_models.StateAccess(lambda cache: cache.states[1:], moving_average_logits_from),
    )


@pytest.mark.parametrize("check", TASK_CHECKS, ids=check_name)
def test_new_task_passes_the_task_checks(check: Check) -> None:
    check("second-one")


@pytest.mark.parametrize("check", MODEL_CHECKS, ids=check_name)
def test_new_model_passes_the_model_checks(check: Check) -> None:
    check("moving-average")


@pytest.mark.parametrize("check", OPTIMIZER_CHECKS, ids=check_name)
def test_new_optimizer_passes_the_optimizer_checks(check: Check) -> None:
    check("damped")


@pytest.mark.parametrize("check", OPTIMIZER_CHECKS, ids=check_name)
def test_new_hyperparameter_passes_the_optimizer_checks(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(OPTIMIZERS, "dampened", Dampened())
    monkeypatch.setitem(HYPERPARAMETERS, "dampening", DAMPENING)
    check("dampened")


def test_new_hyperparameter_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OPTIMIZERS, "dampened", Dampened())
    monkeypatch.setitem(HYPERPARAMETERS, "dampening", DAMPENING)
    assert "dampening" in {field.name for field in _all_fields()}
    settings = Settings(recipe="", optimizer="dampened")
    changed = settings.updated(dampening=0.2)
    assert changed.make_optimizer() == Dampened(dampening=0.2)
    assert changed.updated(dampening=None) == settings
    with pytest.raises(UserError, match="dampening must be at least 0 and below 1"):
        settings.updated(dampening=1.5)
    with pytest.raises(UserError, match="sgd has no dampening; dampened has"):
        changed.updated(optimizer="sgd")
    losses = []
    for run in map(Run, (settings, changed)):
        run.advance(5)
        assert run.trainer.last_result is not None
        losses.append(run.trainer.last_result.loss_result.loss)
    assert losses[0] != losses[1]


def test_new_rows_are_trained_together() -> None:
    settings = Settings(
        recipe="", task="second-one", model="moving-average", optimizer="damped", batch_size=8
    )
    names = [component.name for component in components(settings)]
    assert names[:2] == ["second-one", "moving average 16"]
    assert "damped" in names
    run = Run(settings)
    run.apply(parse_change("momentum=0.3"))
    model = run.trainer.model
    evaluator = Evaluator(run.task, settings.make_loss(), model, settings.hidden_size)
    accuracy = evaluator.evaluate(model).bit_accuracy
    run.advance(2000)
    assert evaluator.evaluate(model).bit_accuracy > max(accuracy, 0.7)


def test_a_run_switches_to_the_new_rows_and_back() -> None:
    before = Settings(recipe="")
    after = switched(before, "second-one", "moving-average", "damped")
    assert (after.task, after.model, after.optimizer) == ("second-one", "moving-average", "damped")
    assert (after.hidden_size, after.learning_rate) == (8, 0.05)
    assert switched(after, "addition", "elman", "sgd") == before
    run = Run(before)
    for field in ("task", "model", "optimizer"):
        assert run.apply(SetField(field, getattr(after, field))) is not None
    assert run.settings == after

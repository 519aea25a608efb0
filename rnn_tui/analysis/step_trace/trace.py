"""The trace of one training step: its formulas, in the order in which they are computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import prod
from typing import Any, final

import numpy as np

from rnn_tui.analysis.step_trace.elman import ElmanFormulas
from rnn_tui.analysis.step_trace.equations import (
    EXAMPLE,
    Axis,
    Equation,
    Index,
    Phase,
    Place,
    Stop,
    Sum,
    Term,
    fsum_or_nan,
    numbered,
)
from rnn_tui.analysis.step_trace.feed_forward import FeedForwardFormulas
from rnn_tui.analysis.step_trace.formulas import INPUT, OUTPUT, UNIT, Factors, StepFormulas
from rnn_tui.analysis.step_trace.gated import GRUFormulas, LSTMFormulas
from rnn_tui.analysis.step_trace.linear import LinearFormulas
from rnn_tui.analysis.step_trace.loss_stops import LOSS_FORMULAS, LossStops
from rnn_tui.analysis.step_trace.recorded_step import RecordedStep, TransformRecord
from rnn_tui.analysis.step_trace.update_stops import (
    TRANSFORM_FORMULAS,
    TRANSFORM_TITLES,
    lookahead_row,
    rule_of,
    transform_row,
    update_rows,
)
from rnn_tui.engine.batch import Batch
from rnn_tui.engine.models.base import Model
from rnn_tui.engine.models.elman import Elman
from rnn_tui.engine.models.feed_forward import FeedForward
from rnn_tui.engine.models.gru import GRU
from rnn_tui.engine.models.linear import Linear
from rnn_tui.engine.models.lstm import LSTM
from rnn_tui.engine.trainer import Trainer

STEP_FORMULAS: dict[type[Model], type[StepFormulas[Any, Any]]] = {
    Elman: ElmanFormulas,
    GRU: GRUFormulas,
    LSTM: LSTMFormulas,
    FeedForward: FeedForwardFormulas,
    Linear: LinearFormulas,
}


@final
class StepTrace:
    """The next step of `trainer`, which is taken and must not be used further.

    Raises TrainingHalted as `Trainer.step`. The equations of the `stops` are computed when they are
    called for, from the results of the step. Models without formulas in STEP_FORMULAS have the
    stops of the loss and the update. `step` is the number of steps before this one, and
    `first_example` of `n_examples` the first sequence of the batch with a target; a batch without
    one has no stops.
    """

    def __init__(self, trainer: Trainer, step: int) -> None:
        self.step, self.record = step, RecordedStep(trainer)
        self.model, result = trainer.model, self.record.result
        self.stops: Sequence[Stop] = ()
        self.n_examples = self.first_example = 0
        if result is None:
            return
        self.n_examples = result.batch.inputs.shape[1]
        self.first_example = int(np.argmax(result.batch.loss_weights.any(axis=(0, 2))))
        self.example_axis = numbered(EXAMPLE, self.n_examples)
        formulas = STEP_FORMULAS.get(type(self.model))
        names = trainer.stream.task.input_names
        self._formulas: StepFormulas[Any, Any] | None = None
        if formulas:
            self._formulas = formulas(self.record, self.model, result.cache, names)
        self._starts: dict[str, int] = {}
        start = 0
        for name, shape in self.model.parameters.layout.items():
            self._starts[name] = start
            start += prod(shape)
        self.stops = list(self._stops())

    def example(self, number: int) -> Batch | None:
        """Return sequence `number` of the batch, from 0, as a batch of one; None of no stops."""
        result = self.record.result
        if result is None:
            return None
        one = slice(number, number + 1)
        inputs, targets, weights = (values[:, one].copy() for values in result.batch[:3])
        return Batch(inputs, targets, (weights > 0).astype(np.float64), 1)

    def axes_of(self, stop: Stop) -> tuple[Axis, ...]:
        """Return the axes of `stop`, and that of the examples of a batch of several."""
        has_examples = self.n_examples > 1 and stop.is_of_example
        return (*stop.axes, *([self.example_axis] if has_examples else []))

    @np.errstate(all="ignore")
    def equation(self, stop: Stop, index: Index) -> Equation:
        """Return the equation of `stop` at `index`; axes without an index are at their start."""
        full = {axis.name: min(index.get(axis.name, 0), len(axis.labels) - 1) for axis in stop.axes}
        example = index.get(EXAMPLE, self.first_example)
        return stop.equation(full | {EXAMPLE: min(example, self.n_examples - 1)})

    def _stops(self) -> Iterator[Stop]:
        record, result = self.record, self.record.result
        assert result is not None
        if record.has_lookahead:
            yield from self._weight_stops(
                Phase.LOOK_AHEAD,
                "{}",
                "w ← w + μ·v",
                lambda index: (lookahead_row(record, index),),
            )
        formulas, time_steps = self._formulas, range(len(result.batch.inputs))
        if formulas:
            for t in time_steps:
                yield from formulas.forward(t)
        if type(record.loss) in LOSS_FORMULAS:
            logit = formulas.logit if formulas else "o"
            output_axis = numbered(OUTPUT, self.model.spec.outputs)
            losses = LossStops(record.loss, result, logit, output_axis)
            yield from losses.forward()
            for t in reversed(time_steps):
                yield losses.backward(t)
                if formulas:
                    yield from formulas.backward(t)
        if formulas:
            for name in self.model.parameters:
                yield self._gradient_stop(name, formulas.factors(name))
        for transform in record.transforms:
            kind = type(transform.transform)
            if kind in TRANSFORM_FORMULAS:
                yield from self._weight_stops(
                    Phase.GRADIENT,
                    f"{TRANSFORM_TITLES[kind]}: {{}}",
                    f"g ← {TRANSFORM_FORMULAS[kind].formula}",
                    partial(self._transform_rows, transform),
                )
        yield from self._weight_stops(
            Phase.UPDATE,
            f"{record.optimizer.title}: {{}}",
            rule_of(record.optimizer).formula,
            lambda index: update_rows(record, index),
        )

    def _transform_rows(self, transform: TransformRecord, index: int) -> Equation:
        return (transform_row(self.record, transform, index),)

    def _symbol(self, name: str) -> str:
        return self._formulas.parameter_symbol(name) if self._formulas else name

    def _axes(self, name: str) -> tuple[Axis, ...]:
        if self._formulas:
            return self._formulas.factors(name).axes
        shape = self.model.parameters.layout[name]
        return tuple(numbered(f"index {place + 1}", size) for place, size in enumerate(shape))

    def _weight_stops(
        self, phase: Phase, title: str, formula: str, rows: Callable[[int], Equation]
    ) -> Iterator[Stop]:
        """Yield a stop of each parameter, with the rows of one of its weights."""
        for name in self.model.parameters:
            axes = self._axes(name)

            def equation(index: Index, name: str = name, axes: tuple[Axis, ...] = axes) -> Equation:
                return rows(self.weight_index(name, axes, index))

            full_title = title.format(self._symbol(name))
            yield Stop(phase, full_title, formula, axes, equation, is_of_example=False)

    def weight_index(self, name: str, axes: Sequence[Axis], index: Index) -> int:
        """Return the place in the flat vector of the weight of the parameter `name` at `index`."""
        place = 0
        for axis in axes:
            place = place * len(axis.labels) + index[axis.name]
        return self._starts[name] + place

    def _gradient_stop(self, name: str, factors: Factors) -> Stop:
        """Return the stop of the gradient of the parameter `name`, a sum over time steps."""
        symbol, n_examples = self._symbol(name), self.n_examples

        def equation(index: Index) -> Equation:
            weight = self.weight_index(name, factors.axes, index)
            labels = ",".join(axis.labels[index[axis.name]] for axis in factors.axes)
            value = float(self.record.gradient[weight])
            terms = gradient_terms(factors, index)
            return Sum(f"∂L/∂{symbol}[{labels}]", value, terms, is_over_time=True)

        product = " ".join(
            filter(None, (factors.left_symbol.format(t="t", before="t−1"), factors.right_symbol))
        ).format(t="t", before="t−1")
        batch = f", summed over the {n_examples} examples of the batch" if n_examples > 1 else ""
        is_initial = factors.right_symbol.endswith("_{before}")  # of a state h_0
        over_time = product.replace("t−1", "0") if is_initial else f"Σ_t {product}"
        formula = f"∂L/∂{symbol} = {over_time}{batch}"
        return Stop(Phase.GRADIENT, symbol, formula, factors.axes, equation)


def gradient_terms(factors: Factors, index: Index) -> list[Term]:
    """Return the terms of a weight's gradient by time step, with their partial sums.

    Symbols and factors are of the example of `index`; values and partial sums are of the batch.
    """
    places = [index[axis.name] for axis in factors.axes]
    labels = [axis.labels[place] for axis, place in zip(factors.axes, places, strict=True)]
    left, n_left = factors.left, int(factors.left is not None)
    sizes = [len(axis.labels) for axis in factors.axes[n_left:]]
    column = int(np.ravel_multi_index(places[n_left:], sizes))
    columns = [] if left is None else [left[: len(factors.right), :, places[0]]]
    columns.append(factors.right[:, :, column])
    values = np.prod(columns, axis=0).sum(axis=1).tolist()
    numbers = np.stack(columns, axis=-1)[:, index[EXAMPLE]].tolist()
    feature = places[0] if factors.axes[0].name == INPUT else None
    terms = []
    for t, value in enumerate(values):
        time = {"t": t + 1, "before": t}
        symbols = [f"{factors.right_symbol.format(**time)}[{','.join(labels[n_left:])}]"]
        if left is not None:
            symbols.insert(0, f"{factors.left_symbol.format(**time)}[{labels[0]}]")
        shown = Place(t, feature, index.get(UNIT))
        partial_sum = fsum_or_nan(values[: t + 1])
        terms.append(Term(tuple(symbols), tuple(numbers[t]), value, shown, partial_sum))
    return terms

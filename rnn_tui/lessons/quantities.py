"""The quantities that figures in the texts of lessons may be, each a function of the lesson's run.

To add one, write a function of `Measurements` and add a row to QUANTITIES.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from math import inf, nan, sqrt
from typing import TYPE_CHECKING, Any, final

from rnn_tui.config.errors import UserError
from rnn_tui.lessons.measurements import Measurements

if TYPE_CHECKING:
    from rnn_tui.analysis.subject import Subject
    from rnn_tui.engine.batch import Batch
    from rnn_tui.engine.cost_surface import CostSurface

CONSTANT = "constant"  # a figure that is not measured, as by definition
CLIPPED_BATCHES = 256


@final
@dataclass(frozen=True, slots=True)
class Quantity:
    """A row of QUANTITIES: what is measured, and the function that returns it."""

    help: str
    measure: Callable[[Measurements], float]


def _plateau_length(measured: Measurements) -> float:
    starts_and_ends = [e for e in measured.run.events.events if e.kind.startswith("plateau")]
    if not starts_and_ends:
        return nan
    *earlier, latest = starts_and_ends
    if latest.kind == "plateau":
        return measured.run.step - latest.step
    return latest.step - earlier[-1].step


def _event_step(kind: str) -> Callable[[Measurements], float]:
    def measure(measured: Measurements) -> float:
        steps = (event.step for event in measured.run.events.events if event.kind == kind)
        return next(steps, nan)

    return measure


def _exact_step(measured: Measurements) -> float:
    step = measured.run.evaluation_tracker.first_exact_step
    return nan if step is None else step


def _effective_lr(measured: Measurements) -> float:
    settings = measured.run.settings
    momentum: float = settings.hyperparameters.get("momentum", 0.0)
    return settings.learning_rate / (1 - momentum)


def _clipped(measured: Measurements) -> float:
    """Return the fraction of batches of the training's size whose gradient is clipped."""
    from rnn_tui.engine.tasks import take
    from rnn_tui.run.subject import subject_of

    run = measured.run
    subject = subject_of(run.state)
    batch, size = subject.examples.batch, run.settings.batch_size
    starts = range(0, min(CLIPPED_BATCHES, subject.examples.n // size) * size, size)
    norms = [gradient_norm(subject, take(batch, slice(i, i + size))) for i in starts]
    return sum(norm > run.settings.clip_norm for norm in norms) / len(norms) if norms else nan


def gradient_norm(subject: Subject, batch: Batch) -> float:
    """Return the L2 norm of the gradient of the loss of `batch`."""
    model = subject.model
    cache = model.forward(batch.inputs)
    model.backward(cache, subject.loss.compute(cache.logits, batch).gradient)
    return sqrt(float((model.gradient.vector**2).sum()))


def _prediction(measured: Measurements) -> float:
    text = measured.example.predicted_text
    try:
        return float(text.replace(",", ""))
    except ValueError:
        raise UserError(f"the prediction {text!r} is no number") from None


def _attractors(measured: Measurements) -> float:
    by_input = measured.analysis("attractors").by_input
    return float(max(sum(point.kind == "stable" for point in each.points) for each in by_input))


def _points(measured: Measurements, symbol: str, kind: str) -> list[float]:
    """Return the outputs ŷ of the fixed points of `kind` under the input of the bits `symbol`."""
    outputs = measured.run.settings.make_loss().outputs
    by_input = measured.analysis("attractors").by_input
    points = [each for under in by_input if _bits(under.inputs) == symbol for each in under.points]
    return sorted(float(outputs(each.logits)[0]) for each in points if each.kind == kind)


def _bits(inputs: Iterable[float]) -> str:
    return "".join(f"{value:.0f}" for value in inputs)


def _attractor_quantities(symbol: str) -> Iterator[tuple[str, Quantity]]:
    """Yield the quantities of the fixed points under the input `symbol`, such as "10"."""
    for name, kind, index in (
        ("low", "stable", 0),
        ("high", "stable", -1),
        ("saddle", "saddle", 0),
    ):
        title = f"ŷ of the {kind} point" + ("" if kind == "saddle" else f" with the {name}est")
        measure = partial(_output_of_point, symbol=symbol, kind=kind, index=index)
        yield f"fixed-point-{symbol}-{name}", Quantity(f"{title}, under {symbol}", measure)


def _output_of_point(measured: Measurements, symbol: str, kind: str, index: int) -> float:
    points = _points(measured, symbol, kind)
    return points[index] if points else nan


def _memory_time(measured: Measurements) -> float:
    retention = measured.analysis("attractors").retention
    return nan if retention is None else float(retention.time_steps)


def _length_fails_at(measured: Measurements) -> float:
    samples = measured.analysis("length").samples
    return min((each.length for each in samples if each.n_correct < each.n), default=inf)


def _ripple_fails_at(measured: Measurements) -> float:
    pair = measured.analysis("length").counterexample
    return inf if pair is None else float(pair.incorrect_bit)


def _random_accuracy(measured: Measurements) -> float:
    samples = measured.analysis("length").samples
    return float(min(each.n_correct / each.n for each in samples))


def _accuracy_by_state(state: int) -> Callable[[Measurements], float]:
    def measure(measured: Measurements) -> float:
        groups = measured.analysis("accuracy-by").by_required_state or ()
        return next((group.accuracy for group in groups if group.value == state), nan)

    return measure


def _gradient_fraction(parameter: str) -> Callable[[Measurements], float]:
    return lambda m: float(m.analysis("health").gradient_fractions.get(parameter, nan))


def _weight(name: str, index: int) -> Callable[[Measurements], float]:
    def measure(measured: Measurements) -> float:
        try:
            return float(measured.run.weights[name].ravel()[index])
        except (KeyError, IndexError):
            raise UserError(f"the model has no such {name.replace('_', ' ')}") from None

    return measure


def _ripple_longest(measured: Measurements) -> float:
    longest = measured.analysis("length").longest
    if longest is None:
        raise UserError("the task has no ripples")
    return float(longest)


def _cost_surface(measured: Measurements) -> CostSurface:
    surface = measured.run.cost_surface
    if surface is None:
        raise UserError("the model has no cost surface")
    return surface


def _cost(measured: Measurements) -> float:
    return float(_cost_surface(measured).cost(*measured.run.weights.vector))


def _cost_weight(index: int) -> Callable[[Measurements], float]:
    def measure(measured: Measurements) -> float:
        _cost_surface(measured)
        return float(measured.run.weights.vector[index])

    return measure


def _cost_gradient(index: int) -> Callable[[Measurements], float]:
    return lambda m: float(_cost_surface(m).gradient(*m.run.weights.vector)[index])


def _race(index: int) -> Callable[[Measurements], float]:
    """Return the function that measures the final cost of a contender of the race."""

    def measure(measured: Measurements) -> float:
        from rnn_tui.run.optimizer_race import PUBLISHED_START, run_race

        return float(run_race(_cost_surface(measured), PUBLISHED_START)[index].costs[-1])

    return measure


def _swap(measured: Measurements) -> float:
    return float(measured.analysis("memory").swap.differing_pairs.accuracy)


def _probe(part: str, figure: str) -> Callable[[Measurements], float]:
    return lambda m: float(getattr(getattr(m.analysis("memory").probe, part), figure))


def _spectrum(measured: Measurements) -> Any:
    spectra = measured.analysis("health").spectra
    if not spectra:
        raise UserError("the model has no recurrent state")
    return next(iter(spectra.values()))


def _jacobian_radius(measured: Measurements) -> float:
    jacobian = measured.analysis("health").jacobian
    return nan if jacobian is None else float(jacobian.spectral_radius)


def _saturated(measured: Measurements) -> float:
    layers = measured.analysis("health").saturation
    return layers[0].fraction if layers else nan


def _machine_states(measured: Measurements) -> float:
    mealy = measured.analysis("machine").automaton.mealy
    return nan if mealy is None else mealy.n_states


def _gain_per_step(measured: Measurements) -> float:
    gradients = measured.analysis("gradient-map")
    return float(gradients.gain_per_step(len(gradients.norms) - 1))


def _example_gain(measured: Measurements) -> float:
    norms = measured.example.last_step_gradient_norms
    return float((norms[0] / norms[-1]) ** (1 / (len(norms) - 1)))


def _setting(name: str) -> Callable[[Measurements], float]:
    return lambda measured: float(getattr(measured.run.settings, name))


QUANTITIES: Mapping[str, Quantity] = {
    CONSTANT: Quantity("not measured, as by definition", lambda _: nan),
    "step": Quantity("the step", lambda m: m.run.step),
    "loss": Quantity("mean loss of the last 100 steps", lambda m: m.run.history.mean_metric),
    "latest-loss": Quantity("loss of the latest batch", lambda m: m.run.history.last),
    "baseline": Quantity("loss without memory", lambda m: m.run.baseline.metric),
    "baseline-bit-accuracy": Quantity(
        "bit accuracy without memory", lambda m: m.run.baseline.bit_accuracy
    ),
    "sequence-accuracy": Quantity(
        "fraction of all sequences that are correct",
        lambda m: m.score.n_correct / m.score.n_sequences,
    ),
    "correct-sequences": Quantity("their number", lambda m: m.score.n_correct),
    "sequences": Quantity("number of all sequences", lambda m: m.score.n_sequences),
    "bit-accuracy": Quantity("fraction of correct outputs", lambda m: m.score.bit_accuracy),
    "exact-step": Quantity("first step at which all are correct", _exact_step),
    "plateau-start": Quantity("step of the first plateau", _event_step("plateau")),
    "plateau-end": Quantity("step of the end of the first plateau", _event_step("plateau-end")),
    "plateau-length": Quantity("steps of the latest plateau so far", _plateau_length),
    "saturated-step": Quantity("step at which units were saturated", _event_step("saturated")),
    "lr": Quantity("the learning rate", _setting("learning_rate")),
    "effective-lr": Quantity("learning rate / (1 − momentum)", _effective_lr),
    "hidden-size": Quantity("hidden units", _setting("used_hidden_size")),
    "length": Quantity("time steps of a sequence", _setting("length")),
    "parameters": Quantity("number of weights", lambda m: len(m.run.weights.vector)),
    **{
        f"output-weight-{unit}": Quantity(
            f"output weight of hidden unit {unit}", _weight("output_weight", unit - 1)
        )
        for unit in (1, 2, 3)
    },
    "weight-x": Quantity("w_x of the linear network", _cost_weight(0)),
    "weight-rec": Quantity("its w_rec", _cost_weight(1)),
    "cost": Quantity("loss over its whole dataset", _cost),
    "cost-gradient-x": Quantity("derivative of that by w_x", _cost_gradient(0)),
    "cost-gradient-rec": Quantity("derivative of that by w_rec", _cost_gradient(1)),
    **{
        f"race-{i}": Quantity(f"final loss of contender {i} of the race", _race(i - 1))
        for i in range(1, 6)
    },
    "output-bias": Quantity("bias of the output", _weight("output_bias", 0)),
    "prediction": Quantity("predicted number of the displayed example", _prediction),
    "min-confidence": Quantity(
        "lowest confidence of its bits", lambda m: float(m.example.confidence.min())
    ),
    "max-confidence": Quantity("highest confidence", lambda m: float(m.example.confidence.max())),
    "accuracy-without-carry": Quantity("accuracy of outputs with state 0", _accuracy_by_state(0)),
    "accuracy-with-carry": Quantity("accuracy of outputs with state 1", _accuracy_by_state(1)),
    "swap": Quantity("swap test of differing states", _swap),
    "probe": Quantity("probe on propagate time steps", _probe("propagate", "probe")),
    "probe-majority": Quantity("its majority baseline", _probe("propagate", "majority")),
    "probe-everywhere": Quantity("probe on all time steps", _probe("everywhere", "probe")),
    "probe-everywhere-majority": Quantity(
        "its majority baseline", _probe("everywhere", "majority")
    ),
    "probe-everywhere-input": Quantity(
        "its baseline of the present input", _probe("everywhere", "present_input")
    ),
    "untrained-probe": Quantity(
        "probe on propagate time steps before the first step",
        lambda m: _probe("propagate", "probe")(m.untrained),
    ),
    "untrained-probe-everywhere": Quantity(
        "probe on all time steps before the first step",
        lambda m: _probe("everywhere", "probe")(m.untrained),
    ),
    "output-gradient": Quantity(
        "fraction of the squared gradient of the output weights",
        _gradient_fraction("output_weight"),
    ),
    "recurrent-gradient": Quantity(
        "that of the recurrent weights", _gradient_fraction("recurrent_weight")
    ),
    "incorrect-and-saturated": Quantity(
        "fraction of outputs that are incorrect and saturated",
        lambda m: float(m.analysis("health").saturated_errors),
    ),
    "saturated": Quantity("fraction of hidden outputs that are saturated", _saturated),
    "spectral-radius": Quantity(
        "spectral radius of W_h", lambda m: float(_spectrum(m).spectral_radius)
    ),
    "jacobian-radius": Quantity("spectral radius of the mean ∂s_t/∂s_{t-1}", _jacobian_radius),
    "clipped": Quantity("fraction of batches whose gradient norm is clipped", _clipped),
    "attractors": Quantity("stable fixed points, of the input with the most", _attractors),
    **dict(each for symbol in ("01", "10") for each in _attractor_quantities(symbol)),
    "memory-time": Quantity("time steps for which the required state is kept", _memory_time),
    "machine-states": Quantity("states of the learned machine", _machine_states),
    "gain-per-step": Quantity("gain of the last loss's gradient a step back", _gain_per_step),
    "example-gain": Quantity("the same for the displayed example", _example_gain),
    "old-gradient": Quantity(
        "fraction of the gradient that is of states more than 3 time steps ago",
        lambda m: float(m.analysis("gradient-map").old_fraction),
    ),
    "length-fails-at": Quantity(
        "shortest length with an incorrect random sequence", _length_fails_at
    ),
    "random-accuracy": Quantity("accuracy on the worst of the random lengths", _random_accuracy),
    "ripple-fails-at": Quantity("first incorrect bit of the shortest ripple", _ripple_fails_at),
    "ripple-longest": Quantity("columns up to which every ripple is correct", _ripple_longest),
}

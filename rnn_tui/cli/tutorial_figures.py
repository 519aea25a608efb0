"""What the published programs print of a net besides its loss, so that every digit can be compared.

Each figure has a name and plain data, for JSON, and its lines of text.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, final

import numpy as np

from rnn_tui.engine.cost_surface import SIX_POINTS, CostSurface
from rnn_tui.engine.data import FixedExamples
from rnn_tui.engine.gradient_check import gradient_check
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.tasks.counting import CountingOnes
from rnn_tui.run.run import Run

FEW_WEIGHTS = 4
TEST_SEQUENCE = "011000010011"  # the counting tutorial's: 12 long, though it trains on 10
CHECK_POINT = (1.2, 1.2)


@final
class Figure(NamedTuple):
    name: str
    data: Any
    lines: list[str]


def figures(run: Run) -> Iterator[Figure]:
    """Yield what there is to say of `run`'s net beyond its loss and score."""
    yield from few_weights(run)
    yield from outputs(run)
    if run.cost is not None:
        yield _test_sequence(run)
        yield _six_points(run.cost)
        yield _gradient_check(run, run.cost)


def few_weights(run: Run) -> Iterator[Figure]:
    """Yield all weights, if they are few."""
    parameters = run.trainer.model.parameters
    if parameters.vector.size <= FEW_WEIGHTS:
        # A plain number where a parameter has one weight, as in the tutorials' two-weight net.
        weights = {name: parameters[name].squeeze().tolist() for name in parameters}
        lines = [f"{name.replace('_', ' ')} {value!r}" for name, value in weights.items()]
        yield Figure("weights", weights, lines)


def loss_now(run: Run) -> float:
    """Return the reported figure of the batch last trained on, or to be the first, as of now."""
    latest, stream = run.trainer.latest, run.trainer.stream
    assert isinstance(stream, FixedExamples)
    batch = latest.batch if latest else stream.first
    run.viewer.follow()
    logits = run.viewer.replica.forward(batch.inputs).logits
    return run.settings.make_loss().judge(logits, batch).error


def outputs(run: Run) -> Iterator[Figure]:
    """Yield what the net says to each example, if it learns a fixed set of a single step."""
    stream = run.trainer.stream
    if isinstance(stream, FixedExamples) and run.task.time == 1:
        inputs = stream.examples.inputs
        run.viewer.follow()
        logits = run.viewer.replica.forward(inputs).logits
        said = run.settings.make_loss().outputs(logits)[-1, :, 0]
        named = {
            run.task.question(inputs[:, index]): float(output) for index, output in enumerate(said)
        }
        lines = [f"{asked} = {output:.8f}" for asked, output in named.items()]
        yield Figure("outputs", named, lines)


def _test_sequence(run: Run) -> Figure:
    task = CountingOnes(len(TEST_SEQUENCE))
    run.viewer.follow()
    batch = task.solve(task.read(TEST_SEQUENCE))
    output = float(run.viewer.replica.forward(batch.inputs).logits[-1, 0, 0])
    true = int(batch.targets[-1, 0, 0])
    data = {"input": TEST_SEQUENCE, "target": true, "output": output}
    return Figure("test", data, [f"ones in {TEST_SEQUENCE}: {output:.8f}, it is {true}"])


def _six_points(cost: CostSurface) -> Figure:
    rows, lines = [], ["   w_x  w_rec            cost       ∂cost/∂w_x     ∂cost/∂w_rec"]
    for wx, wrec in SIX_POINTS:
        value = float(cost.cost(wx, wrec))
        slopes = [float(slope) for slope in cost.gradient(wx, wrec)]
        over_time = cost.gradient_over_time(wx, wrec)[::-1].tolist()
        rows.append({"wx": wx, "wrec": wrec, "cost": value, "gradient": slopes})
        rows[-1]["gradient_over_time"] = over_time
        numbers = " ".join(f"{number:16.10g}" for number in slopes)
        lines.append(f"{wx:6.3g} {wrec:6.3g} {value:15.10g} {numbers}")
    return Figure("six_points", rows, lines)


def _gradient_check(run: Run, cost: CostSurface) -> Figure:
    """Check the net's own backward pass by central differences at the tutorial's point."""
    model = MODELS["linear"].of(run.settings.architecture)
    model.parameters.vector[:] = CHECK_POINT
    task, counts = run.task, cost.counts
    batch = task.solve(cost.sequences[:, :, np.newaxis])
    assert np.array_equal(batch.targets[-1, :, 0], counts)
    worst = max(gradient_check(model, run.settings.make_loss(), batch).values())
    value, gradient = float(cost.cost(*CHECK_POINT)), model.gradient.vector.tolist()
    data = {"at": CHECK_POINT, "cost": value, "gradient": gradient, "worst_error": worst}
    return Figure(
        "gradient_check",
        data,
        [
            f"gradient check at {CHECK_POINT}: cost {value:.10g}, gradient "
            f"{gradient[0]:.10g}, {gradient[1]:.10g}, worst relative error {worst:.1e}"
        ],
    )

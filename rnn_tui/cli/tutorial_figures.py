"""Values that the published programs print besides the loss, to compare every digit.

Each has a name and plain data, for JSON, and its lines of text.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, final

import numpy as np

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.cost_surface import SIX_POINTS, CostSurface
from rnn_tui.engine.data import FixedDataset
from rnn_tui.engine.gradient_check import gradient_check
from rnn_tui.engine.losses import LossResult
from rnn_tui.run.run import Run

MAX_PRINTED_WEIGHTS = 4
TEST_SEQUENCE = "011000010011"  # the counting tutorial's: 12 long, though it trains on 10
GRADIENT_CHECK_POINT = (1.2, 1.2)


@final
class PublishedValue(NamedTuple):
    name: str
    data: Any
    lines: list[str]


def published_values(run: Run) -> Iterator[PublishedValue]:
    """Yield the values for the model of `run` as it is now."""
    yield from weight_values(run)
    yield from output_values(run)
    if run.cost_surface is not None:
        yield _test_sequence_value(run)
        yield _six_points_value(run.cost_surface)
        yield _gradient_check_value(run, run.cost_surface)


def weight_values(run: Run) -> Iterator[PublishedValue]:
    """Yield all weights, if there are at most MAX_PRINTED_WEIGHTS."""
    parameters = run.trainer.model.parameters
    if parameters.vector.size <= MAX_PRINTED_WEIGHTS:
        # A plain number where a parameter has one weight, as in the tutorials' two-weight net.
        weights = {name: parameters[name].squeeze().tolist() for name in parameters}
        lines = [f"{name.replace('_', ' ')} {value!r}" for name, value in weights.items()]
        yield PublishedValue("weights", weights, lines)


def current_loss_result(run: Run) -> tuple[LossResult, Batch]:
    """Return the loss of the batch last trained on, or else of the first, at the present weights.

    The run trains on a fixed dataset.
    """
    latest, stream = run.trainer.last_result, run.trainer.stream
    assert isinstance(stream, FixedDataset)
    batch = latest.batch if latest else stream.first_batch
    run.inspector.sync_weights()
    logits = run.inspector.model_copy.forward(batch.inputs).logits
    return run.settings.make_loss().compute(logits, batch), batch


def l1_error(result: LossResult, batch: Batch) -> float:
    """Return Σ|y−ŷ| a sequence, the mean over `batch`, as the addition tutorial prints it."""
    return float(np.abs((result.outputs - batch.targets) * batch.loss_weights).sum())


def output_values(run: Run) -> Iterator[PublishedValue]:
    """Yield the output for each input of a fixed dataset of a single time step."""
    stream = run.trainer.stream
    if isinstance(stream, FixedDataset) and not run.task.uses_length:
        inputs = stream.examples.inputs
        run.inspector.sync_weights()
        logits = run.inspector.model_copy.forward(inputs).logits
        predicted = run.settings.make_loss().outputs(logits)[-1, :, 0]
        by_input = {
            run.task.format_input(inputs[:, index]): float(output)
            for index, output in enumerate(predicted)
        }
        lines = [f"{input_text} = {output:.8f}" for input_text, output in by_input.items()]
        yield PublishedValue("outputs", by_input, lines)


def _test_sequence_value(run: Run) -> PublishedValue:
    task = type(run.task)(len(TEST_SEQUENCE))
    run.inspector.sync_weights()
    batch = task.batch_from_inputs(task.parse_input(TEST_SEQUENCE))
    output = float(run.inspector.model_copy.forward(batch.inputs).logits[-1, 0, 0])
    target = int(batch.targets[-1, 0, 0])
    data = {"input": TEST_SEQUENCE, "target": target, "output": output}
    question = task.format_input(batch.inputs[:, 0])
    return PublishedValue("test", data, [f"{question}: {output:.8f}, target {target}"])


def _six_points_value(cost: CostSurface) -> PublishedValue:
    rows, lines = [], ["   w_x  w_rec            cost       ∂cost/∂w_x     ∂cost/∂w_rec"]
    for wx, wrec in SIX_POINTS:
        value = float(cost.cost(wx, wrec))
        gradient = [float(slope) for slope in cost.gradient(wx, wrec)]
        over_time = cost.gradient_over_time(wx, wrec).tolist()
        rows.append({"wx": wx, "wrec": wrec, "cost": value, "gradient": gradient})
        rows[-1]["gradient_over_time"] = over_time
        numbers = " ".join(f"{number:16.10g}" for number in gradient)
        lines.append(f"{wx:6.3g} {wrec:6.3g} {value:15.10g} {numbers}")
    return PublishedValue("six_points", rows, lines)


def _gradient_check_value(run: Run, cost: CostSurface) -> PublishedValue:
    """Compare the model's backward pass with central differences at the tutorial's point."""
    model = run.trainer.model.clone_architecture()
    model.parameters.vector[:] = GRADIENT_CHECK_POINT
    task, counts = run.task, cost.counts
    batch = task.batch_from_inputs(cost.sequences[:, :, np.newaxis])
    assert np.array_equal(batch.targets[-1, :, 0], counts)
    worst = max(gradient_check(model, run.settings.make_loss(), batch).values())
    value, gradient = float(cost.cost(*GRADIENT_CHECK_POINT)), model.gradient.vector.tolist()
    data = {"at": GRADIENT_CHECK_POINT, "cost": value, "gradient": gradient, "worst_error": worst}
    return PublishedValue(
        "gradient_check",
        data,
        [
            f"gradient check at {GRADIENT_CHECK_POINT}: cost {value:.10g}, gradient "
            f"{gradient[0]:.10g}, {gradient[1]:.10g}, max relative error {worst:.1e}"
        ],
    )

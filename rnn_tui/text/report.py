"""The state of a run as lines of text: the content of the dashboard's panes, for line mode."""

import shlex
from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any

from rnn_tui.engine.losses import LOSSES
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import TASKS
from rnn_tui.run.example import BoolArray, Example
from rnn_tui.run.history import SMOOTHING_STEPS
from rnn_tui.session.snapshot import Snapshot, Status
from rnn_tui.text.ascii import printable
from rnn_tui.text.format import (
    format_exact_step,
    format_loss,
    format_percent,
    format_sequence_accuracy,
)
from rnn_tui.text.gradient import gradient_gain_text, gradient_trend
from rnn_tui.text.repeat_command import repeat_command
from rnn_tui.text.siblings import exact_sentence, progress_sentence

LABEL_CELLS = 12
DECISION_THRESHOLD = 0.5  # outputs above it are predictions of 1


def labeled_line(label: str, text: str) -> str:
    """Return an indented line: a label, padded to `LABEL_CELLS`, and a text."""
    return f"  {label:<{LABEL_CELLS}} {text}"


def prediction_lines(example: Example) -> Iterator[str]:
    """Yield inputs, prediction and target, in the tutorials' format."""
    if not example.task.is_arithmetic:
        yield from (labeled_line(name, bits) for name, bits in input_texts(example).items())
    yield labeled_line("predicted", predicted_text(example))
    yield labeled_line("target", target_text(example))
    yield f"  {_verdict(example)}"


def _verdict(example: Example) -> str:
    if not example.input_text:
        return "correct" if example.is_correct else "incorrect"
    verdict = f"incorrect, the target is {example.target_text}"
    if example.is_answer_correct:
        others = "" if example.is_correct else f", but {incorrect_steps_text(example)}"
        verdict = f"correct{others}"
    return f"{example.input_text} = {example.predicted_text}  {verdict}".replace("−", "-")


def incorrect_steps_text(example: Example) -> str:
    """Return how many time steps before a correct answer are incorrect."""
    return f"{example.n_incorrect_steps} of {int(example.mask.sum())} time steps incorrect"


def model_lines(snapshot: Snapshot) -> Iterator[str]:
    """Yield the shown example, the two weights of a linear model, or the truth table of XOR."""
    surface, table = snapshot.cost_map, snapshot.output_grid
    if surface is not None:
        wx, wrec = surface.weight_path[-1].tolist()
        yield labeled_line("weights", f"w_x {wx!r}, w_rec {wrec!r}")
        yield labeled_line("loss", f"{float(surface.cost_surface.cost(wx, wrec)):.8g}")
    elif table is not None:
        task = snapshot.settings.make_task()
        for inputs, target, output in zip(table.inputs, table.targets, table.outputs, strict=True):
            correct = (output > DECISION_THRESHOLD) == (target > DECISION_THRESHOLD)
            verdict = "correct" if correct else "incorrect"
            prediction = f"{task.format_input(inputs[None])} = {output:.8f}"
            yield labeled_line("output", f"{prediction}  {verdict}")
    elif snapshot.example is not None:
        kind = "pinned" if snapshot.is_pinned else "newest"
        yield labeled_line("example", f"{kind}, predicted {weights_text(snapshot.example)}")
        yield from prediction_lines(snapshot.example)
        yield from time_step_lines(snapshot.example)


def weights_text(example: Example) -> str:
    """Return which weights the prediction is of."""
    return "before its update" if example.before_update else "with the current weights"


def time_step_lines(example: Example) -> Iterator[str]:
    """Yield inputs, required hidden state and confidence, or linear output, of each time step."""
    if example.task.is_arithmetic:
        yield from (labeled_line(name, bits) for name, bits in input_texts(example).items())
    if example.task.state_name:
        values = in_display_order(example, example.required_state.tolist())
        gap = "" if max(values) < 10 else " "
        yield labeled_line(example.task.state_name, gap.join(map(str, values)))
    if not example.task.is_regression:
        scored = in_display_order(example, example.mask.tolist())
        if example.linear_output:
            name, texts = "output", [f"{output:.2f}" for output in example.outputs]
        else:
            name, texts = "confidence %", [f"{int(100 * value)}" for value in example.confidence]
        pairs = zip(in_display_order(example, texts), scored, strict=True)
        yield labeled_line(name, " ".join(text if is_scored else "." for text, is_scored in pairs))


def gradient_lines(snapshot: Snapshot) -> Iterator[str]:
    """Yield gradient norms over time with the current weights, and whether they vanish.

    A linear counting model has the partial derivatives of its two weights as well.
    """
    surface, example = snapshot.cost_map, snapshot.example
    if surface is not None:
        wx, wrec = surface.weight_path[-1].tolist()
        of_wx, of_wrec = map(float, surface.cost_surface.gradient(wx, wrec))
        yield labeled_line("gradient", f"∂loss/∂w_x {of_wx:.6g}, ∂loss/∂w_rec {of_wrec:.6g}")
        back = surface.cost_surface.gradient_over_time(wx, wrec)
        yield labeled_line(
            "gradient", f"over time: {gradient_trend(abs(back[0]), abs(back[-1]), len(back) - 1)}"
        )
        yield labeled_line("by t", f"over time, t 0 to {len(back) - 1}: {_format_numbers(back)}")
    elif example is not None and len(example.gradient_norms) > 1:
        for text in gradient_trends(example):
            yield labeled_line("gradient", text)
        series = {
            "loss at last t": example.last_step_gradient_norms,
            "cell c_t": example.cell_gradient_norms,
            "loss at all t": example.gradient_norms,
        }
        for name, norms in series.items():
            if norms is not None:
                time_steps = in_display_order(example, [1, len(norms)])
                values = " ".join(in_display_order(example, [f"{norm:.3g}" for norm in norms]))
                yield labeled_line("by t", "{}, t {} to {}: {}".format(name, *time_steps, values))


def gradient_trends(example: Example) -> list[str]:
    """Return how the gradient of the last loss changes back in time.

    A memory cell carries the gradient of an LSTM, so that the verdict is on the cell there. There
    is none on the losses of all time steps: the norm of a sum depends on how the losses differ.
    """
    norms, cells = example.last_step_gradient_norms, example.cell_gradient_norms
    n_steps = len(norms) - 1
    if cells is None:
        return [f"loss at last t: {gradient_trend(norms[0], norms[-1], n_steps)}"]
    return [
        f"loss at last t: {gradient_gain_text(norms[0], norms[-1], n_steps)}",
        f"cell c_t: {gradient_trend(cells[0], cells[-1], n_steps)}",
    ]


def race_lines(snapshot: Snapshot) -> Iterator[str]:
    """Yield the final point and loss of each optimizer in the race on the cost surface."""
    for racer in snapshot.cost_map.race_results if snapshot.cost_map else ():
        wx, wrec = racer.path[-1].tolist()
        place = f"w_x {wx:.6g}, w_rec {wrec:.6g}, loss {racer.costs[-1]:.4g}"
        yield labeled_line("race", f"{racer.title}: {place}, {racer.end_reason}")


def _format_numbers(values: FloatArray) -> str:
    return " ".join(f"{value:.3g}" for value in values)


def mean_steps(snapshot: Snapshot) -> int:
    """Return of how many steps the mean loss is; 100 before the first step."""
    return snapshot.mean_steps or SMOOTHING_STEPS


def progress_lines(snapshot: Snapshot) -> Iterator[str]:
    """Yield mean losses, accuracies over all examples, and speed."""
    task, baseline, score = TASKS[snapshot.settings.task], snapshot.baseline, snapshot.score
    mean, best = snapshot.mean_metric, snapshot.best_mean_metric
    name = LOSSES[snapshot.settings.loss].metric_name
    losses = [f"{name} {format_loss(mean)}" if isfinite(mean) else f"no {name} yet"]
    losses += [f"best {format_loss(best)}"] if isfinite(best) else []
    losses += [f"{task.baseline_name} {format_loss(baseline.metric)}"] if baseline else []
    yield labeled_line(f"mean of {mean_steps(snapshot)}", ", ".join(losses))
    if score is not None:
        unit = "count" if task.is_regression else "bit"
        accuracy = f"sequence accuracy {format_sequence_accuracy(score)}"
        accuracy += f" after step {snapshot.score_step:,}"
        accuracy += f"; {unit} accuracy {format_percent(score.n_correct_bits, score.n_bits)}"
        accuracy += (
            f" ({task.baseline_name} {100 * baseline.bit_accuracy:.2f} %)" if baseline else ""
        )
        yield labeled_line("accuracy", accuracy)
    step = snapshot.known_exact_step
    yield labeled_line("100 %", "not yet" if step is None else f"by step {step:,}")
    if snapshot.siblings:
        yield labeled_line("siblings", progress_sentence(snapshot.siblings, snapshot.latest_step))
    if snapshot.measured_speed:
        yield labeled_line("speed", f"{snapshot.measured_speed:,.0f} steps/s")


def summary_lines(snapshot: Snapshot) -> list[str]:
    """Return the summary of a run that has ended: its accuracy, and the command to repeat it."""
    if snapshot.status is Status.STARTING and snapshot.message:
        return [f"{snapshot.settings.task}: quit before the run was resumed"]
    score = snapshot.score
    lines = [f"{snapshot.settings.task}, after {snapshot.step:,} steps"]
    if score:
        lines[0] += f": sequence accuracy {format_sequence_accuracy(score)}"
        if snapshot.score_step != snapshot.step:
            lines[0] += f" after step {snapshot.score_step:,}"
    if snapshot.known_exact_step is not None:
        lines.append(format_exact_step(snapshot.known_exact_step))
    if snapshot.siblings:
        lines.append(f"siblings: {exact_sentence(snapshot.siblings, snapshot.latest_step)}")
    if snapshot.warning:
        lines.append(printable(snapshot.warning))
    if snapshot.step:
        lines += ["to repeat the run:", f"  {printable(repeat_command_for(snapshot))}"]
    return lines


def repeat_command_for(snapshot: Snapshot) -> str:
    """Return the command that repeats a run: `train`, or `replay` if settings were changed."""
    if snapshot.log and snapshot.journal_path:
        return shlex.join(["rnn-tui", "replay", snapshot.journal_path])
    return repeat_command(snapshot.initial_settings, snapshot.log, snapshot.latest_step)


def input_texts(example: Example) -> dict[str, str]:
    """Return the bits of each input by its name, in display order."""
    names, values = example.task.input_names, example.inputs.T
    return {name: _bits_text(example, row > 0.5) for name, row in zip(names, values, strict=True)}


def predicted_text(example: Example) -> str:
    """Return the predicted bits in display order, or the predicted number."""
    if example.task.is_regression:
        return example.predicted_text
    return _bits_text(example, example.predicted_bits, mask=example.mask)


def target_text(example: Example) -> str:
    """Return the target bits in display order, or the target number."""
    if example.task.is_regression:
        return example.target_text
    return _bits_text(example, example.targets > 0.5, mask=example.mask)


def in_display_order(example: Example, values: Sequence[Any]) -> list[Any]:
    """Return the values of the time steps in display order: the highest bit of a number first."""
    return list(values[::-1] if example.task.lsb_first else values)


def _bits_text(example: Example, bits: BoolArray, mask: BoolArray | None = None) -> str:
    """Return bits in display order, with a . for time steps outside the mask."""
    digits = ["1" if bit else "0" for bit in bits]
    if mask is not None:
        digits = [
            digit if is_scored else "." for digit, is_scored in zip(digits, mask, strict=True)
        ]
    return "".join(in_display_order(example, digits))

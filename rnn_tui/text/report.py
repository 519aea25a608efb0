"""How a run stands, line by line: what the dashboard's panes draw, said in words and numbers."""

import shlex
from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any

from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import TASKS
from rnn_tui.run.example import BoolArray, Example
from rnn_tui.session.snapshot import Snapshot, Status
from rnn_tui.text.format import format_loss, format_percent, gradient_trend
from rnn_tui.text.repeat_command import repeat_command

LABEL_WIDTH = 10  # cells for what a line is about
DECISION_THRESHOLD = 0.5  # the output at which 0 becomes 1


def labeled_line(label: str, text: str) -> str:
    return f"  {label:<{LABEL_WIDTH}} {text}"


def has_bit_grid(snapshot: Snapshot) -> bool:
    """Return whether the run is looked at example by example; two weights and XOR have a map."""
    return snapshot.cost_map is None and not TASKS[snapshot.settings.task].has_output_grid


def prediction_lines(example: Example) -> Iterator[str]:
    """Yield what was asked, what the net says and what is right, as the tutorials print it."""
    if not example.task.is_arithmetic:
        yield from (labeled_line(name, bits) for name, bits in input_texts(example).items())
    yield labeled_line("predicted", predicted_text(example))
    yield labeled_line("true", target_text(example))
    yield f"  {_verdict(example)}"


def _verdict(example: Example) -> str:
    if not example.input_text:
        return "right" if example.is_correct else "wrong"
    predicted, target = example.predicted_text, example.target_text
    verdict = f"{example.input_text} = {predicted}  " + (
        "right" if example.is_correct else f"wrong, it is {target}"
    )
    return verdict.replace("−", "-")


def model_lines(snapshot: Snapshot) -> Iterator[str]:
    """Yield what stands for the net: the example on show, the two weights, or the truth table."""
    surface, table = snapshot.cost_map, snapshot.output_grid
    if surface is not None:
        wx, wrec = surface.weight_path[-1].tolist()
        yield labeled_line("weights", f"w_x {wx!r}, w_rec {wrec!r}")
        yield labeled_line("cost", f"{float(surface.cost_surface.cost(wx, wrec)):.8g}")
    elif table is not None:
        task = snapshot.settings.make_task()
        for inputs, target, output in zip(table.inputs, table.targets, table.outputs, strict=True):
            verdict = (
                "right"
                if (output > DECISION_THRESHOLD) == (target > DECISION_THRESHOLD)
                else "wrong"
            )
            yield labeled_line(
                "output", f"{task.format_input(inputs[None])} = {output:.8f}  {verdict}"
            )
    elif snapshot.example is not None:
        if snapshot.is_pinned:
            yield labeled_line("example", "held: the answer is that of the net now")
        yield from prediction_lines(snapshot.example)
        yield from time_step_lines(snapshot.example)


def time_step_lines(example: Example) -> Iterator[str]:
    """Yield step by step a pair's bits, what has to be known from before, and how sure it is."""
    if example.task.is_arithmetic:
        yield from (labeled_line(name, bits) for name, bits in input_texts(example).items())
    if example.task.memory_name:
        values = in_display_order(example, example.required_memory.tolist())
        gap = "" if max(values) < 10 else " "
        yield labeled_line(example.task.memory_name, gap.join(map(str, values)))
    if not example.task.is_regression:
        confidences = zip(
            confidence(example), in_display_order(example, example.mask.tolist()), strict=True
        )
        yield labeled_line(
            "sure %", " ".join(f"{int(100 * it)}" if asked else "." for it, asked in confidences)
        )


def gradient_lines(snapshot: Snapshot) -> Iterator[str]:
    """Yield whether the error reaches back through time, and how much of it each step k feels.

    It is that of the net as it is now; two weights have their own slopes besides.
    """
    surface, example = snapshot.cost_map, snapshot.example
    if surface is not None:
        wx, wrec = surface.weight_path[-1].tolist()
        of_wx, of_wrec = map(float, surface.cost_surface.gradient(wx, wrec))
        yield labeled_line("slopes", f"∂cost/∂w_x {of_wx:.6g}, ∂cost/∂w_rec {of_wrec:.6g}")
        back = surface.cost_surface.gradient_over_time(wx, wrec)
        yield labeled_line("gradient", f"over time: {gradient_trend(abs(back[0]), abs(back[-1]))}")
        yield labeled_line("by k", f"over time, k 0 to {len(back) - 1}: {_format_numbers(back)}")
    elif example is not None and len(example.gradient_norms) > 1:
        columns = (
            ("last column alone", example.last_step_gradient_norms),
            ("all columns", example.gradient_norms),
        )
        for name, norms in columns:
            yield labeled_line("gradient", f"{name}: {gradient_trend(norms[0], norms[-1])}")
        for name, norms in columns:
            yield labeled_line("by k", f"{name}, k 1 to {len(norms)}: {_format_numbers(norms)}")


def race_lines(snapshot: Snapshot) -> Iterator[str]:
    """Yield how far each optimizer got on the cost of two weights, if they have raced."""
    for racer in snapshot.cost_map.race_results if snapshot.cost_map else ():
        wx, wrec = racer.path[-1].tolist()
        place = f"w_x {wx:.6g}, w_rec {wrec:.6g}, cost {racer.costs[-1]:.4g}"
        yield labeled_line("race", f"{racer.title}: {place}, {racer.end_reason}")


def _format_numbers(values: FloatArray) -> str:
    return " ".join(f"{value:.3g}" for value in values)


def progress_lines(snapshot: Snapshot) -> Iterator[str]:
    """Yield how the net does so far: its errors, its score over all examples, its speed."""
    task, baseline, score = TASKS[snapshot.settings.task], snapshot.baseline, snapshot.score
    mean, best = snapshot.last_hundred, snapshot.best_hundred
    losses = [f"{format_loss(mean)} of the last 100" if isfinite(mean) else "none yet"]
    losses += [f"best {format_loss(best)}"] if isfinite(best) else []
    losses += [f"{task.baseline_name} {format_loss(baseline.metric)}"] if baseline else []
    yield labeled_line("mean", ", ".join(losses))
    if score is not None:
        scope = "all" if score.exhaustive else "a sample of"
        correct_text = f"{score.n_correct:,} of {scope} {score.n_sequences:,}"
        correct_text += f" after step {snapshot.score_step:,}"
        unit = "counts" if task.is_regression else "bits"
        bits = f"{unit} {format_percent(score.n_correct_bits, score.n_bits)}"
        baseline_text = f" ({task.baseline_name} {baseline.bit_accuracy:.1%})" if baseline else ""
        yield labeled_line("exact", f"{correct_text}; {bits}{baseline_text}")
    yield labeled_line("all right", first_exact_text(snapshot))
    if snapshot.measured_speed:
        yield labeled_line("speed", f"{snapshot.measured_speed:,.0f} steps/s")


def first_exact_text(snapshot: Snapshot) -> str:
    """Return since when every result is right: known to the step, or by which one it was."""
    first, score = snapshot.first_exact, snapshot.score
    if first is not None:
        return f"first at step {first:,}"
    if score is not None and score.exhaustive and score.n_correct == score.n_sequences:
        return f"first by step {snapshot.score_step:,}"
    return "not yet"


def summary_lines(snapshot: Snapshot) -> list[str]:
    """Return what remains of a run: how it stood, and how to repeat it."""
    if snapshot.status is Status.STARTING and snapshot.message:
        return [f"{snapshot.settings.task}: ended before it was where it had stopped"]
    score = snapshot.score
    lines = [f"{snapshot.settings.task}, after {snapshot.step:,} steps"]
    if score:
        scope = "all" if score.exhaustive else "a sample of"
        when = "" if snapshot.score_step == snapshot.step else f" at step {snapshot.score_step:,}"
        lines[0] += f": {score.n_correct:,} of {scope} {score.n_sequences:,} results right{when}"
    if snapshot.first_exact is not None:
        lines.append(f"every result first was right at step {snapshot.first_exact:,}")
    if snapshot.warning:
        lines.append(snapshot.warning)
    if snapshot.step:
        lines += ["to repeat it:", f"  {repeat_command_for(snapshot)}"]
    return lines


def repeat_command_for(snapshot: Snapshot) -> str:
    """Return the command that repeats a run: its settings, or with changes its journal."""
    if snapshot.log and snapshot.journal_path:
        return shlex.join(["rnn-tui", "replay", snapshot.journal_path])
    return repeat_command(snapshot.initial_settings, snapshot.log, snapshot.latest_step)


def input_texts(example: Example) -> dict[str, str]:
    """Return the rows of inputs by name, as they are written."""
    names, values = example.task.input_names, example.inputs.T
    return {name: _bits_text(example, row > 0.5) for name, row in zip(names, values, strict=True)}


def predicted_text(example: Example) -> str:
    if example.task.is_regression:
        return example.predicted_text
    return _bits_text(example, example.predicted_bits, mask=example.mask)


def target_text(example: Example) -> str:
    if example.task.is_regression:
        return example.target_text
    return _bits_text(example, example.targets > 0.5, mask=example.mask)


def confidence(example: Example) -> list[float]:
    """Return the probability that the net gives to each bit it says, in the order of writing."""
    outputs = example.outputs.clip(0.0, 1.0)
    return in_display_order(example, outputs.clip(1 - outputs).tolist())


def in_display_order(example: Example, values: Sequence[Any]) -> list[Any]:
    """Return what belongs to the steps in the order of writing: a number's highest digit first."""
    return list(values[::-1] if example.task.lsb_first else values)


def _bits_text(example: Example, bits: BoolArray, mask: BoolArray | None = None) -> str:
    """Return bits as they are written, with a . where none is asked."""
    digits = ["1" if bit else "0" for bit in bits]
    if mask is not None:
        digits = [digit if it else "." for digit, it in zip(digits, mask, strict=True)]
    return "".join(in_display_order(example, digits))

"""How a run stands, line by line: what the dashboard's panes draw, said in words and numbers."""

import shlex
from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any

from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import TASKS
from rnn_tui.engine.tasks.binary_arithmetic import PairTask
from rnn_tui.run.example import BoolArray, Example
from rnn_tui.session.snapshot import Snapshot, Status
from rnn_tui.text.format import fate, figure, percent
from rnn_tui.text.repeat_command import repeat_command

NAME = 10  # cells for what a line is about
EDGE = 0.5  # the output at which 0 becomes 1


def row(name: str, text: str) -> str:
    return f"  {name:<{NAME}} {text}"


def shows_bits(snapshot: Snapshot) -> bool:
    """Return whether the run is looked at example by example; two weights and XOR have a map."""
    return snapshot.surface is None and snapshot.settings.task != "xor"


def answer_rows(example: Example) -> Iterator[str]:
    """Yield what was asked, what the net says and what is right, as the tutorials print it."""
    if not isinstance(example.task, PairTask):
        yield from (row(name, bits) for name, bits in inputs_written(example).items())
    yield row("predicted", said_written(example))
    yield row("true", true_written(example))
    yield f"  {_verdict(example)}"


def _verdict(example: Example) -> str:
    if not example.question:
        return "right" if example.right else "wrong"
    said, true = example.said_answer, example.true_answer
    found = f"{example.question} = {said}  " + (
        "right" if example.right else f"wrong, it is {true}"
    )
    return found.replace("−", "-")


def picture_rows(snapshot: Snapshot) -> Iterator[str]:
    """Yield what stands for the net: the example on show, the two weights, or the truth table."""
    surface, table = snapshot.surface, snapshot.output_map
    if surface is not None:
        wx, wrec = surface.path[-1].tolist()
        yield row("weights", f"w_x {wx!r}, w_rec {wrec!r}")
        yield row("cost", f"{float(surface.cost.cost(wx, wrec)):.8g}")
    elif table is not None:
        for (a, b), target, output in zip(table.rows, table.targets, table.outputs, strict=True):
            right = "right" if (output > EDGE) == (target > EDGE) else "wrong"
            yield row("output", f"{a:.0f} XOR {b:.0f} = {output:.8f}  {right}")
    elif snapshot.example is not None:
        if snapshot.held:
            yield row("example", "held: the answer is that of the net now")
        yield from answer_rows(snapshot.example)
        yield from memory_rows(snapshot.example)


def memory_rows(example: Example) -> Iterator[str]:
    """Yield step by step a pair's bits, what has to be known from before, and how sure it is."""
    if isinstance(example.task, PairTask):
        yield from (row(name, bits) for name, bits in inputs_written(example).items())
    if example.task.memory_name:
        values = as_written(example, example.memory.tolist())
        gap = "" if max(values) < 10 else " "
        yield row(example.task.memory_name, gap.join(map(str, values)))
    if not example.task.numeric:
        shares = zip(sureness(example), as_written(example, example.asked.tolist()), strict=True)
        yield row("sure %", " ".join(f"{int(100 * it)}" if asked else "." for it, asked in shares))


def gradient_rows(snapshot: Snapshot) -> Iterator[str]:
    """Yield whether the error reaches back through time, and how much of it each step k feels.

    It is that of the net as it is now; two weights have their own slopes besides.
    """
    surface, example = snapshot.surface, snapshot.example
    if surface is not None:
        wx, wrec = surface.path[-1].tolist()
        of_wx, of_wrec = map(float, surface.cost.gradient(wx, wrec))
        yield row("slopes", f"∂cost/∂w_x {of_wx:.6g}, ∂cost/∂w_rec {of_wrec:.6g}")
        back = surface.cost.gradient_over_time(wx, wrec)
        yield row("gradient", f"over time: {fate(abs(back[0]), abs(back[-1]))}")
        yield row("by k", f"over time, k 0 to {len(back) - 1}: {_numbers(back)}")
    elif example is not None and len(example.felt) > 1:
        columns = (("last column alone", example.felt_from_last), ("all columns", example.felt))
        for name, norms in columns:
            yield row("gradient", f"{name}: {fate(norms[0], norms[-1])}")
        for name, norms in columns:
            yield row("by k", f"{name}, k 1 to {len(norms)}: {_numbers(norms)}")


def race_rows(snapshot: Snapshot) -> Iterator[str]:
    """Yield how far each optimizer got on the cost of two weights, if they have raced."""
    for racer in snapshot.surface.race if snapshot.surface else ():
        wx, wrec = racer.path[-1].tolist()
        place = f"w_x {wx:.6g}, w_rec {wrec:.6g}, cost {racer.costs[-1]:.4g}"
        yield row("race", f"{racer.title}: {place}, {racer.end}")


def _numbers(values: FloatArray) -> str:
    return " ".join(f"{value:.3g}" for value in values)


def standing_rows(snapshot: Snapshot) -> Iterator[str]:
    """Yield how the net does so far: its errors, its score over all examples, its speed."""
    task, blind, score = TASKS[snapshot.settings.task], snapshot.baseline, snapshot.score
    mean, best = snapshot.last_hundred, snapshot.best_hundred
    errors = [f"{figure(mean)} of the last 100" if isfinite(mean) else "none yet"]
    errors += [f"best {figure(best)}"] if isfinite(best) else []
    errors += [f"{task.chance_name} {figure(blind.error)}"] if blind else []
    yield row("mean", ", ".join(errors))
    if score is not None:
        whole = "all" if score.exhaustive else "a sample of"
        right = f"{score.exact:,} of {whole} {score.total:,} after step {snapshot.score_step:,}"
        bits = f"{'counts' if task.numeric else 'bits'} {percent(score.right_bits, score.bits)}"
        by_chance = f" ({task.chance_name} {blind.bit_accuracy:.1%})" if blind else ""
        yield row("exact", f"{right}; {bits}{by_chance}")
    yield row("all right", when_all_right(snapshot))
    if snapshot.measured_speed:
        yield row("speed", f"{snapshot.measured_speed:,.0f} steps/s")


def when_all_right(snapshot: Snapshot) -> str:
    """Return since when every result is right: known to the step, or by which one it was."""
    first, score = snapshot.first_exact, snapshot.score
    if first is not None:
        return f"first at step {first:,}"
    if score is not None and score.exhaustive and score.exact == score.total:
        return f"first by step {snapshot.score_step:,}"
    return "not yet"


def summary_rows(snapshot: Snapshot) -> list[str]:
    """Return what remains of a run: how it stood, and how to repeat it."""
    if snapshot.status is Status.STARTING and snapshot.notice:
        return [f"{snapshot.settings.task}: ended before it was where it had stopped"]
    score = snapshot.score
    lines = [f"{snapshot.settings.task}, after {snapshot.step:,} steps"]
    if score:
        whole = "all" if score.exhaustive else "a sample of"
        when = "" if snapshot.score_step == snapshot.step else f" at step {snapshot.score_step:,}"
        lines[0] += f": {score.exact:,} of {whole} {score.total:,} results right{when}"
    if snapshot.first_exact is not None:
        lines.append(f"every result first was right at step {snapshot.first_exact:,}")
    if snapshot.trouble:
        lines.append(snapshot.trouble)
    if snapshot.step:
        lines += ["to repeat it:", f"  {repeated_by(snapshot)}"]
    return lines


def repeated_by(snapshot: Snapshot) -> str:
    """Return the command that repeats a run: its settings, or with changes its journal."""
    if snapshot.log and snapshot.journal:
        return shlex.join(["rnn-tui", "replay", snapshot.journal])
    return repeat_command(snapshot.start, snapshot.log, snapshot.present)


def inputs_written(example: Example) -> dict[str, str]:
    """Return the rows of inputs by name, as they are written."""
    names, values = example.task.input_names, example.inputs.T
    return {name: _written(example, row > 0.5) for name, row in zip(names, values, strict=True)}


def said_written(example: Example) -> str:
    if example.task.numeric:
        return example.said_answer
    return _written(example, example.said_bits, asked=example.asked)


def true_written(example: Example) -> str:
    if example.task.numeric:
        return example.true_answer
    return _written(example, example.targets > 0.5, asked=example.asked)


def sureness(example: Example) -> list[float]:
    """Return the probability that the net gives to each bit it says, in the order of writing."""
    outputs = example.outputs.clip(0.0, 1.0)
    return as_written(example, outputs.clip(1 - outputs).tolist())


def as_written(example: Example, steps: Sequence[Any]) -> list[Any]:
    """Return what belongs to the steps in the order of writing: a number's highest digit first."""
    return list(steps[::-1] if example.task.lowest_first else steps)


def _written(example: Example, bits: BoolArray, asked: BoolArray | None = None) -> str:
    """Return bits as they are written, with a . where none is asked."""
    digits = ["1" if bit else "0" for bit in bits]
    if asked is not None:
        digits = [digit if it else "." for digit, it in zip(digits, asked, strict=True)]
    return "".join(as_written(example, digits))

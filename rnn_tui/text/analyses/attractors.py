"""Fixed points and how long a state is kept, as lines of text."""

from collections.abc import Iterator

from rnn_tui.analysis.attractors import Attractors, PointsUnderInput
from rnn_tui.analysis.fixed_points import FixedPoint
from rnn_tui.analysis.machine import task_symbols
from rnn_tui.config.settings import Settings
from rnn_tui.engine.tasks import Task
from rnn_tui.text.analysis_sentences import (
    bits_text,
    format_time_steps,
    retention_sentence,
)
from rnn_tui.text.report import labeled_line

MAX_POINTS = 5  # fixed points printed for one input


def attractors_lines(result: Attractors, settings: Settings) -> Iterator[str]:
    task = settings.make_task()
    names = " ".join(task.input_names)
    for entry in result.by_input:
        yield labeled_line(f"{names}: {bits_text(entry.inputs)}", _points_text(entry, settings))
    components = result.components
    ratios = " ".join(f"{ratio:.2f}" for ratio in components.explained_variance_ratios[:3])
    yield labeled_line(
        "components",
        f"participation ratio {components.participation_ratio:.1f} of {len(components.variances)}; "
        f"variance of the first {ratios}, over {components.n_states:,} states",
    )
    yield labeled_line("meaning", _retention_text(result, task))
    yield labeled_line(
        "caution",
        f"of {result.n_starts} starts for each input; points that none of them leads to are "
        "missed, and inputs that alternate are not covered",
    )


def _points_text(entry: PointsUnderInput, settings: Settings) -> str:
    points = [_point_text(point, settings) for point in entry.points[:MAX_POINTS]]
    if len(entry.points) > MAX_POINTS:
        points.append(f"{len(entry.points) - MAX_POINTS} more")
    return "; ".join(points) or "no fixed point found"


def _point_text(point: FixedPoint, settings: Settings) -> str:
    output = float(settings.make_loss().outputs(point.logits)[0])
    text = f"{point.kind} ŷ {output:.4g}, ρ {point.spectral_radius:.3f}"
    if point.kind == "stable":
        text += f", τ {format_time_steps(point.memory_time)}"
    return text


def _retention_text(result: Attractors, task: Task) -> str:
    sentence = retention_sentence(result.retention, task)
    if result.retention is None or result.retention.verdict == "unknown":
        return sentence
    if result.retention.verdict == "for ever":
        return f"{sentence} under every input that leaves the {task.state_name} unchanged"
    symbols = task_symbols(task)
    times = [
        f"{format_time_steps(time_steps)} under {bits_text(symbols[symbol])}"
        for symbol, time_steps in result.retention.by_symbol.items()
    ]
    return f"{sentence} ({', '.join(times)}; τ = −1/ln ρ)"

"""Swap test, probe and accuracies as lines of text."""

from collections.abc import Iterator

from rnn_tui.analysis.memory import MEMORY_USED, Memory
from rnn_tui.config.settings import Settings
from rnn_tui.text.analyses.values import by_time_step
from rnn_tui.text.format import format_correlation, percent
from rnn_tui.text.report import labeled_line

MAX_TOP_UNITS = 3  # units named in one line


def memory_lines(result: Memory, settings: Settings) -> Iterator[str]:
    task = settings.make_task()
    state = task.state_name
    differing, every = result.swap.differing_pairs, result.swap.all_pairs
    n = int(differing.n.sum())
    yield labeled_line(
        "swap",
        f"{percent(differing.accuracy)} of {n:,} pairs whose {state} differs, "
        f"{percent(every.accuracy)} of all {every.n.sum():,}",
    )
    accuracies = map(percent, differing.accuracies.tolist())
    yield labeled_line("by t", f"swap after {by_time_step('t', 1, accuracies, task)}")
    propagate, everywhere = result.probe.propagate, result.probe.everywhere
    texts = {
        f"{propagate.n:,} propagate time steps": propagate,
        f"all {everywhere.n:,} time steps": everywhere,
    }
    for text, part in texts.items():
        yield labeled_line(
            "probe",
            f"{percent(part.probe)} of {text}; baselines: majority {percent(part.majority)}, "
            f"present input {percent(part.present_input)}",
        )
    correlations = result.correlations
    units = [
        f"{unit + 1}: r {format_correlation(correlations.propagate[unit], 3)}"
        for unit in correlations.order[:MAX_TOP_UNITS]
    ]
    yield labeled_line("units", f"{', '.join(units)}, of {len(correlations.order)}")
    yield labeled_line(
        "accuracy",
        f"sequences {percent(result.sequence_accuracy)}, outputs {percent(result.bit_accuracy)} "
        f"of {result.n_sequences:,} sequences",
    )
    if not n:
        meaning = f"no two sequences differ in their {state}, so that nothing can be concluded"
    elif result.is_used:
        meaning = (
            f"the {state} is used: outputs follow the {state} of the sequence whose hidden state "
            "is swapped in"
        )
    else:
        meaning = (
            f"the {state} is not used reliably: outputs follow a swapped {state} in less than "
            f"{100 * MEMORY_USED:.0f} % of the pairs"
        )
    yield labeled_line("meaning", meaning)
    yield labeled_line(
        "caution",
        f"the probe shows that the {state} can be read, not that it is used, and may be above its "
        "baselines before training: compare with step 0",
    )

"""Accuracies by group as lines of text."""

from collections.abc import Iterator

from rnn_tui.analysis.accuracy import AccuracyBreakdown, Group
from rnn_tui.config.settings import Settings
from rnn_tui.text.format import format_percent, percent
from rnn_tui.text.report import labeled_line

MAX_VALUES = 32  # in a line, of a series over time
MAX_COLUMNS = 3  # of required states beside each time step


def accuracy_lines(result: AccuracyBreakdown, settings: Settings) -> Iterator[str]:
    task, sequences = settings.make_task(), result.sequences
    kind = "all" if result.exhaustive else "a sample of"
    accuracy = format_percent(sequences.n_correct, sequences.n)
    yield labeled_line("sequences", f"{accuracy} of {kind} {sequences.n:,}")
    place = "bit" if task.lsb_first else "t"
    by_state = result.by_position_and_state or {}
    if len(by_state) > MAX_COLUMNS:
        by_state = {}
    positions = result.by_position[:MAX_VALUES]
    for group in positions:
        parts = [_group_text(group)]
        for state, groups in by_state.items():
            parts += [
                f"{task.state_name} {state}: {_group_text(other)}"
                for other in groups
                if other.value == group.value
            ]
        number = group.value if task.lsb_first else group.value + 1
        yield labeled_line(f"{place} {number}", ", ".join(parts))
    if len(result.by_position) > MAX_VALUES:
        yield labeled_line("", f"… {len(result.by_position) - MAX_VALUES} more time steps")
    groupings = {
        f"{task.state_name} before": result.by_required_state,
        f"time steps since {task.state_name} was 0": result.by_chain_length,
    }
    for title, grouping in groupings.items():
        if grouping:
            texts = [f"{group.value}: {_group_text(group)}" for group in grouping[:MAX_VALUES]]
            yield labeled_line("by", f"{title}: {', '.join(texts)}")
    worst = min(result.by_position, key=lambda group: group.accuracy)
    number = worst.value if task.lsb_first else worst.value + 1
    meaning = f"lowest at {place} {number}, {percent(worst.accuracy)}"
    if result.by_required_state:
        lowest = min(result.by_required_state, key=lambda group: group.accuracy)
        meaning += f"; by {task.state_name}, lowest at {lowest.value}, {percent(lowest.accuracy)}"
    if sequences.n_correct == sequences.n:
        meaning = "every output of these sequences is correct"
    yield labeled_line("meaning", meaning)
    yield labeled_line(
        "caution", f"of length {task.sequence_length} only: evaluate measures other lengths"
    )


def _group_text(group: Group) -> str:
    return f"{percent(group.accuracy)} of {group.n:,}"

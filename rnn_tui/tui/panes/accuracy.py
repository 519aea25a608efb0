"""The accuracy pane: sequence and bit accuracy of the latest evaluation."""

from typing import final

from textual.app import ComposeResult
from textual.content import Content

from rnn_tui.engine.evaluation import Score
from rnn_tui.engine.tasks import TASKS
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.text.format import (
    format_exact_step,
    format_percent,
    format_sequence_accuracy,
)
from rnn_tui.tui.panes.base import SUBTITLE_SEPARATOR, Pane, PaneHelp
from rnn_tui.tui.widgets.text_block import TextBlock

NO_SCORE = Score(0, 1, 0, 1, exhaustive=False)


@final
class AccuracyPane(Pane):
    """Displays accuracies, the baseline without memory, and the first step with 100 %."""

    title = "accuracy"
    short_title = "accuracy"
    help_text = PaneHelp(
        shows="The fraction of all sequences that the model predicts correctly (or of a fixed "
        "sample where there are too many), after the step in the border, and the first step with "
        "100 %.",
        formula="sequence accuracy = sequences correct in every bit / sequences; bit accuracy = "
        "correct bits / scored bits. The baseline in brackets is the best without memory.",
        reading="A bit accuracy at the baseline: the model uses the present inputs only. Sequence "
        "accuracy comes later, since one incorrect bit spoils a sequence.",
        caveat="100 % is for sequences of the trained length, not for longer ones.",
    )

    DEFAULT_CSS = """
    AccuracyPane TextBlock { height: auto; }
    AccuracyPane #bar { height: 1; }
    """

    def compose(self) -> ComposeResult:
        yield TextBlock(id="sequences")
        yield TextBlock(id="bar")
        yield TextBlock(id="bits")

    def update_from(self, snapshot: Snapshot) -> None:
        score = snapshot.score
        sequences, bits = "—", "—"
        if score is not None:
            sequences = format_sequence_accuracy(score)
            bits = format_percent(score.n_correct_bits, score.n_bits)
        correct, total, *_ = score or NO_SCORE
        bar = progress_bar(correct, total, self.content_size.width, self.glyphs.progress_glyphs)
        baseline = snapshot.baseline.bit_accuracy if snapshot.baseline else 0.0
        task = TASKS[snapshot.settings.task]
        unit = "count" if task.is_regression else "bit"
        self.query_one("#sequences", TextBlock).set_text(f"sequence accuracy {sequences}")
        self.query_one("#bar", TextBlock).set_text(bar)
        self.query_one("#bits", TextBlock).set_text(
            f"{unit} accuracy {bits} ({task.baseline_name} {100 * baseline:.2f} %)\n"
            f"{format_exact_step(snapshot.known_exact_step)}"
        )
        self.set_titles(self.title, evaluation_text(snapshot))


def evaluation_text(snapshot: Snapshot) -> str:
    """Return the step of the score, and the progress of the evaluation of a later step."""
    parts = [] if snapshot.score is None else [f"after step {snapshot.score_step:,}"]
    if snapshot.score_step != snapshot.weights_step or not parts:
        parts.append(f"evaluating {int(100 * (snapshot.evaluation_progress or 0))} %")
    return SUBTITLE_SEPARATOR.join(parts)


def progress_bar(n_correct: int, total: int, width: int, progress_glyphs: str) -> Content:
    """Return a bar of `width` cells, rounded down: it is full only if all are correct.

    `progress_glyphs` are the full and the empty character.
    """
    full = n_correct * width // total
    style = "$correct" if n_correct == total else "$primary"
    return Content.assemble(
        (progress_glyphs[0] * full, style), (progress_glyphs[1] * (width - full), "$text-muted")
    )

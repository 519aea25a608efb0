"""How much of the whole task the net can do by now."""

from typing import final

from textual.app import ComposeResult

from rnn_tui.engine.tasks import TASKS
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.drawing import status_lines as words
from rnn_tui.tui.drawing.share import progress_bar
from rnn_tui.tui.panes.base import Pane
from rnn_tui.tui.widgets.text_block import TextBlock


@final
class AccuracyPane(Pane):
    pane_name = "score"
    slot = "score"
    title = "score"

    def compose(self) -> ComposeResult:
        yield TextBlock(id="exact")
        yield TextBlock(id="bar")
        yield TextBlock(id="rest")

    def update_from(self, snapshot: Snapshot) -> None:
        score, first = snapshot.score, snapshot.first_exact
        first_perfect = "not yet" if first is None else f"step {first:,}"
        bits, when = "—", "exam under way"
        exact, total = (score.n_correct, score.n_sequences) if score else (0, 1)
        width, track = self.content_size.width, self.glyphs.progress_glyphs
        self.query_one("#bar", TextBlock).set_text(progress_bar(exact, total, width, track))
        if score is None:
            self.query_one("#exact", TextBlock).set_text("exact —")
        else:
            whole = "all" if score.exhaustive else "a sample of"
            self.query_one("#exact", TextBlock).set_text(
                f"exact {score.n_correct:,} of {whole} {score.n_sequences:,}"
            )
            bits = words.format_percent(score.n_correct_bits, score.n_bits)
            when = f"after step {snapshot.score_step:,}"
            if first is None and score.exhaustive and score.n_correct == score.n_sequences:
                first_perfect = f"by step {snapshot.score_step:,}"
        baseline = snapshot.baseline.bit_accuracy if snapshot.baseline else 0.0
        task = TASKS[snapshot.settings.task]
        what = "counts" if task.is_regression else "bits"
        self.query_one("#rest", TextBlock).set_text(
            f"{what}  {bits}  ({task.baseline_name} {baseline:.1%})\n"
            f"all right first at: {first_perfect}"
        )
        self.set_titles(self.title, when)

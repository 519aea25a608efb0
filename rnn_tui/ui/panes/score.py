"""How much of the whole task the net can do by now."""

from typing import final

from textual.app import ComposeResult
from textual.widgets import ProgressBar
from textual.widgets._progress_bar import Bar

from rnn_tui.engine.tasks import TASKS
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.ui.drawing import words
from rnn_tui.ui.lines import Lines
from rnn_tui.ui.panes.base import Pane


@final
class ScorePane(Pane):
    pane_name = "score"
    place = "score"
    title = "score"

    def compose(self) -> ComposeResult:
        yield Lines(id="exact")
        yield ProgressBar(total=1, show_eta=False, show_percentage=False)
        yield Lines(id="rest")

    def on_resize(self) -> None:
        self.call_after_refresh(self._fit_bar)

    def _fit_bar(self) -> None:
        """Give the bar its share once more: it keeps what it had rounded for another width."""
        self.query_one(Bar).percentage = self.query_one(ProgressBar).percentage

    def show(self, snapshot: Snapshot) -> None:
        score, first = snapshot.score, snapshot.first_exact
        first_right = "not yet" if first is None else f"step {first:,}"
        bits, when = "—", "exam under way"
        self.query_one(ProgressBar).visible = bool(score and score.exact)  # else it may look full
        if score is None:
            self.query_one("#exact", Lines).say("exact —")
            self.query_one(ProgressBar).update(total=1, progress=0)
        else:
            whole = "all" if score.exhaustive else "a sample of"
            self.query_one("#exact", Lines).say(f"exact {score.exact:,} of {whole} {score.total:,}")
            self.query_one(ProgressBar).update(total=score.total, progress=score.exact)
            bits = words.percent(score.right_bits, score.bits)
            when = f"after step {snapshot.score_step:,}"
            if first is None and score.exhaustive and score.exact == score.total:
                first_right = f"by step {snapshot.score_step:,}"
        blind = snapshot.baseline.bit_accuracy if snapshot.baseline else 0.0
        task = TASKS[snapshot.settings.task]
        what = "counts" if task.numeric else "bits"
        self.query_one("#rest", Lines).say(
            f"{what}  {bits}  ({task.chance_name} {blind:.1%})\nall right first at: {first_right}"
        )
        self.label(self.title, when)

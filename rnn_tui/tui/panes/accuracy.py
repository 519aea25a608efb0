"""How much of the whole task the net can do by now."""

from typing import final

from textual.app import ComposeResult

from rnn_tui.engine.tasks import TASKS
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.drawing import status_lines as words
from rnn_tui.tui.drawing.share import bar
from rnn_tui.tui.panes.base import Pane
from rnn_tui.tui.widgets.text_block import Lines


@final
class ScorePane(Pane):
    pane_name = "score"
    place = "score"
    title = "score"

    def compose(self) -> ComposeResult:
        yield Lines(id="exact")
        yield Lines(id="bar")
        yield Lines(id="rest")

    def show(self, snapshot: Snapshot) -> None:
        score, first = snapshot.score, snapshot.first_exact
        first_right = "not yet" if first is None else f"step {first:,}"
        bits, when = "—", "exam under way"
        exact, total = (score.exact, score.total) if score else (0, 1)
        width, track = self.content_size.width, self.look.track
        self.query_one("#bar", Lines).say(bar(exact, total, width, track))
        if score is None:
            self.query_one("#exact", Lines).say("exact —")
        else:
            whole = "all" if score.exhaustive else "a sample of"
            self.query_one("#exact", Lines).say(f"exact {score.exact:,} of {whole} {score.total:,}")
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

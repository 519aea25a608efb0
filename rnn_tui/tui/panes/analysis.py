"""The base class of panes that display an analysis of the model."""

from abc import abstractmethod
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.content import Content

from rnn_tui.session.analysis_scheduler import AnalysisResult
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.panes.base import SUBTITLE_SEPARATOR, Pane
from rnn_tui.tui.widgets.text_block import TextBlock

WAITING = "analyzing…"


class AnalysisPane(Pane):
    """Draws the latest result of its analysis, with the step it is of, or why it has none.

    `analyses` names the analysis alone. The result is drawn again only when it, the size, or the
    glyphs are new, or after `redraw`.
    """

    analyses: ClassVar[tuple[str, ...]]

    DEFAULT_CSS = "AnalysisPane #body { height: 1fr; }"

    def compose(self) -> ComposeResult:
        yield TextBlock(id="body")

    def update_from(self, snapshot: Snapshot) -> None:
        result = snapshot.analyses.get(self.analyses[0])
        size = self.content_size
        data = result, *self.redraw_key(snapshot)
        if not size.width or not self.begin_redraw_if_due(
            (size, self.glyphs), data
        ):  # hidden: no width
            return
        self.query_one("#body", TextBlock).set_text(self._content(result, snapshot))
        self.set_titles(self.pane_title(snapshot), self._subtitle(result))

    def redraw(self) -> None:
        """Draw the result again, as after a choice of the user."""
        self._drawn_view = ()
        self.update_from(self.snapshot)

    @property
    def value(self) -> Any:
        """The value of the latest result; None without one."""
        result = self.snapshot.analyses.get(self.analyses[0])
        return None if result is None else result.value

    def pane_title(self, _snapshot: Snapshot) -> str:
        """Return the title, which may depend on the run."""
        return self.title

    def redraw_key(self, _snapshot: Snapshot) -> tuple[object, ...]:
        """Return what else of the snapshot is drawn."""
        return ()

    def _content(self, result: AnalysisResult | None, snapshot: Snapshot) -> str | Content:
        if result is None:
            return WAITING
        if result.value is None:
            return result.reason
        return self.draw(result.value, snapshot)

    def _subtitle(self, result: AnalysisResult | None) -> str:
        if result is None:
            return ""
        parts = [f"after step {result.step:,}"]
        if result.value is not None:
            parts += self.subtitle_parts(result.value)
        return SUBTITLE_SEPARATOR.join(parts)

    @abstractmethod
    def draw(self, value: Any, snapshot: Snapshot) -> str | Content:
        """Return the result drawn in `content_size` cells."""

    def subtitle_parts(self, value: Any) -> list[str]:
        """Return parts of the subtitle after the step: the number of examples first."""
        return [f"n = {value.n_sequences:,}"]

"""The XOR pane: the truth table, and the model's output over the unit square of inputs."""

from typing import final

from textual.app import ComposeResult

from rnn_tui.config.settings import Settings
from rnn_tui.engine.tasks import TASKS
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.drawing import xor_map
from rnn_tui.tui.panes.base import Pane, PaneHelp
from rnn_tui.tui.widgets.heatmap import HeatMap
from rnn_tui.tui.widgets.text_block import TextBlock


@final
class XorMapPane(Pane):
    """Displays predictions of the four inputs, and the decision boundary between them."""

    title = "output over the square of inputs"
    short_title = "output map"
    help_text = PaneHelp(
        shows="The output for the four rows of the truth table, and for inputs between them; the "
        "dots are the decision boundary, and the corners have their targets.",
        formula="ŷ(a, b) for a and b from 0 to 1; the boundary is ŷ = 0.5.",
        reading="The task is learned where the boundary separates both corners with target 1 from "
        "those with 0: no single straight line can.",
        caveat="The model is trained on the corners only: what is between them is extrapolated.",
    )

    DEFAULT_CSS = f"""
    XorMapPane TextBlock {{ height: {xor_map.TABLE_ROWS + 1}; }}
    XorMapPane HeatMap {{ color: $text-muted; }}
    XorMapPane.beside {{ layout: horizontal; }}
    XorMapPane.beside TextBlock {{
        width: {xor_map.TABLE_CELLS + xor_map.GAP_CELLS}; height: 1fr;
    }}
    """

    @classmethod
    def applies_to(cls, settings: Settings) -> bool:
        return TASKS[settings.task].has_output_grid

    def compose(self) -> ComposeResult:
        yield TextBlock()
        yield HeatMap()

    def update_from(self, snapshot: Snapshot) -> None:
        self.set_titles(self.title, f"corners: target · {self.glyphs.contour * 3} output 0.5")
        output_grid, size = snapshot.output_grid, self.content_size
        layout = xor_map.xor_layout(size.width, size.height)
        self.set_class(layout.beside, "beside")
        self.query_one(TextBlock).set_text(
            xor_map.draw_table(output_grid) if output_grid else "no output before the first step"
        )
        if not self.begin_redraw_if_due((layout, snapshot.status), (output_grid,)):
            return
        self.query_one(HeatMap).set_strips(
            xor_map.draw_map(output_grid, layout.columns, layout.rows, self.glyphs)
            if output_grid
            else []
        )

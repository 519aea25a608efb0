"""The table of panes: class, key slot, column, and size in each size of window.

To add a pane, write its class in a file of its own and add one line here.
"""

from dataclasses import dataclass
from typing import Literal, final

from rnn_tui.tui.panes.accuracy import AccuracyPane
from rnn_tui.tui.panes.base import Pane
from rnn_tui.tui.panes.bit_grid import MIN_HIGH_WINDOW_ROWS, BitGridPane
from rnn_tui.tui.panes.changes import ChangesPane
from rnn_tui.tui.panes.cost_map import CostMapPane
from rnn_tui.tui.panes.gradient_norms import GradientNormsPane
from rnn_tui.tui.panes.gradient_paths import GradientPathsPane
from rnn_tui.tui.panes.loss import LossPane
from rnn_tui.tui.panes.xor_map import XorMapPane

BORDER_ROWS = 2

# Classes of window heights, as in Dashboard.VERTICAL_BREAKPOINTS.
WindowHeight = Literal["low", "tall", "high", "never"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PanePlacement:
    """A pane with its column, its height in the units of Textual's CSS, and when it is shown.

    `slot` is the argument of the action `maximize_pane`; panes that apply to different runs share
    one. `stacked` is the window height from which the pane is shown where columns are stacked
    (below 112 cells of width), `side_by_side` the one from which it is shown beside others.
    """

    pane: type[Pane]
    slot: str
    column: Literal["left", "right"]
    height: str
    min_height: int = 0
    min_height_high: int = 0  # in high windows
    stacked: WindowHeight = "low"
    side_by_side: WindowHeight = "low"


PANES: dict[str, PanePlacement] = {
    "loss": PanePlacement(
        pane=LossPane, slot="loss", column="left", height="1fr", min_height=5
    ),
    "gradient-norms": PanePlacement(
        pane=GradientNormsPane, slot="gradient", column="left", height="2fr",
        stacked="high", side_by_side="tall",
    ),
    "gradient-paths": PanePlacement(
        pane=GradientPathsPane, slot="gradient", column="left", height="2fr",
        stacked="high", side_by_side="tall",
    ),
    "xor-map": PanePlacement(
        pane=XorMapPane, slot="task", column="left", height="2fr", min_height=10
    ),
    "cost-map": PanePlacement(
        pane=CostMapPane, slot="task", column="right", height="3fr", min_height=10
    ),
    "bit-grid": PanePlacement(
        pane=BitGridPane, slot="task", column="right", height="auto", min_height=10,
        min_height_high=MIN_HIGH_WINDOW_ROWS + BORDER_ROWS,
    ),
    "accuracy": PanePlacement(
        pane=AccuracyPane, slot="accuracy", column="right", height="auto", stacked="tall"
    ),
    "changes": PanePlacement(
        pane=ChangesPane, slot="changes", column="right", height="1fr",
        stacked="never", side_by_side="tall",
    ),
}  # fmt: skip

__all__ = [
    "PANES",
    "AccuracyPane",
    "BitGridPane",
    "ChangesPane",
    "CostMapPane",
    "GradientPathsPane",
    "LossPane",
    "Pane",
    "PanePlacement",
]

"""The panes, by name, in the order in which they are read."""

from rnn_tui.tui.panes.accuracy import AccuracyPane
from rnn_tui.tui.panes.base import Pane
from rnn_tui.tui.panes.bit_grid import BitGridPane
from rnn_tui.tui.panes.changes import ChangesPane
from rnn_tui.tui.panes.cost_map import CostMapPane
from rnn_tui.tui.panes.gradient_norms import GradientNormsPane
from rnn_tui.tui.panes.gradient_paths import GradientPathsPane
from rnn_tui.tui.panes.loss import LossPane
from rnn_tui.tui.panes.xor_map import XorMapPane

PANES: dict[str, type[Pane]] = {
    pane.pane_name: pane
    for pane in (
        LossPane,
        GradientNormsPane,
        GradientPathsPane,
        XorMapPane,
        CostMapPane,
        BitGridPane,
        AccuracyPane,
        ChangesPane,
    )
}

__all__ = [
    "PANES",
    "AccuracyPane",
    "BitGridPane",
    "ChangesPane",
    "CostMapPane",
    "GradientPathsPane",
    "LossPane",
    "Pane",
]

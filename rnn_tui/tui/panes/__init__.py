"""The panes, by name, in the order in which they are read."""

from rnn_tui.tui.panes.accuracy import ScorePane
from rnn_tui.tui.panes.base import Pane
from rnn_tui.tui.panes.bit_grid import BitsPane
from rnn_tui.tui.panes.changes import ChangesPane
from rnn_tui.tui.panes.cost_map import SurfacePane
from rnn_tui.tui.panes.gradient_norms import GradientPane
from rnn_tui.tui.panes.gradient_paths import BackflowPane
from rnn_tui.tui.panes.loss import LossPane
from rnn_tui.tui.panes.xor_map import XorPane

PANES: dict[str, type[Pane]] = {
    pane.pane_name: pane
    for pane in (
        LossPane,
        GradientPane,
        BackflowPane,
        XorPane,
        SurfacePane,
        BitsPane,
        ScorePane,
        ChangesPane,
    )
}

__all__ = [
    "PANES",
    "BackflowPane",
    "BitsPane",
    "ChangesPane",
    "LossPane",
    "Pane",
    "ScorePane",
    "SurfacePane",
]

"""The panes, by name, in the order in which they are read."""

from rnn_tui.ui.panes.backflow import BackflowPane
from rnn_tui.ui.panes.base import Pane
from rnn_tui.ui.panes.bits import BitsPane
from rnn_tui.ui.panes.changes import ChangesPane
from rnn_tui.ui.panes.gradient import GradientPane
from rnn_tui.ui.panes.loss import LossPane
from rnn_tui.ui.panes.score import ScorePane
from rnn_tui.ui.panes.surface import SurfacePane
from rnn_tui.ui.panes.xor import XorPane

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

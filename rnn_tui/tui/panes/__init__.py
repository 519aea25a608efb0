"""The tables of views and panes: class, views, column, priority, and sizes.

To add a pane, write its class in a file of its own and add one line here.
"""

from dataclasses import dataclass
from typing import Literal, final

from rnn_tui.tui.panes.accuracy import AccuracyPane
from rnn_tui.tui.panes.accuracy_by import AccuracyByPane
from rnn_tui.tui.panes.attractors import AttractorsPane
from rnn_tui.tui.panes.base import Pane, PaneHelp
from rnn_tui.tui.panes.bit_grid import BitGridPane
from rnn_tui.tui.panes.changes import ChangesPane
from rnn_tui.tui.panes.compare import ComparePane
from rnn_tui.tui.panes.cost_map import CostMapPane
from rnn_tui.tui.panes.gradient_map import GradientMapPane
from rnn_tui.tui.panes.gradient_norms import GradientNormsPane
from rnn_tui.tui.panes.gradient_paths import GradientPathsPane
from rnn_tui.tui.panes.health import HealthPane
from rnn_tui.tui.panes.hidden_states import HiddenStatesPane
from rnn_tui.tui.panes.length import LengthPane
from rnn_tui.tui.panes.loss import LossPane
from rnn_tui.tui.panes.machine import MachinePane
from rnn_tui.tui.panes.memory import MemoryPane
from rnn_tui.tui.panes.seeds import SeedsPane
from rnn_tui.tui.panes.step_trace import StepTracePane
from rnn_tui.tui.panes.xor_map import XorMapPane
from rnn_tui.tui.views import VIEWS


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PanePlacement:
    """A pane with its views, its column, and its sizes in rows, border included.

    In each of its `views` a pane is displayed if there is room, the lowest `priority` first: a
    further pane where all have their `height`, two panes where they have their `min_height`. Rows
    that are left over are shared by `weight`. Windows of at least `TWO_COLUMN_CELLS` cells have
    two columns; in narrower ones, or if one column has no pane, the panes are stacked in the order
    of the table. A `wide` pane makes both columns equally wide.
    """

    pane: type[Pane]
    views: tuple[str, ...] = ("train",)
    column: Literal["left", "right"]
    priority: int
    min_height: int
    height: int
    weight: int = 1
    wide: bool = False


PANES: dict[str, PanePlacement] = {
    "step-trace": PanePlacement(
        pane=StepTracePane, views=("step",), column="left",
        priority=0, min_height=7, height=16, weight=2,
    ),
    "loss": PanePlacement(
        pane=LossPane, views=("train", "compare"), column="left",
        priority=1, min_height=4, height=7,
    ),
    "compare": PanePlacement(
        pane=ComparePane, views=("compare",), column="left",
        priority=0, min_height=6, height=8,
    ),
    "seeds": PanePlacement(
        pane=SeedsPane, views=("compare",), column="left",
        priority=2, min_height=5, height=8, weight=0,
    ),
    "gradient-norms": PanePlacement(
        pane=GradientNormsPane, column="left", priority=4, min_height=7, height=8, weight=2
    ),
    "gradient-paths": PanePlacement(
        pane=GradientPathsPane, views=("train", "map"), column="left",
        priority=4, min_height=10, height=10, weight=2,
    ),
    "xor-map": PanePlacement(
        pane=XorMapPane, views=("train", "map"), column="left",
        priority=2, min_height=10, height=10, weight=2,
    ),
    "cost-map": PanePlacement(
        pane=CostMapPane, views=("train", "map"), column="right",
        priority=0, min_height=11, height=22, weight=3, wide=True,
    ),
    "bit-grid": PanePlacement(
        pane=BitGridPane, views=("train", "map", "step"), column="right",
        priority=2, min_height=10, height=10, weight=4,
    ),
    "accuracy": PanePlacement(
        pane=AccuracyPane, column="right", priority=3, min_height=6, height=6, weight=0
    ),
    "hidden-states": PanePlacement(
        pane=HiddenStatesPane, views=("inside", "step"), column="left",
        priority=3, min_height=9, height=24, weight=3,
    ),
    "memory": PanePlacement(
        pane=MemoryPane, views=("inside",), column="right",
        priority=4, min_height=6, height=11, weight=2,
    ),
    "machine": PanePlacement(
        pane=MachinePane, views=("inside",), column="right",
        priority=5, min_height=7, height=11,
    ),
    "accuracy-by": PanePlacement(
        pane=AccuracyByPane, views=("inside",), column="left",
        priority=7, min_height=6, height=10,
    ),
    "attractors": PanePlacement(
        pane=AttractorsPane, views=("inside",), column="right",
        priority=6, min_height=7, height=8, weight=3,
    ),
    "length": PanePlacement(
        pane=LengthPane, views=("inside",), column="right",
        priority=8, min_height=7, height=9,
    ),
    "health": PanePlacement(
        pane=HealthPane, views=("inside",), column="right",
        priority=10, min_height=6, height=7,
    ),
    "gradient-map": PanePlacement(
        pane=GradientMapPane, views=("inside", "step"), column="right",
        priority=11, min_height=7, height=8, weight=2,
    ),
    "changes": PanePlacement(
        pane=ChangesPane, column="right", priority=5, min_height=4, height=6
    ),
}  # fmt: skip

__all__ = [
    "PANES",
    "VIEWS",
    "AccuracyPane",
    "AttractorsPane",
    "BitGridPane",
    "ChangesPane",
    "ComparePane",
    "CostMapPane",
    "GradientMapPane",
    "GradientPathsPane",
    "HealthPane",
    "LengthPane",
    "LossPane",
    "MachinePane",
    "Pane",
    "PaneHelp",
    "PanePlacement",
    "SeedsPane",
    "StepTracePane",
]

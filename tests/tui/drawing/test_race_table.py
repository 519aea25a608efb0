"""The table below the cost map, as rows of text."""

from hypothesis import given

from rnn_tui.run.weight_path import CostMapData
from rnn_tui.tui.drawing.race_table import draw_table
from tests.tui.panes.test_cost_map import COST, PATH, RACED, UNRACED, sizes


def test_race_table_has_loss_and_gradient_at_model_and_cursor() -> None:
    assert draw_table(UNRACED, (1.2, 1.2), 56, 3).plain.split("\n") == [
        "               w_x   w_rec    loss ξ   ∂ξ/∂w_x ∂ξ/∂w_rec",
        "◆ model      2.500   0.500     5.669     -4.27    -22.26",
        "✛ cursor     1.200   1.200     110.2     274.6     1,593",
    ]
    assert "no step yet" in draw_table(CostMapData(COST, PATH[:0]), (1.2, 1.2), 56, 3).plain


def test_race_table_has_final_losses_and_curves() -> None:
    lines = draw_table(RACED, (1.2, 1.2), 76, 9).plain.split("\n")
    assert lines[3].split() == ["race", "of", "60", "steps", "from", "(-1.5,", "2)", "log", "ξ"]
    assert lines[4].startswith("a Rprop .001 ")
    assert lines[5].split() == ["b", "SGD", ".01", "overflowed", "at", "step", "2", "█✗"]
    for line in (lines[4], *lines[6:]):
        assert line.split()[-1][0] in "▅▆▇█"


@given(sizes)
def test_race_table_fits_its_size(size: tuple[int, int]) -> None:
    width, room = size
    lines = draw_table(RACED, (-3.0, 3.0), width, room).plain.split("\n")
    assert len(lines) <= max(room, 4)
    assert max(map(len, lines)) <= width
    for letter in "abcde":
        assert f"{letter} " in "".join(lines[3:])

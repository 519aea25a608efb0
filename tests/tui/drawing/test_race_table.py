"""The table below the cost map, as rows of text."""

from hypothesis import given

from rnn_tui.run.weight_path import CostMapData
from rnn_tui.tui.drawing import race_table as standings
from tests.tui.panes.test_cost_map import COST, PATH, QUIET, RACED, sizes


def test_the_table_says_where_net_and_cursor_are() -> None:
    assert standings.draw_table(QUIET, (1.2, 1.2), 56, 3).plain.split("\n") == [
        "               w_x   w_rec    cost ξ   ∂ξ/∂w_x ∂ξ/∂w_rec",
        "◆ net        2.500   0.500     5.669     -4.27    -22.26",
        "✛ cursor     1.200   1.200     110.2     274.6     1,593",
    ]
    assert (
        "no step yet" in standings.draw_table(CostMapData(COST, PATH[:0]), (1.2, 1.2), 56, 3).plain
    )


def test_the_table_says_how_the_racers_fared() -> None:
    lines = standings.draw_table(RACED, (1.2, 1.2), 76, 9).plain.split("\n")
    assert lines[3].split() == ["race", "of", "60", "steps", "from", "(-1.5,", "2)", "log", "ξ"]
    assert lines[4].startswith("a Rprop .001 ")
    assert lines[5].split() == ["b", "SGD", ".01", "overflowed", "at", "step", "2", "█✗"]
    for line in (lines[4], *lines[6:]):
        assert line.split()[-1][0] in "▅▆▇█"


@given(sizes)
def test_the_table_keeps_to_its_room(size: tuple[int, int]) -> None:
    width, room = size
    lines = standings.draw_table(RACED, (-3.0, 3.0), width, room).plain.split("\n")
    assert len(lines) <= max(room, 4)
    assert max(map(len, lines)) <= width
    for letter in "abcde":
        assert f"{letter} " in "".join(lines[3:])

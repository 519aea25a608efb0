"""The tab line has the views, and the panes without room, at every width."""

import pytest

from rnn_tui.tui.panes import PANES, VIEWS
from rnn_tui.tui.tab_line import CURRENT_STYLE, tab_line

SHORT_TITLES = sorted({placement.pane.short_title for placement in PANES.values()})


@pytest.mark.parametrize(
    ("width", "names", "expected"),
    [
        (80, (), " 1 train  2 inside  3 compare  4 map"),
        (
            80,
            ("accuracy", "gradient", "changes"),
            " 1 train  2 inside  3 compare  4 map    no room: accuracy, gradient, changes (P)",
        ),
        (
            60,
            ("accuracy", "gradient", "changes"),
            " 1 train  2  3  4    no room: accuracy, gradient, changes (P)",
        ),
        (
            60,
            ("accuracy", "gradient", "changes", "hidden states"),
            " 1 train  2  3  4   no room: accuracy, gradient + 2 (P)",
        ),
    ],
)
def test_tab_line_names_panes_without_room(
    width: int, names: tuple[str, ...], expected: str
) -> None:
    line = tab_line(width, "train", names, restore_key="")
    assert line.cell_length == width
    assert line.plain.split() == expected.split()


def test_tab_line_of_a_maximized_pane_names_the_others() -> None:
    line = tab_line(80, "train", ("loss", "bits"), restore_key="esc")
    assert line.plain.endswith(" esc shows loss, bits")


@pytest.mark.parametrize(
    ("restore_key", "action"), [("", "replace_pane"), ("esc", "toggle_maximized")]
)
def test_click_on_panes_without_room_shows_them(restore_key: str, action: str) -> None:
    line = tab_line(80, "train", ("loss", "bits"), restore_key=restore_key)
    start = line.plain.index("loss")
    (span,) = [span for span in line.spans if span.start <= start < span.end]
    assert f"@click=screen.{action}" in str(span.style)
    has_key = any(str(span.style).startswith("bold $key @click") for span in line.spans)
    assert has_key != bool(restore_key)


@pytest.mark.parametrize("view", VIEWS)
def test_tab_line_fits_every_width(view: str) -> None:
    for width in (*range(60, 120, 7), 200):
        for count in range(0, len(SHORT_TITLES) + 1, 3):
            line = tab_line(width, view, SHORT_TITLES[:count], restore_key="")
            assert line.cell_length == width
            assert ("no room" in line.plain) == bool(count)


def test_current_view_is_marked_without_colours_too() -> None:
    line = tab_line(80, "inside", (), restore_key="")
    (span,) = [span for span in line.spans if span.style == CURRENT_STYLE]
    assert line.plain[span.start : span.end] == " 2 inside "
    assert "reverse" in CURRENT_STYLE

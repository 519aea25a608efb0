"""`left_changed` and `styles_on` find the modes and styles that a program leaves on."""

import pytest

from tests.terminal.restored import left_changed, styles_on

LEFT_ON: dict[bytes, set[int]] = {
    b"\x1b[1;31ma\x1b[m": set(),
    b"\x1b[1;31ma\x1b[0m": set(),
    b"\x1b[31;44ma\x1b[39mb\x1b[49m": set(),
    b"\x1b[38;5;39;48;2;1;49;0ma\x1b[39;49m": set(),
    b"\x1b[38:5:1ma": {39},
    b"\x1b[1;97;44ma\x1b[39;22m": {49},
    b"\x1b[0;7ma": {27},
    b"\x1b[7ma\x1b[;2m": {22},
}


@pytest.mark.parametrize("written", LEFT_ON, ids=repr)
def test_finds_styles_that_are_left_on(written: bytes) -> None:
    assert styles_on(written) == LEFT_ON[written]
    assert bool(left_changed(written)) == bool(LEFT_ON[written])


@pytest.mark.parametrize("written", [b"\x1b[?25l", b"\x1b[?1049h", b"\x1b[>1u", b"\x1b[2;9r"])
def test_finds_modes_that_are_left_switched(written: bytes) -> None:
    assert len(left_changed(written)) == 1

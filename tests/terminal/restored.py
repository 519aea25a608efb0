"""Checks from a program's output that it restores the terminal."""

import re

from tests.terminal.styles import style_codes

LEAVE_SCREEN = b"\x1b[?1049l"
PRIVATE_MODE = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")
KITTY_KEYS = re.compile(rb"\x1b\[([<>])[0-9]*u")
MARGINS = re.compile(rb"\x1b\[([0-9;]*)r")
# Foreground, background and attributes.
SWITCHED_OFF_BY = {
    **dict.fromkeys((38, *range(30, 38), *range(90, 98)), 39),
    **dict.fromkeys((48, *range(40, 48), *range(100, 108)), 49),
    1: 22,
    2: 22,
    3: 23,
    4: 24,
    5: 25,
    7: 27,
    8: 28,
    9: 29,
}
ON_BEFORE = {7: "line wrap", 25: "cursor"}


def left_changed(written: bytes) -> list[str]:
    """Return the modes and styles that `written` changes and does not restore."""
    modes: dict[int, bool] = {}
    for match in PRIVATE_MODE.finditer(written):
        for mode in match[1].split(b";"):
            modes[int(mode)] = match[2] == b"h"
    changed = [
        f"mode ?{mode} ({ON_BEFORE.get(mode, 'a switch')}) is left {'on' if on else 'off'}"
        for mode, on in sorted(modes.items())
        if on is not (mode in ON_BEFORE)
    ]
    pushed = sum(1 if match[1] == b">" else -1 for match in KITTY_KEYS.finditer(written))
    if pushed > 0:
        changed.append(f"{pushed} kitty keyboard mode(s) are left pushed")
    margins = MARGINS.findall(written)
    if margins and margins[-1]:
        changed.append("scroll margins are left set")
    styles = styles_on(written)
    if styles:
        changed.append(f"styles are left on, which {styles} would switch off")
    return changed


def styles_on(written: bytes) -> set[int]:
    """Return the codes that would reset the colors and attributes that `written` leaves on."""
    on: set[int] = set()
    for code, _ in style_codes(written):
        if code in SWITCHED_OFF_BY:
            on.add(SWITCHED_OFF_BY[code])
        elif code:
            on.discard(code)
        else:
            on.clear()
    return on


def assert_restored(written: bytes) -> None:
    """Check that the alternate screen was left and all modes and styles restored."""
    assert LEAVE_SCREEN in written
    changed = left_changed(written)
    assert not changed, "; ".join(changed)

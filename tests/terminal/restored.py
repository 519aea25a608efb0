"""Whether a terminal is as it was before: read from all that a program wrote to it."""

import re

LEAVE_SCREEN = b"\x1b[?1049l"
PRIVATE_MODE = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")
KITTY_KEYS = re.compile(rb"\x1b\[([<>])[0-9]*u")
MARGINS = re.compile(rb"\x1b\[([0-9;]*)r")
STYLE = re.compile(rb"\x1b\[([0-9;:]*)m")
ON_BEFORE = {7: "line wrap", 25: "cursor"}


def left_changed(written: bytes) -> list[str]:
    """Return what `written` switched on, or off, and did not switch back."""
    modes: dict[int, bool] = {}
    for match in PRIVATE_MODE.finditer(written):
        for mode in match[1].split(b";"):
            modes[int(mode)] = match[2] == b"h"
    wrong = [
        f"mode ?{mode} ({ON_BEFORE.get(mode, 'a switch')}) is left {'on' if on else 'off'}"
        for mode, on in sorted(modes.items())
        if on is not (mode in ON_BEFORE)
    ]
    pushed = sum(1 if match[1] == b">" else -1 for match in KITTY_KEYS.finditer(written))
    if pushed > 0:
        wrong.append(f"{pushed} kitty keyboard mode(s) are left pushed")
    margins = MARGINS.findall(written)
    if margins and margins[-1]:
        wrong.append("scroll margins are left set")
    styles = STYLE.findall(written)
    if styles and styles[-1] not in (b"", b"0"):
        wrong.append(f"the style {styles[-1]!r} is left on")
    return wrong


def assert_restored(written: bytes) -> None:
    """Check that the alternate screen was opened and left, and that nothing stays switched."""
    assert LEAVE_SCREEN in written
    wrong = left_changed(written)
    assert not wrong, "; ".join(wrong)

"""Reads the codes of SGR sequences (`CSI ... m`) from a program's output."""

import re
from collections.abc import Iterator

STYLE = re.compile(rb"\x1b\[([0-9;:]*)m")
BY_NUMBER = {b"5": ("256", 1), b"2": ("truecolor", 3)}  # the kind of colour, and its parameters
SIXTEEN = {*range(30, 38), *range(40, 48), *range(90, 98), *range(100, 108)}


def style_codes(written: bytes) -> Iterator[tuple[int, str]]:
    """Yield each code, with the color system that it uses: 16, 256, truecolor or none."""
    for match in STYLE.finditer(written):
        codes = iter(match[1].replace(b":", b";").split(b";"))
        for code in (int(parameter or 0) for parameter in codes):
            kind = "16" if code in SIXTEEN else ""
            if code in (38, 48):
                kind, parameters = BY_NUMBER[next(codes)]
                for _ in range(parameters):
                    next(codes)
            yield code, kind

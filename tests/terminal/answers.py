"""When a terminal replies to a query: at once, in pieces, late, or never."""

from collections.abc import Callable
from threading import Timer
from time import sleep

Write = Callable[[bytes], None]
Answer = Callable[[Write, bytes], None]

PIECES_APART = 0.2  # seconds
ROUND_TRIP = 0.3  # seconds


def at_once(write: Write, answer: bytes) -> None:
    write(answer)


def in_pieces(write: Write, answer: bytes) -> None:
    for place in range(len(answer)):
        write(answer[place : place + 1])
        sleep(0.002)


def torn(write: Write, answer: bytes) -> None:
    """Reply in two pieces, so far apart that the first could be a key by itself."""
    write(answer[:2])
    sleep(PIECES_APART)
    write(answer[2:])


def late(write: Write, answer: bytes) -> None:
    timer = Timer(ROUND_TRIP, write, [answer])
    timer.daemon = True
    timer.start()


def never(_write: Write, _answer: bytes) -> None:
    pass

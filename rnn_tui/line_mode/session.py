"""`rnn-tui --plain`: the dashboard without a screen, in lines out and lines in."""

import sys
from typing import final

from rnn_tui.config.deviations import quirks
from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import Settings
from rnn_tui.line_mode.client import TICK, UNFOLLOWABLE, Conversation
from rnn_tui.line_mode.commands import obey
from rnn_tui.line_mode.stdin import InputLines
from rnn_tui.session.snapshot import Snapshot, Status
from rnn_tui.session.start import Opening
from rnn_tui.session.worker import Runner
from rnn_tui.signals import Interrupt

UNSOUND = 1  # the exit status of a run that halted, or of a trainer that failed
FIRST_LINE = 0.3  # seconds in which a script's first line comes


def run_plain(opening: Opening, speed: float, every: int | None, *, paused: bool) -> int:
    """Train, obey what standard input says line by line, and return the exit status.

    Without `every` a report comes as the recipe says, but no faster than one can follow. When
    there will be no more lines the run goes on to its planned end.
    """
    settings = opening.settings
    runner = Runner(opening, speed, paused=True)
    usual = RECIPES[settings.recipe].every
    lines = InputLines()
    with Interrupt() as interrupt:
        runner.start()
        try:
            apart = UNFOLLOWABLE if every is None else 0.0
            talk = Conversation(runner, interrupt, every or usual, apart, lines.cut_short)
            talk.stands_still = not paused
            _greet(talk, settings)
            _Session(talk, lines).run(interrupt)
            talk.conclude()
        finally:
            last = runner.stop()
        talk.tell_end(last)
        return _status(last, interrupt)
    return interrupt.status


def _greet(talk: Conversation, settings: Settings) -> None:
    for quirk in quirks(settings):
        talk.say(quirk)
    talk.say(f"{RECIPES[settings.recipe].summary}; a line with ? lists the commands")


def _status(last: Snapshot, interrupt: Interrupt) -> int:
    if last.failure:
        sys.stderr.write(last.failure)
    halted = last.status in (Status.HALTED, Status.FAILED)
    return UNSOUND if halted else interrupt.status


@final
class _Session:
    """Obeys line after line, and lets the run go on whenever there is none to obey."""

    def __init__(self, talk: Conversation, lines: InputLines) -> None:
        self._talk, self._lines = talk, lines

    def run(self, interrupt: Interrupt) -> None:
        talk = self._talk
        talk.ask()  # which waits until there is a run
        patience = 0.0 if self._lines.typed else FIRST_LINE
        while not (talk.over or interrupt.came or self._is_at_its_end):
            line = self._lines.next(patience)
            patience = TICK
            if line is not None:
                obey(talk, line)
            elif talk.stands_still and talk.snapshot.status is Status.FINISHED:
                talk.stands_still = False  # as it was when it was written down
            elif talk.stands_still:
                talk.go_on()
            elif self._lines.ended and talk.snapshot.status is Status.PAUSED:
                talk.say_here("no more lines: the run goes on")
                talk.go_on()
            talk.look()

    @property
    def _is_at_its_end(self) -> bool:
        now = self._talk.snapshot
        if now.status is Status.FAILED:
            return True
        done = now.status is Status.HALTED or now.step >= now.start.steps
        return self._lines.ended and done

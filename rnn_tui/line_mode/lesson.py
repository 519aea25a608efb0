"""`rnn-tui lesson --plain`: a lesson as text; its words, and all those of line mode."""

import sys
from collections.abc import Callable, Mapping
from textwrap import wrap
from time import sleep
from typing import final

from rnn_tui.analysis.analyses import ANALYSES
from rnn_tui.config.errors import UserError
from rnn_tui.config.recipes import RECIPES
from rnn_tui.exit_status import EXIT_FAILURE
from rnn_tui.lessons.lesson import Lesson, without_emphasis
from rnn_tui.lessons.player import LessonPlayer, PageState
from rnn_tui.line_mode.client import POLL_INTERVAL_SECONDS, LineClient
from rnn_tui.line_mode.commands import execute
from rnn_tui.line_mode.replies import send
from rnn_tui.line_mode.session import FIRST_LINE_TIMEOUT_SECONDS
from rnn_tui.line_mode.stdin import StdinLines
from rnn_tui.session.requests import Analyze
from rnn_tui.session.snapshot import Status
from rnn_tui.session.start import NewRun
from rnn_tui.session.worker import TrainingWorker
from rnn_tui.signals import GracefulExit
from rnn_tui.text.ascii import printable_lines

REPORT_INTERVAL_SECONDS = 10.0  # at least, so that reports do not bury the text
MAX_LINE_LENGTH = 80
EXAMPLE_PANE = "bit-grid"
HELP_WORDS = ("?", "help")
WORDS = "next, back, again, skip, hint, leave"
WORDS_HELP = f"{WORDS}; a number answers; all other words act on the run: ? lists them"


def run_lesson(lesson: Lesson, first_page: int = 1, lines: StdinLines | None = None) -> int:
    """Play `lesson` by `lines`, those of standard input, from `first_page`; return the exit status.

    The end of the lines leaves it.
    """
    worker = TrainingWorker(NewRun(lesson.settings, lesson.schedule), lesson.speed, paused=True)
    lines = lines or StdinLines()
    with GracefulExit() as interrupt:
        worker.start()
        try:
            client = LineClient(
                worker,
                interrupt,
                RECIPES[lesson.settings.recipe].report_every,
                REPORT_INTERVAL_SECONDS,
                lines.interrupt_requested,
            )
            client.send()  # waits until the run exists
            _LessonSession(client, lines, lesson, interrupt).run(first_page - 1)
        finally:
            last = worker.stop()
        if last.failure:
            sys.stderr.write(printable_lines(last.failure))
            return EXIT_FAILURE
        return interrupt.exit_status
    return interrupt.exit_status


@final
class _LessonSession:
    """Prints the pages of a lesson, and executes line after line."""

    def __init__(
        self, client: LineClient, lines: StdinLines, lesson: Lesson, interrupt: GracefulExit
    ) -> None:
        self._client, self._lines, self._interrupt = client, lines, interrupt
        self._player = player = LessonPlayer(lesson, client.send)
        self._words: Mapping[str, Callable[[], None]] = {
            "next": self._next,
            "back": player.back,
            "again": player.again,
            "skip": player.skip,
            "hint": self._print_hint,
            "leave": self._leave,
        }
        self._is_left = False
        self._n_opened = 0  # pages whose text has been printed
        self._printed_state: PageState | None = None
        self._printed_pane: tuple[object, ...] = ()
        self._notice = ""

    def run(self, first_index: int) -> None:
        """Play the lesson from a page until it ends or is left."""
        lesson = self._player.lesson
        timeout = 0.0 if self._lines.is_tty else FIRST_LINE_TIMEOUT_SECONDS
        self._print(lesson.title)
        self._print(lesson.summary)
        self._print(WORDS_HELP)
        if first_index:
            self._print(f"(the pages before page {first_index + 1} are played at full speed)")
        self._player.play_to(first_index)
        while not self._has_ended:
            self._update()
            if self._awaits_page:
                sleep(POLL_INTERVAL_SECONDS)
                continue
            line = self._lines.next_line(timeout)
            timeout = POLL_INTERVAL_SECONDS
            if line is not None:
                self._execute(line)
            elif self._lines.ended:
                self._leave()
        if self._player.has_ended:
            self._print("The lesson is over.")

    @property
    def _has_ended(self) -> bool:
        return (
            self._is_left
            or self._player.has_ended
            or self._client.quit_requested
            or self._interrupt.received
            or self._client.snapshot.status is Status.FAILED
        )

    @property
    def _awaits_page(self) -> bool:
        """Whether the next line of a script is for a page that is still being set up."""
        is_ready = self._player.is_settled and not self._player.is_playing_ahead
        return not (is_ready or self._lines.is_tty)

    # -- words -----------------------------------------------------------------------------------

    def _execute(self, line: str) -> None:
        word = line.removeprefix(":").strip()
        try:
            if handler := self._words.get(word):
                handler()
            elif word.isdecimal() and self._player.state is PageState.ASKING:
                self._answer(int(word))
            else:
                if word in HELP_WORDS:
                    self._print(WORDS_HELP)
                execute(self._client, line)
                self._client.paused_for_input = False  # the learner resumes a run
        except UserError as reason:
            self._client.print_error(str(reason))

    def _answer(self, choice: int) -> None:
        self._print("Correct." if self._player.answer(choice) else self._player.reply)

    def _next(self) -> None:
        """Open the next page; a script waits until this one is complete."""
        player = self._player
        while not (self._lines.is_tty or self._has_ended) and (
            not player.is_settled or (player.state is PageState.WAITING and self._client.is_running)
        ):
            sleep(POLL_INTERVAL_SECONDS)
            self._update()
        player.next()

    def _print_hint(self) -> None:
        self._player.show_hint()
        self._print(self._player.page.hint)

    def _leave(self) -> None:
        self._is_left = True
        self._print(f"left at {self._place}")

    # -- output ----------------------------------------------------------------------------------

    def _print(self, text: str) -> None:
        for line in wrap(without_emphasis(text), MAX_LINE_LENGTH):
            self._client.print_line(line)

    @property
    def _place(self) -> str:
        return f"page {self._player.index + 1} of {len(self._player.lesson.pages)}"

    def _update(self) -> None:
        """Print what is new: of the run, a page, its question, and what it reveals."""
        player, client = self._player, self._client
        client.update()
        player.update(client.snapshot)
        if player.is_playing_ahead or player.has_ended:
            return
        if player.n_opened != self._n_opened:
            self._n_opened, self._printed_state = player.n_opened, None
            self._print_opened()
        if player.is_settled and player.state is not self._printed_state:
            self._print_state()
        if player.notice != self._notice:
            self._notice = player.notice
            self._print(player.notice)

    def _print_opened(self) -> None:
        page = self._player.page
        self._client.print_line("")
        self._client.delay_report()
        self._print(f"{self._place}: {page.heading}" if page.heading else self._place)
        for paragraph in page.text.split("\n\n"):
            self._print(paragraph)

    def _print_state(self) -> None:
        player, page = self._player, self._player.page
        is_first, self._printed_state = self._printed_state is None, player.state
        match player.state:
            case PageState.ASKING if page.question:
                self._print_pane()
                self._print(page.question.text)
                for number, choice in enumerate(page.question.choices, 1):
                    self._print(f"{number}: {choice}")
            case PageState.WAITING if page.wait:
                self._print(f"(training until {page.wait.text})")
            case PageState.ACTING:
                self._print_pane()
            case PageState.COMPLETE:
                if is_first or page.wait or page.goal:
                    self._print_pane()
                for paragraph in page.after.split("\n\n"):
                    self._print(paragraph)
                self._print("(next ends the lesson)" if player.is_last else "(next)")

    def _print_pane(self) -> None:
        """Print what the pane of the page displays now, unless that was printed last."""
        client, pane = self._client, self._player.page.pane
        now, example = client.snapshot, client.snapshot.example
        key = (pane, now.branch_number, now.step, now.settings, example and example.input_text)
        if key == self._printed_pane:
            return
        self._printed_pane = key
        if pane == EXAMPLE_PANE and client.snapshot.is_pinned:
            client.print_example()
        elif pane in ANALYSES:
            send(client, Analyze((pane,)))
        elif pane:
            client.report()

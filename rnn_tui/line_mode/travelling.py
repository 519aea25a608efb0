"""What a line may ask of time: to take back, to look back, to branch, and to write files."""

from rnn_tui.config.settings import whole
from rnn_tui.line_mode.client import Conversation
from rnn_tui.run.changes import (
    Export,
    Fork,
    Look,
    LookAtChange,
    LookBy,
    NextBranch,
    Request,
    Undo,
)


def undo(talk: Conversation, _: str) -> None:
    talk.ask(Undo())
    talk.say_done()


def fork(talk: Conversation, _: str) -> None:
    talk.stands_still = False
    talk.ask(Fork())
    talk.say_done()


def branch(talk: Conversation, _: str) -> None:
    talk.stands_still = False
    talk.ask(NextBranch())
    talk.say_done()
    talk.report()


def at(talk: Conversation, text: str) -> None:
    _look(talk, Look(whole(text)))


def change_before(talk: Conversation, _: str) -> None:
    _look(talk, LookAtChange(forward=False))


def change_after(talk: Conversation, _: str) -> None:
    _look(talk, LookAtChange(forward=True))


def hundred_back(talk: Conversation, _: str) -> None:
    _look(talk, LookBy(-100))


def hundred_on(talk: Conversation, _: str) -> None:
    _look(talk, LookBy(100))


def first(talk: Conversation, _: str) -> None:
    _look(talk, Look(0))


def present(talk: Conversation, _: str) -> None:
    _look(talk, Look(None))


def _look(talk: Conversation, wish: Request) -> None:
    talk.pause()
    talk.ask(wish)
    talk.report()


def export(talk: Conversation, text: str) -> None:
    talk.ask(Export(text or "."))
    if talk.refused:
        return
    for path in talk.snapshot.exported:
        talk.say(f"wrote {path}")
    if talk.snapshot.journal:
        talk.say(f"the journal is {talk.snapshot.journal}")

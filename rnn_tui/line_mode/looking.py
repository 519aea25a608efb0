"""What a line may ask to be shown: an example, the gradient's check, what runs."""

from rnn_tui.config.components import parts
from rnn_tui.config.deviations import quirks
from rnn_tui.config.settings import SettingsError
from rnn_tui.line_mode.client import Conversation
from rnn_tui.run.changes import CheckGradient, Hold, Race, Release
from rnn_tui.run.optimizer_race import PUBLISHED_START
from rnn_tui.text.report import race_rows


def question(talk: Conversation, text: str) -> None:
    try:
        talk.snapshot.settings.make_task().read(text)
    except ValueError as reason:
        raise SettingsError(str(reason)) from None
    talk.ask(Hold(text))
    talk.say_example()


def hold(talk: Conversation, _: str) -> None:
    if talk.snapshot.held:
        talk.ask(Release())
        talk.say_here("the newest example is on show again")
    else:
        talk.ask(Hold())
        talk.say_example()


def newest(talk: Conversation, _: str) -> None:
    talk.ask(Release())
    talk.ask(Hold())
    talk.say_example()


def check(talk: Conversation, _: str) -> None:
    talk.ask(CheckGradient())
    talk.say(talk.snapshot.notice)


def race(talk: Conversation, _: str) -> None:
    if talk.snapshot.surface is None:
        raise SettingsError("only two weights that count ones can race")
    talk.ask(Race(PUBLISHED_START))
    for line in race_rows(talk.snapshot):
        talk.say(line)


def about(talk: Conversation, _: str) -> None:
    kind = ""
    for part in parts(talk.snapshot.settings):
        kind = part.kind or kind
        talk.say(f"{kind}: {part.name}: {part.text}")
    for quirk in quirks(talk.snapshot.settings):
        talk.say(f"unlike a textbook: {quirk}")

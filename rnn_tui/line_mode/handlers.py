"""What a line may ask of the run itself: to go, to stand still, to begin again, to be told."""

from dataclasses import replace

from rnn_tui.config.settings import MAX_STEPS, SettingsError, whole
from rnn_tui.line_mode.client import Conversation
from rnn_tui.run.changes import Look, Pause, Restart
from rnn_tui.session.snapshot import Status


def report(talk: Conversation, _: str) -> None:
    talk.report()


def pause(talk: Conversation, _: str) -> None:
    if talk.running:
        talk.pause()
        talk.say_here("paused")
    else:
        talk.go_on()
        if talk.snapshot.status is Status.RUNNING:
            talk.say_here("goes on")


def step(talk: Conversation, text: str) -> None:
    count = _steps(text, least=1) if text else 1
    talk.pause()
    talk.train_to(talk.snapshot.step + count)
    talk.report()


def hundred_steps(talk: Conversation, _: str) -> None:
    step(talk, "100")


def wait(talk: Conversation, text: str) -> None:
    step = _steps(text, least=0) if text else talk.snapshot.start.steps
    if talk.snapshot.status is Status.PAST:
        talk.ask(Look(None))
    if not talk.train_to(step):
        talk.report()
        return
    if talk.snapshot.step > step:
        talk.say_here(f"that is past step {step:,} already")
    talk.stands_still = talk.snapshot.status is Status.PAUSED


def _steps(text: str, least: int) -> int:
    steps = whole(text)
    if not least <= steps <= MAX_STEPS:
        raise SettingsError(f"steps go from {least} to {MAX_STEPS:,}, not {steps:,}")
    return steps


def again(talk: Conversation, _: str) -> None:
    _restart(talk, Restart())


def anew(talk: Conversation, _: str) -> None:
    _restart(talk, Restart.anew())


def seed(talk: Conversation, text: str) -> None:
    seed = whole(text)
    replace(talk.snapshot.settings, seed=seed)  # raises where there is no such seed
    _restart(talk, Restart(seed=seed))


def _restart(talk: Conversation, restart: Restart) -> None:
    if talk.stands_still:
        talk.ask(restart, Pause())
    else:
        talk.ask(restart)
    talk.say_here(talk.snapshot.notice)


def end(talk: Conversation, _: str) -> None:
    talk.over = True


def every(talk: Conversation, text: str) -> None:
    every = whole(text)
    if every < 0:
        raise SettingsError(f"a report comes every so many steps, or never: 0, not {every}")
    talk.every, talk.apart = every, 0.0
    talk.say(f"a report every {every:,} steps" if every else "no report but when asked")

"""The mailbox hands over the newest snapshot, and asks for one only when it was taken."""

from rnn_tui.session.mailbox import Mailbox
from rnn_tui.session.snapshot import initial_snapshot
from tests.support.makers import settings_with


def test_the_newest_snapshot_wins() -> None:
    first, second, third = (initial_snapshot(settings_with(seed=seed)) for seed in (1, 2, 3))
    mailbox = Mailbox(first)
    assert mailbox.take() is first
    mailbox.post(second)
    mailbox.post(third)
    assert mailbox.take() is third
    assert mailbox.take() is third


def test_a_snapshot_is_wanted_from_a_take_to_the_next_post() -> None:
    mailbox = Mailbox(initial_snapshot(settings_with()))
    assert not mailbox.wanted
    mailbox.take()
    assert mailbox.wanted
    mailbox.post(initial_snapshot(settings_with()))
    assert not mailbox.wanted

"""A change without effect is refused in a live session, and accepted from a journal."""

import pytest

from rnn_tui.config.errors import UserError
from rnn_tui.config.switching import switched
from rnn_tui.run.changes import parse_change
from rnn_tui.run.run import Run
from tests.support.makers import SMALL, unrecorded_session


@pytest.mark.parametrize("spec", ["layers=2", "lag=2", "batching=overlapping", "lag=1"])
def test_change_without_effect_is_refused_and_not_logged(spec: str) -> None:
    run = Run(SMALL)
    with pytest.raises(UserError, match="has no effect"):
        unrecorded_session(run).apply(parse_change(spec))
    assert (run.log, run.settings) == ([], SMALL)


def test_change_is_judged_by_the_settings_that_hold() -> None:
    session = unrecorded_session(Run(switched(SMALL, model="gru")))
    for spec in ("biases=1", "model=feed-forward", "layers=2", "task=echo", "lag=2"):
        assert session.apply(parse_change(spec))


def test_change_of_a_journal_is_applied_without_effect() -> None:
    run = Run(SMALL)
    assert run.apply(parse_change("layers=2"))
    assert [applied.change.spec for applied in run.log] == ["layers=2"]

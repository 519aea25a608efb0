"""An export is of the step that its screenshot shows, although training continues meanwhile."""

from rnn_tui.recording.export import file_stem
from rnn_tui.session.start import NewRun
from tests.support.makers import SMALL


def test_run_at_a_step_that_has_passed_equals_the_run_as_it_was() -> None:
    session = NewRun(SMALL).start(lambda _step, _last: True).session
    session.current.advance(70)
    weights = session.current.run.trainer.model.parameters.vector.copy()
    session.current.advance(50)
    run = session.run_at(70)
    assert run.step == 70
    assert (run.trainer.model.parameters.vector == weights).all()
    assert file_stem(run, "run") == "run-step70"
    assert session.viewed.step == 120
    assert session.run_at(None) is session.run_at(500) is session.viewed

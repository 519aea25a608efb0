"""The sentences on siblings say which step they are of, and which siblings have diverged."""

from dataclasses import replace

import pytest

from rnn_tui.run.changes import SetField
from rnn_tui.session.snapshot import EMPTY_SNAPSHOT
from rnn_tui.text.report import summary_lines
from rnn_tui.text.siblings import (
    QUESTION,
    exact_sentence,
    progress_sentence,
    sibling_notes,
    sibling_text,
)
from tests.support.sibling_views import THIRTY_TWO, diverged, exact, inexact, view_of


def test_sentence_has_the_interval_of_wilson() -> None:
    view = view_of(*THIRTY_TWO)
    assert exact_sentence(view, 10_000) == (
        "27 of 32 exact by step 10,000 (Wilson 95 %: 68–93 %); diverged: seed 32"
    )


def test_sentence_says_that_the_run_is_at_another_step() -> None:
    assert exact_sentence(view_of(inexact(1, 0.5), step=400), 1000) == (
        "0 of 1 exact by step 400 (Wilson 95 %: 0–79 %); the run is at step 1,000"
    )
    assert exact_sentence(view_of(), 1000) == "2 siblings: no results yet"


def test_sentence_says_that_siblings_catch_up_and_of_which_step_their_accuracy_is() -> None:
    stale = inexact(1, 0.5)._replace(accuracy_step=250)
    start = "0 of 1 exact by step 400 (Wilson 95 %: 0–79 %); "
    assert progress_sentence(view_of(stale, step=400), 1000) == (
        f"{start}catching up with the run at step 1,000; accuracy after step 250"
    )
    waiting = replace(view_of(stale, exact(2, 300), step=400), is_waiting=True)
    assert progress_sentence(waiting, 1000).endswith(
        "; the run is at step 1,000; accuracy after steps 250 to 10,000"
    )
    assert progress_sentence(view_of(exact(2, 300)), 10_000) == (
        "1 of 1 exact by step 10,000 (Wilson 95 %: 21–100 %)"
    )


def test_sentence_names_the_seed_of_a_sibling_that_the_run_has_too() -> None:
    view = replace(view_of(exact(3, 500)), run_seed=3)
    assert exact_sentence(view, 10_000).endswith("; seed 3, that of the run, is one of them")


def test_summary_of_a_run_has_the_sentence() -> None:
    snapshot = replace(EMPTY_SNAPSHOT, siblings=view_of(inexact(1, 0.5), step=0))
    assert "siblings: 0 of 1 exact by step 0 (Wilson 95 %: 0–79 %)" in summary_lines(snapshot)


def test_diverged_siblings_count_as_not_exact() -> None:
    once_exact = diverged(2, 900)._replace(first_exact_step=750)
    view = view_of(exact(1, 500), once_exact, *(diverged(seed, 5) for seed in range(3, 10)))
    assert exact_sentence(view, 10_000).startswith("1 of 9 exact")
    assert exact_sentence(view, 10_000).endswith("; diverged: seeds 2, 3, 4, 5, 6, 7 and 2 more")


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (exact(3, 7250), "seed 3 · exact by step 7,250 · accuracy 100 % · mean L1 error 0.020"),
        (inexact(4, 0.25), "seed 4 · not yet exact · accuracy 25 % · mean L1 error 1.500"),
        (
            inexact(4, 0.25)._replace(accuracy_step=250),
            "seed 4 · not yet exact · accuracy 25 % after step 250 · mean L1 error 1.500",
        ),
        (
            diverged(5, 3211),
            "seed 5 · diverged at step 3,211 (loss overflowed) · accuracy 0 % · mean L1 error —",
        ),
    ],
)
def test_sibling_has_its_results(state: object, text: str) -> None:
    assert sibling_text(state, "L1 error") == text  # type: ignore[arg-type]  # a SiblingState


def test_notes_name_the_changes_that_only_one_side_has() -> None:
    view = replace(
        view_of(exact(1, 500)),
        missing=((3000, SetField("lr", 0.2)),),
        extra=((10, SetField("optimizer", "adam")),),
    )
    assert sibling_notes(view) == [
        "The siblings are without lr=0.2 after step 3,000.",
        "Only the siblings have optimizer=adam after step 10.",
    ]
    assert sibling_notes(replace(view, is_waiting=True)) == [QUESTION]
    assert sibling_notes(replace(view_of(), end_reason="by SIGKILL")) == [
        "Their process ended by SIGKILL: N starts another."
    ]

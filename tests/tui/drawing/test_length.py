"""The drawing of accuracy on long numbers: random pairs, ripples, and the sum that fails."""

import pytest

from rnn_tui.analysis.length import IncorrectPair, LengthAccuracy, LengthResult, Ripple
from rnn_tui.text.analysis_sentences import counterexample_text, shorten_number
from rnn_tui.tui.drawing.glyphs import ASCII, GlyphSet
from rnn_tui.tui.drawing.length import draw_length
from tests.tui.drawing.analyses import GLYPH_SETS, lines_at_all_sizes, planted_result, rows

ORDERS = ("10", "01", "alternating", "mixed")


def result_of(*longest: int, counterexample: IncorrectPair | None = None) -> LengthResult:
    """Return a result whose ripples with a carry are correct up to `longest` columns by order."""
    random = (
        *(
            LengthAccuracy(length, 1024, 1024, 1024 * length, 1024 * length)
            for length in (16, 32, 64)
        ),
        LengthAccuracy(1000, 1024, 79, 1_024_000, 1_000_000, IncorrectPair(2**999 - 1, 1, 9)),
    )
    ripples = [
        Ripple(1, order, 1000, columns, counterexample if columns < 1000 else None)
        for order, columns in zip(ORDERS, longest, strict=True)
    ]
    ripples += [Ripple(0, order, 1000, 1000, None) for order in ORDERS]
    return LengthResult(random, tuple(ripples))


HUGE = IncorrectPair(2**999, 2**998, 999)
FAILING = result_of(30, 1000, 1000, 1000, counterexample=IncorrectPair(2**31 - 1, 1, 30))


def test_all_parts_of_a_model_that_fails_at_a_long_carry() -> None:
    assert rows(draw_length(FAILING, "+", "carry", 80, 12, ASCII)) == [
        "ripples are correct up to 30 of 1,000 columns; 2147483647 + 1 fails at bit 30",
        " bits   correct    95 % interval  random pairs  first incorrect",
        "   16  100.00 %  99.6 to 100.0 %         1,024                -",
        "   32  100.00 %  99.6 to 100.0 %         1,024                -",
        "   64  100.00 %  99.6 to 100.0 %         1,024                -",
        "1,000    7.71 %     6.2 to 9.5 %         1,024            bit 9",
        "longest     10     01  alternating  mixed",
        "carry 1     30  1,000        1,000  1,000",
        "carry 0  1,000  1,000        1,000  1,000",
    ]


def test_planted_adder_is_correct_on_all_ripples() -> None:
    lines = rows(draw_length(planted_result("length"), "+", "carry", 48, 12))
    assert lines[0] == "all ripples of 1 to 1,000 columns are correct"
    assert sum("100.00 %" in line for line in lines) == 4


def test_task_without_ripples_has_the_accuracy_by_length() -> None:
    samples = (LengthAccuracy(8, 256, 256, 2048, 2048), LengthAccuracy(16, 1024, 512, 16384, 16383))
    assert rows(draw_length(LengthResult(samples), "", "parity", 60, 9)) == [
        "length   correct    95 % interval  sequences   outputs",
        "     8  100.00 %  98.5 to 100.0 %        256  100.00 %",
        "    16   50.00 %   46.9 to 53.1 %      1,024   99.99 %",
    ]


def test_narrow_low_pane_has_the_worst_ripple_in_two_lines() -> None:
    lines = rows(draw_length(FAILING, "+", "carry", 48, 6))
    assert lines[:2] == [
        "ripples are correct up to 30 of 1,000 columns",
        "2147483647 + 1, first incorrect at bit 30",
    ]
    assert len(lines) == 5
    assert lines[2].split() == ["longest", *ORDERS]
    assert [line.split()[2] for line in lines[3:]] == ["30", "1,000"]


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (10**12 - 1, "999999999999"), (1234 * 10**300 + 5678, "1234…5678")],
)
def test_long_numbers_have_an_ellipsis(number: int, text: str) -> None:
    assert shorten_number(number) == text


def test_counterexample_has_the_operator_of_the_task() -> None:
    text = counterexample_text(IncorrectPair(5, 3, 2), "−")
    assert text == "5 − 3, first incorrect at bit 2"


@GLYPH_SETS
@pytest.mark.parametrize("counterexample", [IncorrectPair(2**31 - 1, 1, 30), HUGE])
def test_length_fits_every_size(counterexample: IncorrectPair, glyphs: GlyphSet) -> None:
    result = result_of(30, 1000, 1000, 1000, counterexample=counterexample)
    lines = lines_at_all_sizes(
        lambda width, height: draw_length(result, "+", "carry", width, height, glyphs)
    )
    assert not glyphs.ascii_only or "".join(lines).isascii()

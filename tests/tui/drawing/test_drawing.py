"""Drawing functions: the bit grid, the loss curve, gradient plots and status lines as text."""

from dataclasses import replace
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_tui.config import increments as ladder
from rnn_tui.config.recipes import RECIPES
from rnn_tui.engine.tasks import TASKS
from rnn_tui.run.changes import AppliedChange, SetField
from rnn_tui.run.example import Example
from rnn_tui.run.history import Curve
from rnn_tui.run.settings_state import SettingsState
from rnn_tui.session.snapshot import EMPTY_SNAPSHOT, Status
from rnn_tui.text.format import format_percent, format_ratio, format_speed
from rnn_tui.text.gradient import gradient_trend
from rnn_tui.text.report import prediction_lines, time_step_lines
from rnn_tui.tui.drawing import bit_grid, loss_curve, plot
from rnn_tui.tui.drawing.status_lines import header, message_lines
from rnn_tui.tui.key_line import key_line


def example_of(a: int, b: int, predicted: int, count: int = 8, confidence: float = 0.9) -> Example:
    def spread(number: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        return np.array([bool(number >> place & 1) for place in range(count)])

    outputs = np.where(spread(predicted), confidence, 1 - confidence)
    norms = np.logspace(-3, -1, count)
    return Example(
        task=TASKS["addition"](count),
        inputs=np.stack([spread(a), spread(b)], axis=1).astype(float),
        targets=spread(a + b).astype(float),
        mask=np.ones(count, dtype=np.bool_),
        required_state=spread(a ^ b ^ (a + b)).astype(np.int64),
        outputs=outputs,
        correct_steps=spread(predicted) == spread(a + b),
        metric=0.0,
        gradient_norms=norms,
        last_step_gradient_norms=norms,
        cell_gradient_norms=None,
    )


def curve_of(*means: float, start: int = 0, stride: int = 1) -> Curve:
    values = np.array(means)
    return Curve(start, stride, values, values, values)


def test_linear_outputs_of_bits_are_shown_as_numbers_without_confidence() -> None:
    outputs = np.array([6.75, -0.5, 0.25, 1.0])
    example = replace(example_of(3, 4, 7, 4), outputs=outputs, linear_output=True)
    text = "\n".join(time_step_lines(example))
    assert "1.00 0.25 -0.50 6.75" in text
    assert "confidence" not in text
    for width, row in ((52, "1.00    0.25    -0.50   6.75"), (28, "1.0 0.2 -0  6.8")):
        lines = bit_grid.grid(example, width, 8).plain.split("\n")
        assert [" ".join(line.split()[1:]) for line in lines if line.startswith("output")] == [
            " ".join(row.split())
        ]
        assert not any(line.startswith("conf") for line in lines)
    assert "output" not in bit_grid.grid(example, 18, 8).plain


def test_bit_grid_has_highest_bit_first_and_marks_incorrect_bits() -> None:
    drawn = bit_grid.grid(example_of(81, 113, 162), 52, 8).plain.split("\n")
    assert drawn == [
        "              128  64   32   16   8    4    2    1  ",
        "carry         1    1    1    ·    ·    ·    1    ·  ",
        "a             0    1    0    1    0    0    0    1  ",
        "b             0    1    1    1    0    0    0    1  ",
        "predicted     1    0✗   1✗   0    0    0    1    0  ",
        "conf. %       90   90   90   90   90   90   90   90 ",
        "target        1    1    0    0    0    0    1    0  ",
        "81 + 113 = 194 ✗ 162",
    ]


def test_verdict_of_correct_sum_is_a_tick() -> None:
    drawn = bit_grid.grid(example_of(81, 113, 194), 48, 8).plain
    assert drawn.endswith("81 + 113 = 194 ✓")
    assert "✗" not in drawn


def test_numbers_of_more_than_64_digits_are_shortened_in_the_verdict() -> None:
    a = 10**64 + 12345678
    drawn = bit_grid.grid(example_of(a, 3, a + 3, 216), 80, 8).plain
    assert drawn.endswith("\n10000000…12345678 + 3 = 10000000…12345681 ✓")


def test_numbers_wider_than_their_column_are_a_sign() -> None:
    example = replace(example_of(1, 1, 2, 60), required_state=np.arange(60))
    carry = next(iter(bit_grid.grid(example, 72, 8).plain.split("\n")))
    assert carry == f"{'carry':<12}{'#' * 50}987654321·"


def test_only_columns_with_a_carry_are_tinted() -> None:
    drawn = bit_grid.grid(example_of(1, 1, 2), 48, 8)
    tinted = [span for span in drawn.spans if "required_state" in str(span.style)]
    assert len(tinted) == 7  # one column in each row
    assert len({(span.end - span.start) for span in tinted}) == 1


@given(
    st.integers(2, 64).flatmap(
        lambda count: st.tuples(
            st.just(count),
            st.integers(0, 2 ** (count - 1) - 1),
            st.integers(0, 2 ** (count - 1) - 1),
            st.integers(0, 2**count - 1),
        )
    ),
    st.integers(40, 140),
    st.integers(8, 30),
)
def test_bit_grid_fits_its_width_and_marks_every_incorrect_bit(
    numbers: tuple[int, int, int, int], width: int, height: int
) -> None:
    count, a, b, predicted = numbers
    drawn = bit_grid.grid(example_of(a, b, predicted, count), width, height).plain.split("\n")
    answer = next(row for row, line in enumerate(drawn) if " = " in line)
    grid = [line for line in drawn[:answer] if line]
    assert all(len(line) <= width for line in grid)
    if not any("…" in line for line in grid):
        assert sum(line.count("✗") for line in grid) == (predicted ^ (a + b)).bit_count()


def test_resample_returns_the_mean_of_each_cell() -> None:
    assert loss_curve.resample(curve_of(1, 2, 3, 4), 2) == [1.5, 3.5]
    assert loss_curve.resample(curve_of(1, 2), 4) == [1, 1, 2, 2]
    assert loss_curve.resample(curve_of(nan, 2, nan, 4), 4) == [2, 2, 3, 4]
    assert loss_curve.resample(curve_of(), 4) == []
    assert loss_curve.resample(curve_of(nan), 4) == []


def test_resample_keeps_precision_after_a_spike() -> None:
    assert loss_curve.resample(curve_of(1e20, 3.0, 0.1, 0.3), 4) == [1e20, 3.0, 0.1, 0.3]
    assert loss_curve.resample(curve_of(1e20, 3.0, 1e-24, 3e-24), 2)[1] == 2e-24


def test_change_marks_of_zero_width_are_empty() -> None:
    assert loss_curve.change_marks(curve_of(1.0, 2.0), [change_at(1, "lr 1 → 2")], 0) == ""


@given(st.lists(st.floats(0, 8), min_size=1, max_size=300), st.integers(1, 200))
def test_resampled_curve_stays_between_minimum_and_maximum(means: list[float], width: int) -> None:
    resampled = loss_curve.resample(curve_of(*means), width)
    assert len(resampled) == width
    assert all(min(means) - 1e-9 <= value <= max(means) + 1e-9 for value in resampled)


def change_at(step: int, text: str) -> AppliedChange:
    return AppliedChange(step, SetField("lr", 0.2), "", text, EMPTY_SNAPSHOT.settings)


def test_change_marks_are_at_their_steps_with_texts_where_they_fit() -> None:
    line = curve_of(*[1.0] * 100)
    assert loss_curve.change_marks(line, [change_at(50, "lr 1 → 2")], 50) == (
        " " * 25 + "▲ 50 lr 1 → 2" + " " * 12
    )
    crowded = loss_curve.change_marks(
        line, [change_at(50, "lr 1 → 2"), change_at(56, "lr 2 → 3")], 50
    )
    assert crowded[25] == crowded[28] == "▲"
    assert crowded.count("▲") == 2
    late = loss_curve.change_marks(
        line, [change_at(20, "lr 1 → 2"), change_at(99, "task a → b")], 50
    )
    assert late.endswith("99 task a → b ▲")
    assert late[10] == "▲"
    assert len(loss_curve.change_marks(line, [change_at(99, "x" * 80)], 50)) == 50


@given(st.lists(st.integers(0, 99), max_size=6).map(sorted), st.integers(10, 120))
def test_texts_never_hide_a_mark(steps: list[int], width: int) -> None:
    line = curve_of(*[1.0] * 100)
    row = loss_curve.change_marks(line, [change_at(step, "lr 0.1→0.2") for step in steps], width)
    assert len(row) == width
    for step in steps:
        assert row[min(step * width // 100, width - 1)] == "▲"
    assert (
        loss_curve.change_marks(curve_of(*[1.0] * 10, start=90), [change_at(50, "gone by")], 20)
        == " " * 20
    )


def test_gradient_plot_has_the_requested_size_for_any_numbers() -> None:
    for norms in ([0.1, 0.2], [0.0, 0.0], [nan, 1.0], [inf, 1e-300], [1e300, 1.0], [1.0] * 64):
        values = np.array(norms)
        drawn = plot.gradient_plot(values, values, 40, 12).plain.split("\n")
        assert len(drawn) == 12
        assert all(len(line) <= 40 for line in drawn)


@pytest.mark.parametrize("size", [(40, 9), (54, 12), (180, 40), (290, 70)])
def test_gradient_plot_fills_any_size(size: tuple[int, int]) -> None:
    rows = plot.gradient_plot(np.logspace(-1, -3, 8), np.ones(8), *size).plain.split("\n")
    assert (max(map(len, rows)), len(rows)) == size


def test_bit_grid_columns_widen_and_stay_aligned() -> None:
    drawn = bit_grid.grid(example_of(81, 113, 162), 84, 8).plain.split("\n")
    assert (
        drawn[0] == "               128     64      32      16      8       4       2       1    "
    )
    assert (
        drawn[4] == "predicted      1       0✗      1✗      0       0       0       1       0    "
    )


def test_gradient_plot_labels_decades_and_time_steps() -> None:
    drawn = plot.gradient_plot(np.logspace(-1, -3, 8), np.logspace(-1, -3, 8), 60, 15).plain
    for tick in ("1e-1", "1e-2", "1e-3", " 1 ", " 8"):
        assert tick in drawn


def test_gradient_plot_has_the_lowest_bit_of_a_number_on_the_right() -> None:
    norms = np.logspace(0, -3, 8)
    sequence, number = (
        plot.gradient_plot(norms, norms[::-1], 60, 15, lsb_first=lsb_first).plain.split("\n")
        for lsb_first in (False, True)
    )
    assert sequence[-1].split() == [str(t) for t in range(1, 9)]
    assert number[-1].split() == sequence[-1].split()[::-1]
    mirrored = plot.gradient_plot(norms[::-1], norms, 60, 15).plain.split("\n")
    assert number[:-1] == mirrored[:-1]


@pytest.mark.parametrize(
    ("first", "last", "trend"),
    [
        (0.0013, 0.2384, "vanishes, ×0.475 per time step, 1/183 over 7"),
        (2.0, 1.0, "grows, ×1.1 per time step, ×2 over 7"),
        (0.5, 1.0, "decays, ×0.906 per time step, 1/2 over 7"),
        (0.9, 1.0, "is stable, ×0.985 per time step, 1/1.11 over 7"),
        (3000.0, 1.0, "explodes, ×3.14 per time step, ×3,000 over 7"),
        (0.0, 1.0, "vanishes, ×0 per time step, ×0 over 7"),
        (nan, nan, "not finite"),
        (1e308, inf, "not finite"),
        (1.0, 0.0, "zero at the last t"),
    ],
)
def test_gradient_trend(first: float, last: float, trend: str) -> None:
    assert gradient_trend(first, last, 7) == trend


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
@pytest.mark.parametrize("status", Status)
def test_header_fills_its_line_and_contains_the_step(width: int, status: Status) -> None:
    settings = replace(RECIPES["binary-subtraction"].settings, optimizer="momentum", seed=12345)
    snapshot = replace(
        EMPTY_SNAPSHOT,
        settings_state=SettingsState.from_settings(settings),
        status=status,
        step=1_234_567,
        measured_speed=12345.6,
    )
    line = header(snapshot, width)
    assert len(line) == width
    assert "1,234,567" in line
    assert "subtraction" in line or width < 80


def test_message_line_escapes_control_characters() -> None:
    snapshot = replace(EMPTY_SNAPSHOT, warning="no journal /a\x1b]0;b\x07\x9bü")
    line = message_lines(snapshot, 60, 1, with_accuracy=False)
    assert line == r"no journal /a\x1b]0;b\x07\x9bü"


@pytest.mark.parametrize("width", range(60, 201, 10))
@pytest.mark.parametrize("running", [True, False])
def test_key_line_fits_and_always_contains_help_and_quit(width: int, running: bool) -> None:
    line = key_line(width, is_running=running).plain
    assert len(line) <= width
    assert line.startswith("space pause" if running else "space resume")
    assert "? help" in line
    assert line.endswith("q quit")


def test_key_line_of_80_columns_contains_the_most_used_keys() -> None:
    line = key_line(80, is_running=True).plain
    for key in (
        "space pause",
        "s step",
        "t task",
        "o optimizer",
        "+/- lr",
        "</> speed",
        "r restart",
    ):
        assert key in line


@given(st.floats(1e-5, 1e5))
def test_increments_are_1_2_5(value: float) -> None:
    above, below = ladder.increase(value), ladder.decrease(value)
    assert below < value < above
    assert f"{above:e}"[0] in "125"
    assert f"{below:e}"[0] in "125"
    assert above <= value * 2.5 * (1 + 1e-8)
    assert below >= value / 2.5 * (1 - 1e-8)


def test_increase_and_decrease_are_inverse() -> None:
    rate = 0.1
    for _ in range(7):
        rate = ladder.increase(rate)
    for _ in range(7):
        rate = ladder.decrease(rate)
    assert rate == 0.1


def test_speeds_and_ratios_have_significant_digits_only() -> None:
    assert format_speed(0.4) == "0.4/s"
    assert format_speed(1000.0) == "1,000/s"
    assert format_ratio(1 / 7.498e12) == "1/7.5e12"
    assert format_ratio(668.4) == "×668"


def test_highest_speed_is_unlimited() -> None:
    speed = 1.0
    for _ in ladder.SPEEDS:
        speed = ladder.increase_speed(speed)
    assert speed == inf
    for _ in ladder.SPEEDS:
        speed = ladder.decrease_speed(speed)
    assert speed == 1.0


def test_percentage_is_100_only_if_all_are_correct() -> None:
    assert format_percent(131_067, 131_072) == "99.99 %"
    assert format_percent(131_072, 131_072) == "100.00 %"
    assert format_percent(0, 8) == "0.00 %"


def test_answer_of_the_last_time_step_is_judged_by_itself() -> None:
    task = TASKS["comparison"](8)
    batch = task.batch_from_inputs(task.parse_input("71 < 79"))
    targets = batch.targets[:, 0, 0]
    predicted = targets.copy()
    predicted[2:4] = 1 - predicted[2:4]
    example = replace(
        example_of(71, 79, 0),
        task=task,
        inputs=batch.inputs[:, 0],
        targets=targets,
        outputs=predicted,
        correct_steps=predicted == targets,
    )
    assert bit_grid.verdict(example).plain == "71 < 79 = yes ✓ but 2 of 8 time steps incorrect"
    assert "  71 < 79 = yes  correct, but 2 of 8 time steps incorrect" in prediction_lines(example)
    wrong = replace(example, outputs=1 - targets, correct_steps=np.zeros(8, np.bool_))
    assert bit_grid.verdict(wrong).plain == "71 < 79 = yes ✗ no"

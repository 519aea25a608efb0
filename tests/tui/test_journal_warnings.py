"""Sessions of keys in the dashboard are recorded, and replay identically."""

from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from rnn_tui.cli.main import main
from rnn_tui.recording.journal_format import ChangeRecord, DigestRecord, read_journal
from rnn_tui.recording.run_store import JournalTarget
from tests.support.variants import variants
from tests.tui.pilot import Drive, driving, run

VIEW_KEYS = ("h", "n", "g", "w", "1", "0", "c", "T", "greater_than_sign", "i", "escape")
CHANGE_KEYS = ("plus", "o", "minus", "t", "m", "B", *"4", "enter", "colon", *"clip-norm=1", "enter")


def replayed(path: Path) -> str:
    """Return the exit status and the output of a replay."""
    with redirect_stdout(StringIO()) as output, redirect_stderr(output):
        status = main(["replay", str(path), "--headless"])
    return f"{status} {output.getvalue()}".strip()


async def train(drive: Drive, steps: int) -> None:
    before = (await drive.wait_until_handled()).latest_step
    drive.press_at_once(*"S" * (steps // 100))
    await drive.until(lambda now: now.latest_step == before + steps)


@pytest.mark.parametrize(
    "recipe", variants(["binary-addition", "counting-ones", "xor"], short=["counting-ones"])
)
def test_session_of_keys_replays_identically(recipe: str, tmp_path: Path) -> None:
    async def test() -> None:
        async with driving(
            recipe=recipe, speed=5000.0, journal_target=JournalTarget(tmp_path, "run")
        ) as drive:
            await train(drive, 700)
            for key in VIEW_KEYS:
                await drive.press(key)
            for key in CHANGE_KEYS:
                await drive.press(key)
            await train(drive, 400)
            await drive.press("u", "left_square_bracket", "f", "plus")
            await train(drive, 200)
            await drive.press("b")
            await drive.wait_until_handled()
            await train(drive, 100)

    run(test)
    journals = sorted(tmp_path.glob("*.jsonl"))
    assert len(journals) >= 2
    for path in journals:
        steps = read_journal(path).last_step
        assert replayed(path) == f"0 identical through step {steps:,}"


def test_viewing_leaves_no_trace_in_the_journal(tmp_path: Path) -> None:
    async def test(name: str, keys: tuple[str, ...]) -> None:
        async with driving(
            speed=2000.0, journal_target=JournalTarget(tmp_path, name), steps=10**6
        ) as drive:
            await train(drive, 1000)
            for key in keys:
                await drive.press(key)
            await drive.wait_until_handled()
            await train(drive, 1000)

    view_keys = (
        *VIEW_KEYS,
        "p",
        *"3+4",
        "enter",
        "home",
        "right_curly_bracket",
        "J",
        *"500",
        "enter",
    )
    run(lambda: test("viewed", (*view_keys, "end")))
    run(lambda: test("undisturbed", ()))
    viewed, undisturbed = (
        read_journal(tmp_path / f"{name}.jsonl").records for name in ("viewed", "undisturbed")
    )
    assert not any(isinstance(line, ChangeRecord) for line in viewed)
    digests, others = (
        {line.step: line.digest for line in lines if isinstance(line, DigestRecord)}
        for lines in (viewed, undisturbed)
    )
    assert digests == others
    assert digests.keys() == {1000, 2000}

"""What the keys do that go back in a run, fork it, and switch branches."""

import csv
import json
from collections.abc import Awaitable, Callable
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from rnn_tui.session.snapshot import Status
from tests.tui.pilot import Drive


async def _changed_twice(drive: Drive) -> None:
    """Go to step 300, with changes after 100 and after 200."""
    for step, keys in ((100, ["plus"]), (200, ["o"]), (300, [])):
        await drive.press("S")
        await drive.until(lambda snapshot, step=step: snapshot.step == step)  # type: ignore[misc]  # step is bound now
        if keys:
            await drive.press(*keys)
            await drive.wait_until_handled()


async def _seeks(drive: Drive, key: str, step: int) -> None:
    await drive.press(key)
    seen = await drive.until(lambda snapshot: snapshot.step == step)
    assert seen.latest_step == 300
    assert seen.status is (Status.PAUSED if step == 300 else Status.VIEWING)
    if step < 300:
        await drive.wait_for_text(f"viewing step {step} of 300")


async def undoes(drive: Drive) -> None:
    await _changed_twice(drive)
    await drive.press("u")
    back = await drive.until(lambda snapshot: snapshot.branch_number == 2)
    assert [applied.change.spec for applied in back.log] == ["lr=0.2"]
    assert (back.step, back.status) == (200, Status.PAUSED)
    assert back.settings.optimizer == "sgd"
    await drive.wait_for_text("undone: optimizer sgd → momentum")
    await drive.press("u", "u")
    first = await drive.wait_until_handled()
    assert (first.step, first.log) == (100, ())
    await drive.wait_for_text("nothing to undo")


async def forks(drive: Drive) -> None:
    await _changed_twice(drive)
    await _seeks(drive, "left_square_bracket", 200)
    await drive.press("f", "plus")
    forked = await drive.wait_until_handled()
    assert (forked.step, forked.latest_step, forked.branch_number) == (200, 200, 2)
    assert [applied.step for applied in forked.log] == [100, 200, 200]
    await drive.press("b")
    back = await drive.until(lambda snapshot: snapshot.branch_number == 1)
    assert (back.step, len(back.log)) == (300, 2)


async def switches_branch(drive: Drive) -> None:
    await drive.press("b")
    assert "only one branch" in (await drive.wait_until_handled()).message
    await drive.press("s", "f", "s", "b")
    await drive.until(lambda snapshot: snapshot.branch_number == 1)
    await drive.press("b")
    await drive.until(lambda snapshot: snapshot.branch_number == 2)
    assert len(drive.snapshot.summaries) == 2


async def seeks_changes(drive: Drive) -> None:
    await _changed_twice(drive)
    for step in (200, 100, 0, 0):
        await _seeks(drive, "left_square_bracket", step)
    for step in (100, 200, 300):
        await _seeks(drive, "right_square_bracket", step)


async def seeks_by_a_hundred(drive: Drive) -> None:
    await _changed_twice(drive)
    for step in (200, 100, 0):
        await _seeks(drive, "left_curly_bracket", step)
    for step in (100, 200, 300):
        await _seeks(drive, "right_curly_bracket", step)


async def seeks_the_ends(drive: Drive) -> None:
    await _changed_twice(drive)
    await _seeks(drive, "home", 0)
    await _seeks(drive, "end", 300)


async def seeks_a_step(drive: Drive) -> None:
    await _changed_twice(drive)
    await drive.press("J", *"400", "enter")
    await drive.wait_for_text("the run has steps 0 to 300, not 400")
    await drive.press("backspace", "backspace", "backspace", *"123", "enter")
    await drive.until(lambda snapshot: snapshot.step == 123)
    assert drive.snapshot.settings.learning_rate == 0.2
    await drive.press("plus")
    assert "is read-only" in (await drive.wait_until_handled()).message
    await drive.press("space")
    back = await drive.until(lambda snapshot: snapshot.step == 300)
    assert back.status is Status.PAUSED
    await drive.press("space", "J", *"50", "enter")
    await drive.until(lambda snapshot: snapshot.step == 50)
    await drive.press("space")
    await drive.until(lambda snapshot: snapshot.step > 300)


async def exports(drive: Drive) -> None:
    await _changed_twice(drive)
    with TemporaryDirectory() as folder, chdir(folder):
        await drive.press("e")
        await drive.wait_for_text("loss curve")
        errors, *_, state, screen = map(Path, drive.snapshot.exported)
        rows = list(csv.DictReader(errors.read_text("utf-8").splitlines()))
        assert [
            float(row["mean_l1_error"]) for row in rows
        ] == drive.snapshot.full_run.mean.tolist()
        assert [row["changes"] for row in rows if row["changes"]] == [
            "lr=0.2",
            "optimizer=momentum",
        ]
        with np.load(state) as arrays:
            assert json.loads(str(arrays["about.json"]))["step"] == 300
            assert arrays["parameters/input_weight"].shape == (2, 16)
        assert "<svg" in screen.read_text("utf-8")
        await drive.press("e", "s")
        snapshot = await drive.wait_until_handled()
        assert snapshot.exported[0].endswith("-2.csv")
        assert snapshot.step == 301


NAVIGATION_CHECKS: dict[str, Callable[[Drive], Awaitable[None]]] = {
    "request('undo')": undoes,
    "request('fork')": forks,
    "request('next-branch')": switches_branch,
    "request('previous-change')": seeks_changes,
    "request('next-change')": seeks_changes,
    "request('back-100')": seeks_by_a_hundred,
    "request('forward-100')": seeks_by_a_hundred,
    "request('first-step')": seeks_the_ends,
    "request('latest-step')": seeks_the_ends,
    "seek": seeks_a_step,
    "request('export')": exports,
}

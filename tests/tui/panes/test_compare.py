"""The loss pane with several runs, and the compare pane that selects them."""

import errno
import os
from dataclasses import replace
from io import FileIO
from pathlib import Path

import pytest
from textual.widgets import DataTable

from rnn_tui.config.appearance import Appearance
from rnn_tui.recording import journal
from rnn_tui.recording.run_store import JournalTarget
from rnn_tui.session.snapshot import Status
from rnn_tui.session.start import start_run
from rnn_tui.text.format import format_percent
from rnn_tui.tui.panes import LossPane
from tests.support.variants import variants
from tests.tui.pilot import SMALL, Drive, driving, run

FEW_COLORS = {"COLORTERM": "", "TERM": "xterm-16color"}


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the journals, an empty one."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "rnn-tui"


def record_run(folder: Path, name: str, steps: int = 500, **changed: object) -> None:
    """Write the journal and the checkpoint of a run to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = replace(SMALL, **changed)  # type: ignore[arg-type]  # any of the fields
    branch = start_run(settings, journal_target=JournalTarget(folder, name))
    branch.advance(steps)
    branch.deactivate()
    branch.observer.close()


async def train(drive: Drive, hundreds: int) -> None:
    """Train `hundreds` times 100 steps."""
    wanted = drive.snapshot.step + 100 * hundreds
    drive.press_at_once(*"S" * hundreds)
    await drive.until(lambda snapshot: snapshot.step == wanted)


async def fork(drive: Drive) -> None:
    """Fork branch 2 at step 200, and train it with another optimizer to step 500."""
    await train(drive, 2)
    await drive.press("f", "o")
    await drive.until(lambda snapshot: snapshot.settings.optimizer == "momentum")
    await train(drive, 3)


async def open_table(drive: Drive) -> None:
    """Show the table of runs, and wait until all of them have been read."""
    await drive.press("v")
    await drive.wait_for_text("differences: from current")


def rows(drive: Drive) -> list[list[str]]:
    """Return the cells of the table."""
    return [
        [str(cell).strip() for cell in table.get_row_at(row)]
        for table in drive.app.screen.query(DataTable)
        for row in range(table.row_count)
    ]


@pytest.mark.parametrize("size", variants([(80, 24), (120, 40), (200, 60)], short=[(80, 24)]))
def test_fork_is_overlaid_on_its_parent(size: tuple[int, int]) -> None:
    async def test() -> None:
        async with driving(size, speed=5000.0) as drive:
            await train(drive, 2)
            assert not drive.dashboard.query_one(LossPane).has_class("comparing")
            assert "runs" not in drive.text.split("╭")[1]
            await drive.press("f", "o")
            await drive.until(lambda snapshot: snapshot.settings.optimizer == "momentum")
            await train(drive, 3)
            await drive.wait_for_text("2 runs")
            brief = size == (80, 24)
            await drive.wait_for_text("▸2 sgd→momentum" if brief else "▸2 branch 2")
            names = ("1 sgd",) if brief else (" 1 branch 1", "sgd", "▲ 200", "not yet 100 %")
            for words in ("momentum", *names):
                await drive.wait_for_text(words)
            await drive.wait_for_text("mean")  # the figures remain
            await drive.press("b")
            await drive.wait_for_text("▸1 sgd" if brief else "▸1 branch 1")

    run(test)


@pytest.mark.parametrize(
    ("appearance", "terminal", "ends"),
    [
        (Appearance(colored=False), FEW_COLORS, "11"),
        pytest.param(Appearance(glyphs="ascii"), FEW_COLORS, "11", marks=pytest.mark.long),
        pytest.param(Appearance(), FEW_COLORS, "•", marks=pytest.mark.long),
        pytest.param(
            Appearance(glyphs="block"), {"TERM": "xterm-256color"}, "•", marks=pytest.mark.long
        ),
    ],
)
def test_runs_differ_in_every_terminal(
    appearance: Appearance, terminal: dict[str, str], ends: str
) -> None:
    async def test() -> None:
        async with driving(
            (120, 40), speed=5000.0, appearance=appearance, terminal=terminal
        ) as drive:
            await fork(drive)
            await drive.press("b")
            await drive.wait_for_text("1 branch 1")
            assert ends in drive.text
            await drive.press("r")  # dialogs work with these glyphs
            await open_table(drive)
            await drive.press("down", "space", "v")

    run(test)


def test_viewed_step_is_marked() -> None:
    async def test() -> None:
        async with driving((120, 40), speed=5000.0) as drive:
            await train(drive, 3)
            await drive.press("{")
            await drive.press("left_curly_bracket")
            await drive.until(lambda snapshot: snapshot.status is Status.VIEWING)
            await drive.wait_for_text("◆ 200")
            await drive.press("end")
            await drive.until(lambda snapshot: snapshot.status is Status.PAUSED)
            assert "◆ 200" not in drive.text

    run(test)


def test_window_and_viewed_step_apply_to_the_overlay() -> None:
    async def test() -> None:
        async with driving((120, 40), speed=5000.0) as drive:
            await fork(drive)
            await drive.press("w")
            await drive.wait_for_text("last 1,000 steps")
            await drive.wait_for_text("▸2 branch 2")
            await drive.press("left_curly_bracket")
            await drive.wait_for_text("◆ 400")

    run(test)


def test_table_has_results_and_differences_of_branches() -> None:
    async def test() -> None:
        async with driving((200, 60), speed=5000.0) as drive:
            await fork(drive)
            await drive.until(lambda snapshot: snapshot.score_step == 500)
            score, mean = drive.snapshot.score, drive.snapshot.mean_metric
            assert score
            await open_table(drive)
            first, second = rows(drive)
            assert first[:3] == ["[1]", "branch 1", "200"]
            assert first[-2:] == ["0", "optimizer sgd · lr 0.1"]
            assert second[:3] == ["[2]", "▸branch 2", "500"]
            assert second[3] == format_percent(score.n_correct, 64)
            assert second[4] == "—"
            assert second[5:10] == ["addition", "elman", "sgd→momentum", "0.1→0.02", "0"]
            assert second[10] == f"{mean:.3f}"
            assert int(second[11].replace(",", "")) > 0
            assert second[-2:] == ["1", "—"]

    run(test)


def test_branch_can_be_hidden_and_drawn_again() -> None:
    async def test() -> None:
        async with driving((120, 40), speed=5000.0) as drive:
            await fork(drive)
            await drive.wait_for_text("2 runs")
            await open_table(drive)
            await drive.press("space")
            assert rows(drive)[0][0] == "[ ]"
            await drive.press("down", "enter")
            await drive.wait_for_text("the current branch is always drawn")
            await drive.press("v")
            await drive.until(lambda _: "2 runs" not in drive.text)
            assert not drive.dashboard.query_one(LossPane).has_class("comparing")
            assert "branch 1" not in drive.text
            await open_table(drive)
            await drive.press("up", "space", "v")
            await drive.wait_for_text("2 runs")
            await drive.wait_for_text(" 1 branch 1")

    run(test)


def test_seventh_branch_is_rejected() -> None:
    async def test() -> None:
        async with driving((120, 40), speed=5000.0) as drive:
            await train(drive, 1)
            await drive.press(*"fsfsfsfsfsfs")
            await drive.until(lambda snapshot: len(snapshot.summaries) == 7)
            await drive.wait_for_text("6 runs")
            await open_table(drive)
            assert [row[0] for row in rows(drive)] == [
                "[ ]",
                *(f"[{number}]" for number in range(2, 8)),
            ]
            await drive.press("space")
            await drive.wait_for_text("6 runs are drawn already")
            await drive.press("down", "space", "up", "space")
            assert [row[0] for row in rows(drive)][:3] == ["[1]", "[ ]", "[3]"]

    run(test)


@pytest.mark.parametrize("size", variants([(80, 24), (120, 40)], short=[(120, 40)]))
def test_recorded_run_can_be_overlaid(state: Path, size: tuple[int, int]) -> None:
    record_run(state, "20260102-030405-adam", optimizer="adam", learning_rate=0.01)

    async def test() -> None:
        async with driving(size, speed=5000.0) as drive:
            await train(drive, 2)
            await open_table(drive)
            here, earlier = rows(drive)
            assert here[:3] == ["[1]", "▸branch 1", "200"]
            assert earlier[:3] == ["[ ]", "20260102-030405-adam", "500"]
            assert earlier[-1] == "optimizer adam · lr 0.01"
            await drive.press("down", "space")
            await drive.until(lambda _: rows(drive)[1][0] == "[e]")
            await drive.press("v")
            await drive.wait_for_text("2 runs")
            await drive.wait_for_text("e adam" if size == (80, 24) else " e 20260102-030405")
            await train(drive, 1)  # the current run continues
            await open_table(drive)
            assert [row[0] for row in rows(drive)] == ["[1]", "[e]"]
            await drive.press("down", "space", "v")
            await drive.until(lambda _: "2 runs" not in drive.text)

    run(test)


def test_undrawable_run_has_a_reason(state: Path) -> None:
    for name in ("1-lost", "2-cut", "3-\x1b]0;x"):
        record_run(state, name, 300)
    (state / "1-lost.npz").unlink()
    cut = state / "2-cut.npz"
    cut.write_bytes(cut.read_bytes()[:1000])
    (state / "3-\x1b]0;x.jsonl").write_text("{}\n")

    async def test() -> None:
        async with driving((120, 40)) as drive:
            await open_table(drive)
            found = {row[1]: row for row in rows(drive)[1:]}
            assert found["1-lost"][2:5:2] == ["300", "no checkpoint"]
            assert found["2-cut"][2:5:2] == ["300", "bad checkpoint"]
            assert found[r"3-\x1b]0;x"][2:5:2] == ["—", "bad journal"]
            await drive.press("down", "space")
            await drive.wait_for_text("cannot be drawn: ")
            assert [row[0] for row in rows(drive)] == ["[1]", "", "", ""]

    run(test)


def test_table_stays_open_while_the_run_continues(state: Path) -> None:
    for number in range(5):
        record_run(state, f"{number}-run", 100)

    async def test() -> None:
        async with driving((80, 24), paused=False, speed=1000, steps=10**9) as drive:
            await drive.press("f")
            await drive.until(lambda snapshot: snapshot.branch_number == 2)
            await drive.press("space")
            drive.press_at_once(
                "v", "escape", "v", "v", "v", "down", "space"
            )  # before it has been read
            await drive.until(lambda _: len(rows(drive)) == 2 + 5)
            step = drive.snapshot.step
            await drive.until(lambda snapshot: snapshot.step > step + 100)
            await drive.press("end", "right", "right", "space", "home", "v")
            await drive.until(lambda _: "recorded runs" not in drive.text)
            await drive.wait_for_text("runs")

    run(test)


def test_numbers_of_branches_are_updated(state: Path) -> None:
    record_run(state, "earlier", 300)

    async def test() -> None:
        async with driving((120, 40), paused=False, speed=2000) as drive:
            await drive.until(lambda snapshot: snapshot.step > 100)
            await open_table(drive)
            began = drive.snapshot.step
            await drive.until(lambda _: int(rows(drive)[0][2].replace(",", "")) > began)
            await drive.until(lambda _: rows(drive)[0][11] != "—")
            assert rows(drive)[1][2] == "300"
            await drive.press("v", "space")
            await drive.until(lambda snapshot: snapshot.status is Status.PAUSED)
            await open_table(drive)
            alone = rows(drive)[0][11]
            await drive.press("v", "f")
            await drive.until(lambda snapshot: snapshot.branch_number == 2)
            await open_table(drive)
            assert rows(drive)[0][11] == alone  # the speed of training, not of display

    run(test)


def test_row_of_an_unreadable_run_has_the_reason(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("20250101-gone", "20250102-foreign"):
        record_run(state, name)

    def open_file(path: str, mode: str) -> FileIO:
        if "gone" in path:
            os.unlink(path)
        if "foreign" in path:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return FileIO(path, mode)

    monkeypatch.setattr(journal, "FileIO", open_file)

    async def test() -> None:
        async with driving((160, 40)) as drive:
            await open_table(drive)
            reasons = {row[1]: row[4] for row in rows(drive)}
            assert reasons["20250101-gone"] == os.strerror(errno.ENOENT)
            assert reasons["20250102-foreign"] == os.strerror(errno.EACCES)
            await drive.press("down", "enter")
            await drive.wait_for_text("cannot be drawn: Permission ")

    run(test)

"""Sweeps: results are those of `train`, known facts come out, and nothing is trained twice."""

from collections.abc import Sequence
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import final

import pytest

from rnn_tui.recording.journal_format import read_journal
from rnn_tui.recording.run_store import list_runs
from rnn_tui.sweep import dispatch
from rnn_tui.sweep import sweep as sweep_module
from rnn_tui.sweep.grid import Grid, parse_axis, parse_seeds
from rnn_tui.sweep.groups import MAX_GROUP_SIZE, make_groups, train_jobs
from rnn_tui.sweep.job import Job, JobResult
from rnn_tui.sweep.journal import SweepJournal
from rnn_tui.sweep.pools import GroupFuture, Pool, ThreadPool
from rnn_tui.sweep.sweep import Sweep
from tests.support.reference import load
from tests.support.shell import objects, run
from tests.support.sweeps import make_grid, make_result

KNOWN = load("sweep")
SMALL = ("--length", "5", "--hidden-size", "3", "--steps", "300")
TRAINED = [  # words of train, and of the sweep with the same run
    (("--lr", "0.5"), ("lr=0.5",)),
    (("--optimizer", "adam", "--model", "gru"), ("optimizer=adam", "model=gru")),
    (("--at", "100:lr=0.7", "--at", "200:optimizer=adam"), ("100:lr=0.7", "200:optimizer=adam")),
    (("--task", "xor", "--until-exact"), ("task=xor",)),
    (("--recipe", "counting-ones", "--optimizer", "sgd", "--clip-norm", "inf"), ()),
]


def train(grid: Grid, max_results: float = inf) -> dict[str, JobResult]:
    """Train groups of `grid` until there are `max_results` results; return them by job."""
    found: dict[str, JobResult] = {}

    def on_progress(_steps: int, result: JobResult | None) -> bool:
        found.update({result.job_digest: result} if result else {})
        return len(found) < max_results

    results = [
        result
        for group in make_groups(grid.jobs, n_workers=1)
        for result in train_jobs(group, on_progress, record=False)
    ]
    assert found == {result.job_digest: result for result in results}
    return found


@pytest.mark.parametrize(("options", "words"), TRAINED)
def test_result_is_that_of_train(
    options: tuple[str, ...], words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = SMALL if "--recipe" not in options and "xor" not in options else SMALL[-2:]
    _, output, _ = run(capsys, "train", *options, *sizes, "--seed", "1", "--json")
    summary = objects(output)[-1]
    if "--recipe" in options:
        values = {"recipe": "counting-ones", "optimizer": "sgd", "clip_norm": float("inf")}
        grid = Grid((), {**values, "steps": 300}, seeds=(1,))
    elif "xor" in options:
        grid = Grid((parse_axis("task=xor"),), {"steps": 300}, seeds=(1,), until_exact=True)
    else:
        base = make_grid(*words)
        grid = Grid(base.axes, base.options, seeds=(1,))
    (result,) = train(grid).values()
    assert result.exact_step == summary["first_exact_step"]
    assert (result.step, result.halt_reason) == (summary["step"], summary["halt_reason"])
    assert (result.n_correct, result.n_sequences) == (
        summary["n_correct"],
        summary["n_sequences"],
    )
    means = [summary["mean_loss_100"], summary["mean_l1_error_100"]]
    assert result.to_json()["mean_metric"] in means


@pytest.mark.parametrize(
    ("word", "options", "ends"),
    [
        ("lr=0.1,1", {"recipe": "xor", "steps": 400}, {"exact", "last step"}),
        (
            "lr=1e-9,0.1,1e6",
            {"recipe": "counting-ones", "optimizer": "sgd", "clip_norm": float("inf")},
            {"halted", "last step"},
        ),
    ],
)
def test_result_does_not_depend_on_the_other_jobs_of_a_group(
    word: str, options: dict[str, object], ends: set[str]
) -> None:
    grid = Grid((parse_axis(word),), options, seeds=tuple(range(4)), until_exact=True)
    together = train(grid)
    found = {
        "halted" if result.halt_reason else "last step" if result.exact_step is None else "exact"
        for result in together.values()
    }
    assert found == ends
    for job in grid.jobs:
        (alone,) = train_jobs([job], lambda *_: True, record=False)
        assert replace(together[job.digest], seconds=0.0) == replace(alone, seconds=0.0)


def test_run_that_is_exact_after_a_change_ends_at_the_next_check() -> None:
    options = {"initializer": "planted", "hidden_size": 3, "biases": 1, "learning_rate": 1e-6}
    axes = (parse_axis("100:loss=cross-entropy"),)
    grid = Grid(axes, {**options, "length": 5, "steps": 600}, seeds=(0, 1), until_exact=True)
    for result in train(grid).values():
        assert (result.exact_step, result.step, result.accuracy) == (100, 250, 1.0)


def exact_steps(words: Sequence[str], seeds: str) -> dict[tuple[tuple[str, ...], int], int | None]:
    axes = tuple(map(parse_axis, words))
    grid = Grid(axes, {}, seeds=parse_seeds(seeds), until_exact=True)
    results = train(grid)
    return {
        (cell.values, job.settings.seed): results[job.digest].exact_step
        for cell in grid.cells
        for job in cell.jobs
    }


@pytest.mark.parametrize(
    ("words", "seeds"), [(["hidden-size=8"], "9-9"), (["hidden-size=6,16"], "4-4")]
)
def test_known_steps_to_exact_of_some_seeds(words: list[str], seeds: str) -> None:
    for ((hidden_size,), seed), step in exact_steps(words, seeds).items():
        assert step == KNOWN["hidden-size"][hidden_size][seed]


@pytest.mark.parametrize(("word", "seeds"), [("lr=1", "0-2"), ("task=xor", "0-2")])
def test_known_exact_seeds_of_some_settings(word: str, seeds: str) -> None:
    found = exact_steps([word], seeds)
    exact = [seed for (_, seed), step in found.items() if step is not None]
    assert exact == [seed for seed in KNOWN["exact_seeds"][word] if seed < len(found)]


@pytest.mark.long
def test_known_steps_to_exact_of_every_seed() -> None:
    found = exact_steps([f"hidden-size={','.join(KNOWN['hidden-size'])}"], "10")
    for ((hidden_size,), seed), step in found.items():
        assert step == KNOWN["hidden-size"][hidden_size][seed]


@pytest.mark.long
@pytest.mark.parametrize("word", KNOWN["exact_seeds"])
def test_known_exact_seeds_of_every_setting(word: str) -> None:
    found = exact_steps([word], "10")
    exact = [seed for (_, seed), step in found.items() if step is not None]
    assert exact == KNOWN["exact_seeds"][word]


def test_training_ends_soon_when_stopped_and_keeps_finished_runs() -> None:
    grid = make_grid("hidden-size=2,3", n_seeds=3)
    all_results, some = train(grid), train(grid, max_results=1)
    assert (len(some), len(all_results)) == (3, 6)  # those of the first of two groups
    assert all(result.weights == all_results[job].weights for job, result in some.items())


def test_groups_have_one_architecture_and_every_job_once() -> None:
    grid = make_grid("hidden-size=2,3", "lr=0.1,0.2", n_seeds=20)
    groups = make_groups(grid.jobs, n_workers=2)
    assert sorted(job.digest for group in groups for job in group) == sorted(
        job.digest for job in grid.jobs
    )
    assert {len({job.settings.hidden_size for job in group}) for group in groups} == {1}
    assert max(map(len, groups)) <= MAX_GROUP_SIZE
    assert len(make_groups(grid.jobs[:4], n_workers=2)) >= 2
    assert [group[0].settings.hidden_size for group in groups[:4]] == [2, 3, 2, 3]


def run_sweep(sweep: Sweep, stop_after: int | None = None) -> list[JobResult]:
    """Train the rest of `sweep` in this process, or a number of runs; return the new results."""
    found: list[JobResult] = []

    def should_stop() -> bool:
        return stop_after is not None and len(found) >= stop_after

    with ThreadPool() as pool:
        for result in sweep.run(pool, should_stop, pytest.fail):
            found += [result] if result else []
    return found


def test_stopped_sweep_trains_only_what_is_left(tmp_path: Path) -> None:
    path, grid = tmp_path / "sweep.jsonl", make_grid("hidden-size=2,3")
    journal = SweepJournal(path, grid)
    first = run_sweep(Sweep(grid, journal), stop_after=1)
    journal.close()
    assert 1 <= len(first) < 4
    extended = make_grid("hidden-size=3,2,4", n_seeds=3)
    journal = SweepJournal(path, extended)
    sweep = Sweep(extended, journal)
    assert sweep.n_found == len(first)
    second = run_sweep(sweep)
    journal.close()
    digests = {result.job_digest for result in first}
    assert digests.isdisjoint(result.job_digest for result in second)
    assert sweep.progress.n_done == sweep.progress.n_runs == 9
    weights = {result.job_digest: result.weights for result in train(extended).values()}
    assert {job: result.weights for job, result in sweep.results.items()} == weights


def test_equal_runs_of_two_cells_are_trained_once() -> None:
    sweep = Sweep(make_grid("recipe=binary-addition,binary-addition-normal", initializer="normal"))
    assert len(run_sweep(sweep)) == 2
    assert [len(sweep.cell_results(cell)) for cell in sweep.grid.cells] == [2, 2]


def test_progress_counts_steps_that_are_no_longer_needed() -> None:
    sweep = Sweep(make_grid("lr=0.1,0.2"))
    assert (sweep.progress.n_done, sweep.progress.fraction) == (0, 0.0)
    run_sweep(sweep)
    assert (sweep.progress.n_done, sweep.progress.fraction) == (4, 1.0)


def test_progress_of_a_group_is_of_its_unfinished_runs() -> None:
    calls: list[tuple[int, JobResult | None]] = []

    def on_progress(unfinished_steps: int, result: JobResult | None) -> bool:
        calls.append((unfinished_steps, result))
        return True

    results = train_jobs(make_grid(steps=100).jobs, on_progress, record=False)
    assert [call for call in calls if call[1]] == [(100, results[0]), (0, results[1])]
    assert max(steps for steps, _ in calls) == 200
    assert calls[-1] == (0, None)


@pytest.mark.parametrize("until_exact", [False, True])
def test_progress_counts_no_steps_of_a_halted_run(until_exact: bool) -> None:
    options = {"recipe": "counting-ones", "optimizer": "sgd", "clip_norm": inf, "steps": 400}
    axes = (parse_axis("lr=1e-9,1e6"),)
    grid = Grid(axes, options, seeds=(0,), until_exact=until_exact)
    counts: list[int] = []

    def on_progress(unfinished_steps: int, result: JobResult | None) -> bool:
        counts.extend([unfinished_steps] if result else [])
        return True

    halted, unhalted = train_jobs(grid.jobs, on_progress, record=False)
    assert (bool(halted.halt_reason), unhalted.halt_reason) == (True, None)
    assert (halted.step < 250, unhalted.step) == (True, 400)
    assert counts == [250, 0]  # the halted run ends at the first check


@final
class ScriptedPool(Pool):
    """A pool with no results, whose clock and steps follow `course`."""

    n_workers = capacity = 1

    def __init__(self, course: list[tuple[float, int]]) -> None:
        super().__init__()
        self.course, self.seconds = course, 0.0

    def submit(self, group: Sequence[Job]) -> GroupFuture:
        return GroupFuture()

    @property
    def unfinished_steps(self) -> int:
        self.seconds, steps = self.course.pop(0)
        return steps

    def stop(self) -> None:
        """Do nothing: no group is in training."""


def test_time_left_is_at_the_pace_since_the_first_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = Sweep(make_grid("lr=0.1,0.2"))  # of 1,200 steps
    pool = ScriptedPool([(0, 0), (60, 0), (61, 100), (63, 110), (65, 300), (66, 600)])
    monkeypatch.setattr(sweep_module, "monotonic", lambda: pool.seconds)
    monkeypatch.setattr(dispatch, "POLL_SECONDS", 0.0)
    found = [sweep.progress.seconds_left for _ in sweep.run(pool, lambda: not pool.course, print)]
    assert found == [inf, inf, inf, inf, 900 / (200 / 4), 600 / (500 / 5)]


def test_recorded_runs_are_in_the_state_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    grid = make_grid("100:lr=0.2", n_seeds=1)
    for _ in range(2):  # a journal that a killed sweep has left is replaced
        (result,) = train_jobs(grid.jobs, lambda *_: True, record=True)
    (saved,) = list_runs(tmp_path / "rnn-tui")
    assert saved.name == f"sweep-addition-{result.job_digest[:16]}"
    contents = read_journal(saved.path)
    assert contents.header.settings == grid.jobs[0].settings
    assert (contents.last_step, contents.error) == (300, "")


def test_result_is_the_same_after_json() -> None:
    result = make_result(make_grid("lr=1").jobs[0], 250)
    assert JobResult.from_json(result.to_json()) == result
    for name, value in (("step", "x"), ("n_correct", 5000), ("seconds", None), ("job", 3)):
        with pytest.raises(ValueError, match=name):
            JobResult.from_json(result.to_json() | {name: value})

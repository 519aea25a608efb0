"""Grids: axes, seeds, and the settings of each cell, with the messages of `train`."""

import pytest

from rnn_tui.config.errors import UserError
from rnn_tui.config.recipes import RECIPES
from rnn_tui.run.changes import SetField
from rnn_tui.sweep.grid import Axis, Grid, parse_axis, parse_seeds

MANY = ",".join(map(str, range(1, 301)))
AXIS_ERRORS = {
    "lrr=1": "unknown setting 'lrr' (did you mean lr?)",
    "lr=x": "lr: 'x' is not a number",
    "lr=": "lr: '' is not a number",
    "lr": "'lr' is not NAME=VALUE,VALUE,… as in lr=0.03,0.1, nor a .toml file",
    "seed=1,2": "use --seeds 20 or 3,5,7",
    "bits=3": "'bits' is now 'length'",
    "epochs=3": "use --steps",
    "optimizer=adm": "unknown optimizer 'adm' (did you mean adam?)",
    "recipe=xr": "unknown recipe 'xr'",
    "5:recipe=xor": "unknown setting 'recipe'",
    "5:steps=7": "steps cannot change during a run",
    "x:lr=1": "'x' is not an integer",
}
GRID_ERRORS = {
    ("hidden-size=4,1e9",): "hidden-size=1000000000: hidden-size must be an integer from 1 to 512",
    ("optimizer=sgd,adam", "beta1=0.5"): "optimizer=sgd beta1=0.5: sgd has no beta1",
    ("lag=1,2",): "lag 1 has no effect on task addition",
    ("lr=1", "lr=2"): "lr is given twice",
    ("2000:lr=1",): "--at 2000: the run has 300 steps",
    ("20:lag=2",): "--at 20:lag=2: lag 2 has no effect on task addition",
    ("steps=5",): "steps is both an axis and an option of all runs",
    (f"hidden-size={MANY}", f"lr={MANY}"): "at most 100,000 are possible",
}


def grid(*words: str, n_seeds: int = 2) -> Grid:
    return Grid(tuple(map(parse_axis, words)), {"steps": 300}, seeds=tuple(range(n_seeds)))


@pytest.mark.parametrize("word", AXIS_ERRORS)
def test_axis_rejects_what_train_rejects(word: str) -> None:
    with pytest.raises(UserError) as raised:
        parse_axis(word)
    assert AXIS_ERRORS[word] in str(raised.value)


@pytest.mark.parametrize("words", GRID_ERRORS)
def test_grid_names_the_combination_that_is_not_valid(words: tuple[str, ...]) -> None:
    with pytest.raises(UserError) as raised:
        grid(*words).jobs  # noqa: B018 - computed from the axes
    assert GRID_ERRORS[words] in str(raised.value)


def test_axis_takes_aliases_synonyms_and_each_value_once() -> None:
    assert parse_axis("hidden=4,8,4") == Axis("hidden-size", (4, 8))
    assert parse_axis("loss=bce") == Axis("loss", ("cross-entropy",))
    assert parse_axis("2e3:learning-rate=0.1") == Axis("lr", (0.1,), 2000)


def test_cells_are_in_the_order_of_the_axes_and_have_every_seed() -> None:
    found = grid("lr=1,0.5", "hidden-size=8,4", n_seeds=3)
    assert [cell.values for cell in found.cells] == [
        ("1", "8"), ("1", "4"), ("0.5", "8"), ("0.5", "4"),
    ]  # fmt: skip
    assert [job.settings.seed for job in found.cells[0].jobs] == [0, 1, 2]
    assert len({job.digest for job in found.jobs}) == len(found.jobs) == 12
    assert [job.settings.seed for job in found.jobs[:5]] == [0, 0, 0, 0, 1]


def test_recipe_and_task_bring_their_settings() -> None:
    by_recipe, by_task = grid("recipe=xor,binary-addition"), grid("task=xor,addition")
    assert by_recipe.cells[0].settings == RECIPES["xor"].settings.updated(steps=300)
    assert by_task.cells[0].settings.model == "feed-forward"
    assert by_task.cells[1].jobs[0].digest == by_recipe.cells[1].jobs[0].digest


def test_value_without_effect_in_some_cells_is_accepted() -> None:
    assert len(grid("task=addition,echo", "lag=1,2").cells) == 4


def test_change_is_an_axis() -> None:
    found = grid("100:lr=0.5,0.25", "100:optimizer=sgd")
    assert found.names == ("100:lr", "100:optimizer")
    assert found.cells[1].schedule == (
        (100, SetField("lr", 0.25)),
        (100, SetField("optimizer", "sgd")),
    )


def test_digest_depends_on_settings_changes_and_goal_but_not_on_the_recipe_name() -> None:
    base = grid("lr=1")
    others = (
        grid("lr=2"),
        grid("lr=1", "10:lr=1"),
        Grid(base.axes, base.options, seeds=base.seeds, until_exact=True),
        Grid(base.axes, {"steps": 299}, seeds=base.seeds),
    )
    digests = {each.jobs[0].digest for each in (base, *others)}
    assert len(digests) == 5
    same = Grid(base.axes, {"steps": 300, "initializer": "normal"}, seeds=base.seeds)
    recipe = Grid(base.axes, {"steps": 300, "recipe": "binary-addition-normal"}, seeds=base.seeds)
    assert same.jobs[0].digest == recipe.jobs[0].digest


@pytest.mark.parametrize(
    ("text", "seeds"),
    [
        ("3", (0, 1, 2)),
        ("3,5,7", (3, 5, 7)),
        ("0-3", (0, 1, 2, 3)),
        ("7-7", (7,)),
        ("5,1-3,2", (5, 1, 2, 3)),
        ("1e1", tuple(range(10))),
    ],
)
def test_seeds(text: str, seeds: tuple[int, ...]) -> None:
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize("text", ["0", "-1", "x", "", "3,", "5-3", "0-5000000000", "1e9", "1.5"])
def test_seeds_rejects(text: str) -> None:
    with pytest.raises(UserError):
        parse_seeds(text)

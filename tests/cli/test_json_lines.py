"""Every line that `--json` prints has the keys and types of the documented schema."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rnn_tui.cli.analysis_figures import FIGURES
from rnn_tui.cli.analysis_figures.figure import Figure
from rnn_tui.cli.json_lines import EXAMPLE_KEYS, SCHEMA, Key, schema_lines
from rnn_tui.config.fields import FIELDS
from rnn_tui.config.recipes import RECIPES
from rnn_tui.engine.tasks import TASKS
from rnn_tui.lessons import library
from tests.support.makers import SMALL
from tests.support.recorded import alter_journal, record_plan
from tests.support.shell import objects, run, small_size_options

TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


def check_types(line: dict[str, Any], keys: Sequence[Key | Figure]) -> None:
    """Check that `line` has these keys in this order, each with a value of one of its types."""
    assert list(line) == [key.name for key in keys]
    for key in keys:
        names = key.types.split(" or ")
        value = line[key.name]
        allowed = tuple(kind for name in names for kind in TYPES[name])
        assert isinstance(value, allowed), (key, value)
        assert isinstance(value, bool) <= ("boolean" in names), (key, value)


def check_lines(output: str) -> list[dict[str, Any]]:
    """Check every line of `output` against the schema, and return them."""
    lines = objects(output)
    for line in lines:
        values = dict(line)
        kind = values.pop("kind")
        assert next(iter(line)) == "kind"
        check_types(values, SCHEMA[kind])
        if values.get("example"):
            check_types(values["example"], EXAMPLE_KEYS)
        if values.get("figures"):
            check_types(values["figures"], FIGURES[values["name"]])
        if "settings" in values:
            assert list(values["settings"]) == list(FIELDS)
    return lines


def kinds(lines: list[dict[str, Any]]) -> list[str]:
    return [line["kind"] for line in lines]


@pytest.mark.parametrize("recipe", RECIPES)
def test_train_of_every_recipe_follows_the_schema(
    capsys: pytest.CaptureFixture[str], recipe: str
) -> None:
    changes = ("--at", "5:lr=0.02", "--at", "6:batch-size=2")
    options = ("--recipe", recipe, "--steps", "20", "--every", "4", *changes)
    _, output, _ = run(capsys, "train", *options, "--json")
    lines = check_lines(output)
    assert (lines[0]["kind"], lines[0]["recipe"], lines[-1]["kind"]) == ("run", recipe, "summary")
    assert kinds(lines).count("change") == 2
    assert "progress" in kinds(lines)


@pytest.mark.parametrize("task", TASKS)
def test_train_of_every_task_follows_the_schema(
    capsys: pytest.CaptureFixture[str], task: str
) -> None:
    options = ("--task", task, *small_size_options(task=task), "--steps", "9")
    _, output, _ = run(capsys, "train", *options, "--every", "2", "--json")
    lines = check_lines(output)
    examples = [line["example"] for line in lines if line.get("example")]
    assert examples
    for example in examples:
        time = len(example["targets"])
        assert all(len(row) == time for row in example["inputs"].values())
        scored = [target is not None for target in example["targets"]]
        assert [output is not None for output in example["outputs"]] == scored


@pytest.mark.parametrize("loss", ["half-squared-error", "cross-entropy"])
def test_the_other_metric_is_null(capsys: pytest.CaptureFixture[str], loss: str) -> None:
    options = ("--loss", loss, "--steps", "3", "--every", "1", "--batch-size", "2", "--json")
    _, output, _ = run(capsys, "train", *options)
    described, *_, summary = check_lines(output)
    other = {"loss": "l1_error", "l1_error": "loss"}[described["metric"]]
    assert summary[f"mean_{described['metric']}_100"] > 0
    assert summary[f"mean_{other}_100"] is None
    assert summary["loss"] > 0
    assert summary["l1_error"] > 0


def test_nan_is_null(capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--recipe", "counting-ones", "--optimizer", "sgd", "--clip-norm", "inf", "--json")
    status, output, _ = run(capsys, "train", *options)
    lines = check_lines(output)
    assert status == 1
    assert lines[0]["settings"]["clip-norm"] is None
    assert lines[-1]["halt_reason"] == "loss overflowed"


def test_recipes_and_check_follow_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    _, output, _ = run(capsys, "recipes", "--json")
    assert [line["recipe"] for line in check_lines(output)] == list(RECIPES)
    for recipe in RECIPES:
        options = ("--recipe", recipe, *small_size_options(recipe))
        status, output, _ = run(capsys, "check", *options, "--json")
        assert kinds(lines := check_lines(output)) == [
            "run",
            *["gradient-check"] * (len(lines) - 1),
        ]
        assert (status, {line["correct"] for line in lines[1:]}) == (0, {True})


def test_runs_and_replay_and_resume_follow_the_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    folder = tmp_path / "rnn-tui"
    record_plan(folder / "one.jsonl", replace(SMALL, steps=700), [], tail=600)
    (folder / "two.jsonl").write_bytes(b"no journal")
    _, output, _ = run(capsys, "runs", "--json")
    lines = {line["name"]: line for line in check_lines(output)}
    assert (lines["one"]["step"], lines["one"]["error"]) == (600, None)
    assert lines["two"]["task"] is None
    assert lines["two"]["error"].endswith("no rnn-tui journal")
    _, output, _ = run(capsys, "replay", "one", "--headless", "--json")
    assert kinds(lines_of_replay := check_lines(output)) == ["run", "replay"]
    assert lines_of_replay[-1]["verified_step"] == lines_of_replay[-1]["last_step"] == 600
    _, output, _ = run(capsys, "resume", "one", "--headless", "--json")
    resumed = check_lines(output)
    assert (resumed[0]["kind"], resumed[0]["step"]) == ("run", 600)
    assert (resumed[-1]["kind"], resumed[-1]["step"]) == ("summary", 700)


def test_every_documented_key_has_a_value_of_its_types(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    folder = tmp_path / "rnn-tui"
    monkeypatch.setattr(library, "FOLDER", tmp_path)
    shutil.copy(Path(__file__).parents[1] / "data" / "lesson.toml", tmp_path / "01-counting.toml")
    record_plan(folder / "cut.jsonl", SMALL, [], tail=10)
    alter_journal(folder / "cut.jsonl", lambda lines: lines[0].update(parent=["one", 7]))
    alter_journal(
        folder / "cut.jsonl", lambda lines: lines[1].update(score=[1, 2, 10], digest="0" * 32)
    )
    with open(folder / "cut.jsonl", "ab") as file:
        file.write(b"{")
    addition = "train --length 5 --model lstm --steps 120 --every 60 --at 5:lr=0.2"
    commands = (
        addition,
        f"{addition} --loss cross-entropy --break step=100",
        "train --recipe counting-ones --steps 120 --every 60",
        "train --task counting-ones --optimizer sgd --clip-norm inf",
        "train --recipe xor --steps 1000",
        "recipes",
        "lessons",
        "check",
        "runs",
        "replay cut --headless",
        "inspect --length 5 --hidden-size 3 --model lstm --steps 3",
        "inspect --recipe xor --steps 3",
        "sweep --recipe xor lr=0.1,0.5 --seeds 2 --steps 500 --jobs 1",
        "sweep --recipe counting-ones --optimizer sgd --clip-norm inf --seeds 1 --jobs 1",
    )
    seen: dict[tuple[str, str], set[type]] = {}
    for command in commands:
        for line in check_lines(run(capsys, *command.split(), "--json")[1]):
            for name, value in line.items():
                seen.setdefault((line["kind"], name), set()).add(type(value))
            for name, value in (line.get("example") or {}).items():
                seen.setdefault(("example", name), set()).add(type(value))
            for name, value in (line.get("figures") or {}).items():
                seen.setdefault((line["name"], name), set()).add(type(value))
    tables: dict[str, Sequence[Key | Figure]] = {**SCHEMA, "example": EXAMPLE_KEYS, **FIGURES}
    for kind, keys in tables.items():
        for key in keys:
            for documented in key.types.removesuffix(" or null").split(" or "):
                assert seen[kind, key.name] & set(TYPES[documented]), (kind, key)


def test_schema_text_names_every_key() -> None:
    text = "\n".join(schema_lines())
    tables: dict[str, Sequence[Key | Figure]] = {**SCHEMA, **FIGURES}
    for kind, keys in tables.items():
        assert json.dumps(kind) in text
        assert all(f"  {key.name} " in text for key in keys)
    assert max(map(len, schema_lines())) <= 120

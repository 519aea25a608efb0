"""Grid files: the options of the command line in TOML; errors name file, line and reason."""

from pathlib import Path

import pytest

from rnn_tui.config.errors import UserError
from rnn_tui.config.toml_file import MAX_FILE_BYTES
from rnn_tui.run.changes import SetField
from rnn_tui.sweep.grid import parse_axis
from rnn_tui.sweep.grid_file import read_grid_file

FILE = """
recipe = "binary-subtraction"
steps = 3000
seeds = [3, 5]
until-exact = true
at = ["100:lr=0.2"]

[grid]
lr = [0.03, "0.1"]
hidden = 4
"2000:lr" = [0.5]
"""
ERRORS = {
    "\nlr = x": "2: this is no TOML: invalid value",
    "\nlrr = 1": "2: unknown key 'lrr' (did you mean lr?)",
    "steps = 1.5": "1: steps: '1.5' is not an integer",
    "seed = 1": "1: unknown key 'seed' (did you mean seeds?)",
    "seeds = true": "1: seeds: True is neither text nor a number",
    "until-exact = 1": "1: until-exact is true or false, not 1",
    "bits = 1": "1: 'bits' is now 'length'",
    "grid = 3": "1: grid must be a table, as in [grid]",
    "[grid]\n\nlr = [1, 'x']": "3: lr: 'x' is not a number",
    "[grid]\n'5:sed' = [1]": "2: 5:sed: unknown setting 'sed'",
    "[grid]\nlr = []": "2: lr has no values",
    "at = '5:lr'": "1: at: 'lr' is not NAME=VALUE",
    f"a = {20_000 * '['}": "1: its lists are nested too deeply",
    f"\nsteps = {5_000 * '1'}": "2: a number has too many digits",
    f"#{MAX_FILE_BYTES * ' '}": "1: it has more than 1,048,576 bytes",
}


def test_file_has_the_content_of_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "grid.toml"
    path.write_text(FILE, "utf-8")
    found = read_grid_file(path)
    assert found.axes == [parse_axis(word) for word in ("lr=0.03,0.1", "hidden=4", "2000:lr=0.5")]
    assert found.options == {"recipe": "binary-subtraction", "steps": 3000}
    assert (found.seeds, found.until_exact) == ((3, 5), True)
    assert found.schedule == [(100, SetField("lr", 0.2))]


@pytest.mark.parametrize("text", ERRORS, ids=lambda text: text[:20])
def test_errors_name_file_line_and_reason(text: str, tmp_path: Path) -> None:
    path = tmp_path / "grid.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(UserError) as raised:
        read_grid_file(path)
    assert str(raised.value).startswith(f"{path}:{ERRORS[text]}")


def test_missing_and_binary_files_are_rejected(tmp_path: Path) -> None:
    path = tmp_path / "grid.toml"
    with pytest.raises(UserError, match=r"grid\.toml"):
        read_grid_file(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(UserError, match="no text in UTF-8"):
        read_grid_file(path)

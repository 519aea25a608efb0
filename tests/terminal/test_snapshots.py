"""The dashboard matches its snapshots; see `pictures` for how to take them again."""

import pytest

from tests.terminal.pictures import SCENES, file_of, take

pytestmark = pytest.mark.terminal


@pytest.mark.parametrize("name", SCENES)
def test_matches_its_snapshot(name: str) -> None:
    assert take(SCENES[name]) == file_of(name).read_text(encoding="utf-8")

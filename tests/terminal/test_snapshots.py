"""The dashboard matches its snapshots; see `pictures` for how to take them again."""

import pytest

from tests.support.variants import variants
from tests.terminal.pictures import SCENES, file_of, take

pytestmark = pytest.mark.terminal


@pytest.mark.parametrize("name", variants(SCENES, short=["80x24", "120x40", "counting-ones"]))
def test_matches_its_snapshot(name: str) -> None:
    expected = file_of(name).read_text(encoding="utf-8")
    assert take(SCENES[name], expected) == expected

"""The dashboard looks as on its pictures; see `pictures` for how to take them anew."""

import pytest

from tests.terminal.pictures import SCENES, file_of, take

pytestmark = pytest.mark.terminal


@pytest.mark.parametrize("name", SCENES)
def test_looks_as_on_its_picture(name: str) -> None:
    assert take(SCENES[name]) == file_of(name).read_text(encoding="utf-8")

"""For the tests of the screen: the apps that they share are closed after the last of them."""

from collections.abc import Iterator

import pytest

from tests.tui.pilot import SHARED_APPS


@pytest.fixture(scope="session", autouse=True)
def shared_apps() -> Iterator[None]:
    yield
    SHARED_APPS.close()

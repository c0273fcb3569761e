import pytest

from tests.views.synthetic import Made, made


@pytest.fixture(scope="session")
def run() -> Made:
    return made()

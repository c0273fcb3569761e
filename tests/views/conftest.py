import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from synthetic import Made, made  # noqa: E402


@pytest.fixture(scope="session")
def run() -> Made:
    return made()

from __future__ import annotations

import pytest

from tests.watch import servers


@pytest.fixture(scope="session")
def postgres_address():
    with servers.postgres() as address:
        yield address


@pytest.fixture
def broker(tmp_path):
    folder = tmp_path / "broker"
    folder.mkdir()
    broker = servers.Broker(folder)
    broker.start()
    yield broker
    broker.stop()

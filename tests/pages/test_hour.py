"""The flows of an hour as the pages are told them: the reports' figure, its sentence, the rows behind it."""

from __future__ import annotations

import asyncio

import httpx
import numpy as np
import pytest
from fastapi import FastAPI

from lodeworks.chain.entities import Chain
from lodeworks.network import compile_network
from lodeworks.pages.desk import open_desk
from lodeworks.pages.hour import hour_router
from lodeworks.watch.samples import Samples
from tests.watch.test_measured import HOUR, LIVE
from tests.watch.works import WORKS

BEGIN = 497_000 * HOUR  # a whole hour in 2026


@pytest.fixture
def asked(tmp_path):
    desk, made = open_desk(LIVE, tmp_path), []
    desk.clock = lambda: BEGIN + 3 * HOUR
    at = np.arange(BEGIN - 120_000, BEGIN + HOUR + 1, 60_000, dtype=np.int64)
    desk.history.write(Samples.of([0] * len(at), at.tolist(), at.tolist(), [30.0] * len(at), [0] * len(at)))

    def network():
        made.append(1)
        return compile_network(Chain.model_validate(WORKS))

    app = FastAPI()
    app.include_router(hour_router(desk, network))

    def ask(query: str) -> httpx.Response:
        async def one() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
                return await client.get(f"/api/hour?{query}")

        return asyncio.run(one())

    yield ask, made
    desk.close()


def test_an_hour_is_told_with_figure_sentence_and_rows_in_both_languages(asked):
    ask, _ = asked
    for language, title, other in (("en", "By mass", "washing"), ("zh", "按质量", "washing")):
        told = ask(f"language={language}&since={BEGIN}").json()
        assert told["until"] - told["since"] == HOUR
        (picture,) = told["pictures"]
        assert picture["title"] == title
        assert picture["figure"]["data"][0]["type"] == "sankey"
        assert "30" in picture["sentence"]
        assert picture["cells"][0][0] == other
        assert len(picture["headings"]) == len(picture["cells"][0])
        assert len(told["unknown"]) == 4


def test_the_chains_arrays_are_made_once_and_only_when_asked_for(asked):
    ask, made = asked
    assert made == []
    for _ in range(3):
        ask(f"language=en&since={BEGIN}")
    assert made == [1]


def test_an_hour_without_flows_and_one_that_is_not_over(asked):
    ask, _ = asked
    assert ask(f"language=en&since={BEGIN - 50 * HOUR}").json()["pictures"] == []
    assert ask(f"language=en&since={BEGIN + 3 * HOUR}").status_code == 400
    assert ask("language=en&since=-1").status_code == 422
    assert ask("language=xx&since=0").status_code == 404

"""The verbs compose the rooms: a chain goes in, a verified plan comes out, or nothing does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import lodeworks
from lodeworks import InfeasibleError, InputError, RunError, UnboundedError
from lodeworks.chain.entities import Chain

CHAIN: dict[str, Any] = {
    "chain": "works",
    "title": {"en": "Works", "zh": "工厂"},
    "horizon": {"start": "2026-01-01", "length": "1 d"},
    "sites": {"a": {"latitude": 26.6, "longitude": 104.8}},
    "commodities": {"coal": {"unit": "t"}, "coke": {"unit": "t"}},
    "supplies": {"mine": {"commodity": "coal", "price": "500 CNY/t", "source": {"price": "B01"}}},
    "processes": {"oven": {"inputs": {"coal": "1.25 t"}, "outputs": {"coke": "1 t"}, "capacity": "20 t/h",
                           "source": {"capacity": "assumed"}, "ranges": {"capacity": "10 .. 30 t/h"}}},
    "demands": {"steel": {"commodity": "coke", "price": "2000 CNY/t", "most": "25 t/h"}},
    "sources": {"B01": {"title": "A report", "value": "500"}},
}


def chain(**changes: Any) -> Chain:
    return Chain.model_validate({**CHAIN, **changes})


def test_a_plan_has_the_objective_worked_out_by_hand() -> None:
    plan = lodeworks.plan(chain())
    assert plan.objective == pytest.approx(24 * 20 * (2000 - 1.25 * 500))
    assert plan.manifest["verified"] is True
    assert plan.manifest["status"] == "optimal"


def test_the_manifest_says_what_ran_and_how_it_was_verified() -> None:
    manifest = lodeworks.plan(chain(), command="lodeworks plan works").manifest
    assert set(manifest["residuals"]) >= {"primal", "dual", "gap"}
    assert set(manifest["size"]) == {"columns", "rows", "nonzeros", "integers"}
    assert set(manifest["timings"]) >= {"read", "compile", "assemble", "solve", "verify", "write"}
    assert manifest["objective"]["unit"] == "CNY"
    assert manifest["solver"]["name"] == "HiGHS"
    assert manifest["command"] == "lodeworks plan works"
    assert len(manifest["chain_hash"]) == 64
    assert manifest["versions"]["highspy"]
    json.dumps(manifest)


def test_the_hash_follows_the_chain_and_nothing_else() -> None:
    first, again = (lodeworks.plan(chain()).manifest["chain_hash"] for _ in range(2))
    assert first == again
    assert first != lodeworks.plan(chain(note="changed")).manifest["chain_hash"]


def test_a_run_written_reads_back_the_same(tmp_path: Path) -> None:
    plan = lodeworks.plan(chain(), out=tmp_path / "run")
    run = lodeworks.read_run(tmp_path / "run")
    assert run.manifest == json.loads(json.dumps(plan.manifest))
    assert set(run.tables) == set(plan.tables)
    for name in plan.tables:
        assert run.table(name).equals(plan.table(name)), name
    assert Chain.model_validate(run.chain) == chain()


def test_the_manifest_names_every_column_of_every_table() -> None:
    plan = lodeworks.plan(chain())
    for name in plan.tables:
        assert plan.manifest["tables"][name] == plan.table(name).columns


def test_sources_and_assumptions_go_with_the_run() -> None:
    plan = lodeworks.plan(chain())
    assert plan.table("sources")["id"].to_list() == ["B01"]
    assumed = plan.table("assumptions").filter(element="processes.oven").row(0)
    assert assumed == ("processes.oven", "capacity", "20 t/h", "assumed", "10 .. 30 t/h")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"demands": {"steel": {"commodity": "coke", "amount": "30 t/h", "price": "1 CNY/t"}}}, (InputError, InfeasibleError)),
        ({"processes": {"oven": {"inputs": {"coal": "1.25 t"}, "outputs": {"coke": "1 t"}}},
          "demands": {"steel": {"commodity": "coke", "price": "2000 CNY/t"}}}, (UnboundedError,)),
        ({"processes": {"oven": {"inputs": {"coal": "1.25 kWh"}, "outputs": {"coke": "1 t"}}}}, (InputError,)),
    ],
)
def test_nothing_is_written_where_there_is_no_plan(
    changes: dict[str, Any], error: tuple[type[Exception], ...], tmp_path: Path
) -> None:
    with pytest.raises(error):
        lodeworks.plan(chain(**changes), out=tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_is_taken_is_refused_before_the_work(tmp_path: Path) -> None:
    lodeworks.plan(chain(), out=tmp_path / "run")
    before = (tmp_path / "run" / "manifest.json").read_text()
    with pytest.raises(RunError):
        lodeworks.plan(chain(note="other"), out=tmp_path / "run")
    assert (tmp_path / "run" / "manifest.json").read_text() == before
    lodeworks.plan(chain(note="other"), out=tmp_path / "run", replace=True)
    assert (tmp_path / "run" / "manifest.json").read_text() != before


def test_a_plan_shows_itself_in_one_line() -> None:
    assert repr(lodeworks.plan(chain())) == "Plan('works', optimal, profit 660,000 CNY, verified)"


def test_a_notebook_gets_a_summary_and_a_picture() -> None:
    html = lodeworks.plan(chain())._repr_html_()
    assert html is not None
    assert "660" in html
    assert "plotly" in html


def test_the_verb_plan_stays_when_the_engines_folder_is_imported() -> None:
    from lodeworks.plan import optimise

    assert callable(lodeworks.plan)
    assert optimise.__module__ == "lodeworks.plan.engine"


def test_faults_of_reading_and_of_meaning_are_told_at_once(tmp_path: Path) -> None:
    data = json.loads(json.dumps(CHAIN))
    data["processes"]["oven"]["capcity"] = "3 t/h"
    data["supplies"]["mine"]["price"] = "500 CNY/kWh"
    data["demands"]["steel"]["most"] = "-3 t/h"
    (tmp_path / "works.json").write_text(json.dumps(data), encoding="utf-8")
    found = lodeworks.check(tmp_path / "works.json")
    assert {p.element for p in found if p.severity == "error"} == {"processes.oven", "supplies.mine", "demands.steel"}
    with pytest.raises(InputError) as caught:
        lodeworks.plan(tmp_path / "works.json")
    assert len(caught.value.problems) == 3


def test_a_short_horizon_that_is_to_be_planned_within_a_share_begins_with_all_its_steps() -> None:
    oven = {**CHAIN["processes"]["oven"], "expansion": {"most": "2 t/h", "cost": "1 MCNY/(t/h)", "life": "20 a"}}
    certified = lodeworks.plan(chain(processes={"oven": oven}), within=0.01).manifest["certified"]
    assert (certified["pieces"], certified["rounds"]) == (24, 1)

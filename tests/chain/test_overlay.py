"""Changes reach what they name, and nothing else; a slip of the pen is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from lodeworks.chain import Chain, read_chain, read_with_origin
from lodeworks.chain.entities import Quantity, Varying
from lodeworks.errors import InputError

BASE = """\
chain: base
horizon: {start: 2026-01-01, length: 1 d}
commodities: {coal: {unit: t}, coke: {unit: t}}
processes:
  coking: {inputs: {coal: 1.37 t}, outputs: {coke: {amount: 1 t, lag: 2 h}}, capacity: 3.8 Mt/a, cost: 10 CNY/t}
demands:
  steel: {commodity: coke, amount: 100 t/h, tiers: [{most: 1 t/h, price: 5}, {price: 3}]}
policies:
  cap: {sum: {coking.coke: 1}, most: 5 Mt}
profiles:
  p: {daily: [1, 2]}
"""


@pytest.fixture
def base(tmp_path: Path) -> Path:
    (tmp_path / "base.yaml").write_text(BASE, encoding="utf-8")
    return tmp_path / "base.yaml"


def over(base: Path, text: str) -> Chain:
    path = base.with_name("over.yaml")
    path.write_text("overlay: base.yaml\n" + text, encoding="utf-8")
    return read_chain(path)


def faults(base: Path, text: str = "", sets: tuple[str, ...] = ()) -> str:
    with pytest.raises(InputError) as caught:
        over(base, text) if text else read_chain(base, sets=sets)
    return str(caught.value)


def test_an_overlay_changes_only_what_it_names(base: Path) -> None:
    chain = over(base, "processes: {coking: {capacity: 5 Mt/a, inputs: {coal: 1.4 t}}}\n")
    before = read_chain(base)
    assert chain.processes["coking"].capacity == Quantity(5.0, "Mt/a")
    assert chain.processes["coking"].inputs["coal"].amount.times == Quantity(1.4, "t")
    assert chain.processes["coking"].outputs == before.processes["coking"].outputs
    assert chain.demands == before.demands


def test_nothing_takes_away(base: Path) -> None:
    chain = over(base, "demands: {steel: null}\nprocesses: {coking: {capacity: , outputs: {coke: {lag: null}}}}\n")
    assert chain.demands == {}
    assert chain.processes["coking"].capacity is None
    assert chain.processes["coking"].outputs["coke"].lag is None
    assert chain.processes["coking"].outputs["coke"].amount.times == Quantity(1.0, "t")


def test_an_overlay_may_add_whole_elements(base: Path) -> None:
    chain = over(base, "supplies: {mine: {commodity: coal}}\nprocesses: {gasifier: {inputs: {coal: 1}}}\n")
    assert "mine" in chain.supplies
    assert list(chain.processes) == ["coking", "gasifier"]


def test_a_change_to_what_is_not_there_is_told(base: Path) -> None:
    message = faults(base, "processes: {cokin: {capacity: 5 Mt/a}}\ndemands: {stel: null}\n")
    assert "over.yaml:2 processes.cokin" in message
    assert "did you mean 'coking'" in message
    assert "did you mean 'steel'" in message


def test_an_overlay_is_checked_as_the_file_is(base: Path) -> None:
    message = faults(base, "processes: {coking: {capcity: 5, on_off: yes}}\nproceses: {}\n")
    assert "over.yaml:2 processes.coking.capcity: unknown key" in message
    assert "over.yaml:2 processes.coking.on_off" in message
    assert "did you mean 'processes'" in message


def test_another_form_of_a_profile_replaces_the_first(base: Path) -> None:
    profile = over(base, "profiles: {p: {monthly: [3]}}\n").profiles["p"]
    assert (profile.daily, profile.monthly) == ([], [3.0])


def test_overlays_of_overlays_and_on_the_command_line_add_up(base: Path) -> None:
    base.with_name("one.yaml").write_text("overlay: base.yaml\nchain: one\nprocesses: {coking: {capacity: 1 t/h}}\n", encoding="utf-8")
    base.with_name("two.yaml").write_text("overlay: one.yaml\nprocesses: {coking: {cost: 1}}\n", encoding="utf-8")
    base.with_name("three.yaml").write_text("processes: {coking: {capacity: 3 t/h}}\n", encoding="utf-8")
    two = read_chain(base.with_name("two.yaml"))
    assert (two.chain, two.processes["coking"].capacity) == ("one", Quantity(1.0, "t/h"))
    three = read_chain(base.with_name("two.yaml"), overlays=[base.with_name("three.yaml")], sets=["chain=three"])
    assert (three.chain, three.processes["coking"].capacity) == ("three", Quantity(3.0, "t/h"))


def test_settings_reach_every_depth(base: Path) -> None:
    chain, origin = read_with_origin(base, sets=[
        "processes.coking.capacity=20t/d", "processes.coking.inputs.coal=1.5 t", "processes.coking.outputs.coke.amount=2 t",
        "processes.coking.expansion.most=5 t/h", "processes.coking.cost={profile: p, times: 3 CNY/t}", "horizon.length=2 d",
        "policies.cap.sum.coking.coke=2", "demands.steel.tiers.2.price=4", "processes.coking.title.zh=焦化", "note=a=b",
        "objective=cost", "investment.budget=1 亿元",
    ])
    coking = chain.processes["coking"]
    assert coking.capacity == Quantity(20.0, "t/d")
    assert coking.inputs["coal"].amount.times == Quantity(1.5, "t")
    assert coking.outputs["coke"].amount.times == Quantity(2.0, "t")
    assert coking.outputs["coke"].lag is not None
    assert coking.expansion is not None
    assert coking.cost == Varying(profile="p", times=Quantity(3.0, "CNY/t"))
    assert coking.title.zh == "焦化"
    assert chain.policies["cap"].sum == {"coking.coke": Quantity(2.0)}
    assert chain.demands["steel"].tiers[1].price == Varying(times=Quantity(4.0))
    assert (chain.note, chain.objective.goal) == ("a=b", "cost")
    assert origin.locate("processes.coking", "capacity") == "--set processes.coking.capacity=20t/d"


def test_a_setting_of_nothing_takes_away(base: Path) -> None:
    chain = read_chain(base, sets=["demands.steel=", "processes.coking.capacity=null"])
    assert chain.demands == {}
    assert chain.processes["coking"].capacity is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("processes.cokin.capacity=5", "did you mean 'coking'"), ("processes.coking.capcity=5", "did you mean 'capacity'"),
        ("proceses.coking.capacity=5", "did you mean 'processes'"), ("processes.coking.capacity.x=5", "has no parts"),
        ("processes.coking.capacity=lots", "'lots'"), ("capacity", "not a setting"), ("=5", "not a setting"),
        ("stores.tank.capacity=5", "none are given in stores"), ("demands.steel.tiers.3.price=5", "1 to 2"),
        ("processes..capacity=5", "not a setting"), ("processes.coking.inputs={coal: 1", "not YAML"),
    ],
)
def test_a_wrong_setting_is_told(base: Path, text: str, told: str) -> None:
    message = faults(base, sets=(text,))
    assert told in message
    assert f"--set {text}" in message

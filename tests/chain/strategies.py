"""Random valid chains: every attribute of every entity, with names and texts that doors like to break."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, get_args, get_origin

from hypothesis import strategies as st

from lodeworks.chain.conform import bare_type, is_entity
from lodeworks.chain.entities import Blend, Chain, Flow, Lag, Quantity, Title, Varying, attributes_of, sections

UNITS = ["", "t", "t/h", "Mt/a", "kWh", "Nm3/h", "MCNY per t/d", "%", "%/a", "万吨/年", "亿元", "元/吨", "degC", "kg/km", "吨标煤"]
AWKWARD = ["no", "on", "yes", "null", "~", "true", "False", "08:00", "1e3", "007", "12", "0x1F", ".5", "+3", "-", "- a",
           "name", "焦炉煤气", "六盘水 水城", "a: b", "{a}", "[b]", "*x", "&y", "#c", '"q"', "'q'", "a,b;c", "=1+1", "@x",
           "for", "lambda", "class", "2026-01-01", "<<", "?", "%", "nan", "inf", "overlay", "chain", "x [t]", "_x0041_"]

characters = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=".")
names = st.one_of(
    st.sampled_from(AWKWARD).filter(lambda text: "." not in text),
    st.text(characters, min_size=1, max_size=8).filter(lambda text: text == text.strip() and text.strip() != ""),
)
texts = st.one_of(st.sampled_from(AWKWARD), st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
numbers = st.floats(allow_nan=False, allow_infinity=False)
common_numbers = st.one_of(st.integers(-1000, 10**6).map(float), numbers)
quantities = st.builds(Quantity, common_numbers, st.sampled_from(UNITS))


@st.composite
def varyings(draw: st.DrawFn) -> Varying:
    """A constant, a profile, or one times the other."""
    form = draw(st.integers(0, 2))
    return Varying(profile=draw(names) if form else "", times=draw(quantities) if form != 1 else None)


def of(annotation: Any) -> st.SearchStrategy[Any]:
    """Return values of a type of the attribute table."""
    kind = bare_type(annotation)
    origin = get_origin(kind)
    if origin is dict:
        key, item = get_args(kind)
        return st.dictionaries(names if key is not str else st.one_of(names, texts), of(item), max_size=3)
    if origin is list:
        item = get_args(kind)[0]
        return st.lists(names if get_origin(item) is Annotated else of(item), max_size=4)
    if kind is Varying:
        return varyings()
    if kind is Lag:
        return st.one_of(quantities.map(lambda q: Lag(shares={str(q): Quantity(1.0)})),
                         st.dictionaries(quantities.map(str), quantities, max_size=3).map(lambda s: Lag(shares=s)))
    if kind is Flow:
        return st.builds(Flow, amount=varyings(), lag=st.none() | of(Lag))
    if kind is Title:
        return st.builds(Title, en=texts, zh=texts)
    if is_entity(kind):
        return entities(kind)
    plain: dict[Any, st.SearchStrategy[Any]] = {
        Quantity: quantities, str: texts, bool: st.booleans(), float: common_numbers,
        int: st.integers(-3000, 3000),
        dt.datetime: st.one_of(st.dates().map(lambda d: dt.datetime.combine(d, dt.time())), st.datetimes()),
    }
    return plain[kind]


@st.composite
def entities(draw: st.DrawFn, kind: Any, most: int = 5) -> Any:
    """An entity with what it requires and a few of its other attributes."""
    table = attributes_of(kind)
    optional = [key for key, attribute in table.items() if not attribute.required]
    chosen = draw(st.lists(st.sampled_from(optional), unique=True, max_size=most)) if optional else []
    values = {}
    for key, attribute in table.items():
        if attribute.required or key in chosen:
            inner = names if str(attribute.annotation) == "<class 'str'>" and attribute.required else of(attribute.annotation)
            values[key] = draw(inner)
    values.pop("table", None)
    values.pop("column", None)
    if kind is Blend and not values["from"]:
        values["from"] = [draw(names)]  # a blend of nothing is none
    return kind.model_validate(values)


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    """A chain of a few sections; now and then with a profile too long for one line."""
    kinds = sections()
    chosen = draw(st.lists(st.sampled_from(sorted(kinds)), unique=True, max_size=4))
    values: dict[str, Any] = {"chain": draw(names), "horizon": draw(entities(attributes_of(Chain)["horizon"].annotation))}
    for key in ("title", "note", "currency", "objective", "investment"):
        if draw(st.booleans()):
            values[key] = draw(of(attributes_of(Chain)[key].annotation))
    for section in chosen:
        item = texts if kinds[section] is str else entities(kinds[section])
        values[section] = draw(st.dictionaries(names, item, min_size=1, max_size=3))
    if draw(st.booleans()):
        long = draw(st.dictionaries(names, st.lists(common_numbers, min_size=2, max_size=4), min_size=1, max_size=2))
        profiles = dict(values.get("profiles", {}))
        for count, (name, pattern) in enumerate(long.items()):
            profiles[name] = {"values": pattern * (30 + count), "unit": "CNY/kWh"}
        values["profiles"] = profiles
    return Chain.model_validate(values)

"""What every entity is made of: the attribute with its title in two languages, its meaning and its measure.

The pydantic models of this folder are the one table of attributes: reading, the JSON Schema, workbook
headings, messages and the reference page all walk it through `attributes_of`. No entity is defined here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, cast, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    model_serializer,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from lodeworks.units import Quantity

__all__ = ["Attribute", "Element", "Entity", "Flow", "Lag", "Measure", "Name", "Title", "Varying", "attr", "attributes_of"]


class Measure(StrEnum):
    """What an attribute's number measures; with the element's commodity it fixes the canonical unit."""

    NUMBER = "number"
    FRACTION = "fraction"
    DURATION = "duration"
    LENGTH = "length"
    SPEED = "speed"
    TEMPERATURE = "temperature"
    COOLING = "temperature per time"
    FRACTION_PER_TIME = "fraction per time"
    AMOUNT = "amount"  # of the element's commodity
    ANY_AMOUNT = "amount of the commodity it names"
    RATE = "amount per time"
    PRICE = "money per amount"
    HOLDING = "money per amount and time"
    FREIGHT = "money per amount and distance"
    MONEY = "money"
    MONEY_PER_LENGTH = "money per distance"
    MONEY_PER_TIME = "money per time"
    CAPACITY_COST = "money per capacity"
    CAPACITY_COST_PER_TIME = "money per capacity and time"
    MASS_PER_UNIT = "mass per amount"
    ENERGY_PER_UNIT = "energy per amount"
    PAYLOAD = "amount a vehicle carries"
    ANGLE = "angle"
    CONSUMPTION = "amount of fuel per distance"
    FUEL_AMOUNT = "amount of fuel"
    FUEL_RATE = "amount of fuel per time"
    POOL_AMOUNT = "amount of the pool"
    POOL_USE = "amount of the pool per rate"
    POLICY_AMOUNT = "amount of the policy's sum"
    QUALITY = "quality figure"
    PROFILE = "what the profile's user measures"
    READING = "what the tag reads"




def attr(
    title: str,
    zh: str,
    description: str,
    *,
    measure: Measure | None = None,
    default: Any = None,
    factory: Any = None,
    alias: str | None = None,
    required: bool = False,
    ref: str = "",
) -> Any:
    """Declare an attribute: titles in English and Chinese, what it means, and what it measures.

    `ref` names the section whose names the value (or the keys of the value) must come from.
    """
    extra: dict[str, Any] = {"zh": zh}
    if measure is not None:
        extra["measure"] = str(measure)
    if ref:
        extra["ref"] = ref
    arguments: dict[str, Any] = {"title": title, "description": description, "json_schema_extra": extra}
    if alias is not None:
        arguments["alias"] = alias
    if factory is not None:
        arguments["default_factory"] = factory
    elif not required:
        arguments["default"] = default
    return Field(**arguments)


def _valid_name(name: str) -> str:
    if not name.strip() or name != name.strip():
        raise ValueError("a name must not be empty or begin or end with a space")
    if re.search(r"[.\x00-\x1f\x7f]", name):
        raise ValueError("a name must not hold a point or a control character")
    return name


Name = Annotated[str, AfterValidator(_valid_name)]


class Entity(BaseModel):
    """A record of a chain: unknown keys are errors, and what was not written is not written back."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, ser_json_inf_nan="constants")

    @model_serializer(mode="wrap")
    def _without_defaults(self, handler: Any) -> dict[str, Any]:
        """Leave out what equals its default, and use the names people write (``from``, not ``from_``)."""
        full = cast(dict[str, Any], handler(self))
        kept: dict[str, Any] = {}
        for name, field in type(self).model_fields.items():
            if getattr(self, name) != field.get_default(call_default_factory=True):
                key = field.alias or name
                kept[key] = full[key] if key in full else full[name]
        return kept


class Title(Entity):
    """A name for people, in English and Chinese."""

    en: str = attr("English", "英文", "The English title.", default="")
    zh: str = attr("Chinese", "中文", "The Chinese title.", default="")

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        """Take plain text for the language it is written in."""
        if isinstance(value, str):
            return {"zh" if re.search(r"[一-鿿]", value) else "en": value}
        return value

    def text(self, language: str, fallback: str) -> str:
        """Return the title in `language`, else in the other, else `fallback`."""
        first, second = (self.zh, self.en) if language == "zh" else (self.en, self.zh)
        return first or second or fallback


class Element(Entity):
    """What all named things of a chain share."""

    title: Title = attr("title", "名称", "Name shown to people, one text or {en, zh}.", factory=Title)
    note: str = attr("note", "备注", "Free text for readers of the file.", default="")
    source: dict[str, str] = attr(
        "source", "来源", "For each attribute: the rows of `sources` its number comes from, or `assumed`; "
        "one text for all.", factory=dict,
    )
    ranges: dict[str, str] = attr(
        "ranges", "取值范围", "For each attribute: the plausible range, `low .. high` with a unit.", factory=dict
    )

    @model_validator(mode="before")
    @classmethod
    def _one_source_for_all(cls, value: object) -> object:
        if isinstance(value, dict) and isinstance(value.get("source"), str):
            return {**value, "source": {"*": value["source"]}}
        return value


def _looks_like_quantity(text: str) -> bool:
    return re.match(r"\s*[+-]?[.\d]", text) is not None


class Varying(Entity):
    """A number that may change over time: a quantity, or a profile times a quantity."""

    profile: str = attr("profile", "曲线", "Name of a profile or calendar.", default="", ref="profiles")
    times: Quantity | None = attr(
        "times", "倍数", "What the profile is multiplied by.", measure=Measure.PROFILE
    )

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        """Take a quantity as a constant, and any other text as the name of a profile."""
        if isinstance(value, Quantity | int | float) and not isinstance(value, bool):
            return {"times": value}
        if isinstance(value, str):
            if _looks_like_quantity(value):
                return {"times": value}
            return {"profile": value}
        return value

    @model_validator(mode="after")
    def _says_something(self) -> Varying:
        if not self.profile and self.times is None:
            raise ValueError("expected a quantity, the name of a profile, or {profile, times}")
        return self

    @model_serializer(mode="plain")
    def _as_text(self) -> Any:
        if self.profile and self.times is not None:
            return {"profile": self.profile, "times": _written(self.times)}
        if self.profile and _looks_like_quantity(self.profile):
            return {"profile": self.profile}
        return self.profile or _written(cast(Quantity, self.times))


def _written(quantity: Quantity) -> str | float:
    return str(quantity) if quantity.unit else quantity.value


class Lag(Entity):
    """A delay: one time, or shares that come out after different times."""

    shares: dict[str, Quantity] = attr(
        "shares", "滞后分布", "Time to the share that comes out after it; shares add to one.", factory=dict
    )

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        if isinstance(value, str | int | float | Quantity) and not isinstance(value, bool):
            return {"shares": {str(value): Quantity(1.0)}}
        if isinstance(value, dict) and set(value) != {"shares"}:
            return {"shares": value}
        return value

    @model_serializer(mode="plain")
    def _as_text(self) -> Any:
        if len(self.shares) == 1 and next(iter(self.shares.values())) == Quantity(1.0):
            return next(iter(self.shares))
        return {time: _written(share) for time, share in self.shares.items()}


class Flow(Entity):
    """An amount of a commodity in a process's recipe, which may change over time, and how late it flows."""

    amount: Varying = attr(
        "amount", "数量", "Amount, in proportion to that of the process's reference commodity; a profile where it changes over "
        "time, such as a heat pump's heat or a washery's yield.",
        measure=Measure.ANY_AMOUNT, required=True,
    )
    lag: Lag | None = attr(
        "lag", "滞后", "Time from running to this flow: one time, or shares `{0 h: 30 %, 2 h: 70 %}`.",
        measure=Measure.DURATION,
    )
    site: str = attr("site", "场所", "Where it flows; at the process's site unless given.", default="", ref="sites")

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        if isinstance(value, str | int | float | Quantity | Varying) and not isinstance(value, bool):
            return {"amount": value}
        if isinstance(value, dict) and value and set(value) <= set(Varying.model_fields):
            return {"amount": value}
        return value

    @model_serializer(mode="plain")
    def _as_text(self) -> Any:
        if self.lag is None and not self.site:
            return self.amount.model_dump()
        kept: dict[str, Any] = {"amount": self.amount.model_dump()}
        if self.lag is not None:
            kept["lag"] = self.lag.model_dump()
        if self.site:
            kept["site"] = self.site
        return kept


@dataclass(frozen=True, slots=True)
class Attribute:
    """One row of the attribute table."""

    key: str
    title: str
    zh: str
    description: str
    measure: Measure | None
    ref: str
    required: bool
    default: Any
    annotation: Any
    field: str

    @property
    def entity(self) -> type[Entity] | None:
        """The entity this attribute holds, if it holds one (not in a list or mapping)."""
        return next((t for t in _types_of(self.annotation) if isinstance(t, type) and issubclass(t, Entity)), None)


def _types_of(annotation: Any) -> Iterator[Any]:
    from types import UnionType
    from typing import Union, get_origin

    if get_origin(annotation) in (Union, UnionType):
        for part in get_args(annotation):
            yield from _types_of(part)
    elif get_origin(annotation) is Annotated:
        yield from _types_of(get_args(annotation)[0])
    else:
        yield annotation


@cache
def attributes_of(entity: type[BaseModel]) -> Mapping[str, Attribute]:
    """Return the attribute table of an entity, by the key people write; made once, as every cell of a table asks."""
    return {(field.alias or name): _attribute(name, field) for name, field in entity.model_fields.items()}


def _attribute(name: str, field: FieldInfo) -> Attribute:
    extra: Mapping[str, Any] = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    default = field.get_default(call_default_factory=True)
    return Attribute(
        key=field.alias or name,
        title=field.title or name,
        zh=str(extra.get("zh", "")),
        description=field.description or "",
        measure=Measure(extra["measure"]) if "measure" in extra else None,
        ref=str(extra.get("ref", "")),
        required=field.is_required(),
        default=None if default is PydanticUndefined else default,
        annotation=field.annotation,
        field=name,
    )

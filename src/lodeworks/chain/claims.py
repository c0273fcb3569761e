"""Claims: what a report prints, recomputed with units. Each holds, fails, or needs an assumption and says which.

A claim gives numbers with their units and says comparisons between expressions of them. Numbers that are not
printed are either `assumed` (a range: the verdict must be the same over all of it) or `missing` (the value
they would need is worked out). How verdicts are shown is for the views.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lodeworks.errors import InputError, Problem, nearest
from lodeworks.units import Quantity, UnitProblem, Units, parse_quantity

__all__ = ["Claim", "Verdict", "evaluate", "read_claims"]

_KEYS = ("title", "given", "assumed", "missing", "says", "about", "holds_at", "unit", "note", "source")
_COMPARED = {ast.Eq: "==", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}


@dataclass(frozen=True)
class Claim:
    """A printed claim as read.

    `given` are printed numbers, `assumed` names with (low, high), `missing` names without a number,
    `about` the relative difference within which ``==`` holds, `holds_at` numbers at which it is tried again.
    `words` are what names of numbers are in Chinese.
    """

    id: str
    title: Mapping[str, str]
    note: Mapping[str, str]
    given: Mapping[str, Quantity]
    assumed: Mapping[str, tuple[Quantity, Quantity]]
    missing: Mapping[str, str]
    says: tuple[str, ...]
    about: float
    holds_at: Mapping[str, Quantity]
    unit: str
    units: Units
    words: Mapping[str, str]

    def named(self, name: str, language: str) -> str:
        """Return what a number is called: in Chinese as the file's `words` say, else by its name."""
        return (self.words.get(name) if language == "zh" else None) or name.replace("_", " ")


@dataclass(frozen=True)
class Verdict:
    """What became of a claim: ``holds``, ``fails`` or ``needs assumption``, with both numbers as text."""

    id: str
    title_en: str
    title_zh: str
    verdict: str
    printed: str
    computed: str
    computed_zh: str
    note_en: str
    note_zh: str


@dataclass(frozen=True)
class _Number:
    """A number in base units and the powers of its dimensions."""

    value: float
    powers: tuple[tuple[str, float], ...] = ()


# ---- reading ----------------------------------------------------------------------------------------


def read_claims(path: str | Path) -> tuple[Claim, ...]:
    """Read a file of claims.

    Raises
    ------
    InputError
        With every fault of the file.
    """
    from lodeworks.chain.yaml import decode, load_yaml, read_bytes

    path = Path(path)
    data = load_yaml(decode(read_bytes(path), path.name), path.name)
    if not isinstance(data, dict) or not isinstance(data.get("claims"), dict):
        raise InputError(Problem("no claims", file=path.name, expected="claims: with a mapping of claims by their id"))
    units = Units({str(k): str(v or "") for k, v in (data.get("units") or {}).items()})
    words = {str(k): str(v or "") for k, v in (data.get("words") or {}).items()}
    claims, problems = [], []
    for name, body in data["claims"].items():
        try:
            claims.append(_claim(str(name), body, units, words))
        except _Fault as fault:
            problems += [_at(problem, path.name) for problem in fault.problems]
    if problems:
        raise InputError(problems)
    return tuple(claims)


class _Fault(Exception):
    def __init__(self, *problems: Problem) -> None:
        super().__init__()
        self.problems = problems


def _at(problem: Problem, file: str) -> Problem:
    return Problem(**{**problem.as_dict(), "file": file})


def _claim(name: str, body: object, units: Units, words: Mapping[str, str]) -> Claim:
    where = f"claims.{name}"
    if not isinstance(body, dict):
        raise _Fault(Problem("a claim is a mapping", element=where, found=str(body), expected=", ".join(_KEYS)))
    problems = [
        Problem("unknown key", element=where, key=str(key), expected=", ".join(_KEYS),
                suggestion=nearest(str(key), _KEYS))
        for key in body if key not in _KEYS
    ] + [
        Problem("unknown key", element=where, key=f"{texts}.{key}",
                expected="en and zh; a text with a comma stands between quotation marks")
        for texts in ("title", "note") for key in _mapping(body, texts) if key not in ("en", "zh")
    ]

    def quantity(key: str, text: object) -> Quantity:
        try:
            found = parse_quantity(text)
            units.base(found)
        except (ValueError, UnitProblem) as error:
            problems.append(Problem(str(error), element=where, key=key, found=str(text)))
            return Quantity(0.0)
        return found

    given = {str(k): quantity(f"given.{k}", v) for k, v in _mapping(body, "given").items()}
    held = {str(k): quantity(f"holds_at.{k}", v) for k, v in _mapping(body, "holds_at").items()}
    assumed = {}
    for key, text in _mapping(body, "assumed").items():
        low, _, high = str(text).partition("..")
        unit = quantity(f"assumed.{key}", high or low).unit
        low_text = low if any(c.isalpha() or c == "%" for c in low) else f"{low} {unit}"
        assumed[str(key)] = (quantity(f"assumed.{key}", low_text.strip()), quantity(f"assumed.{key}", high or low))
    missing = {str(k): str(v or "") for k, v in _mapping(body, "missing").items()}
    says = body.get("says") or []
    says = [says] if isinstance(says, str) else says
    claim = Claim(
        name, _texts(body.get("title"), name), _texts(body.get("note"), ""), given, assumed, missing,
        tuple(str(text) for text in says), units.convert(quantity("about", body.get("about", "2 %")), ""), held,
        str(body.get("unit") or ""), units, words,
    )
    if not claim.says:
        problems.append(Problem("a claim says nothing", element=where, key="says",
                                expected="a comparison such as a == b"))
    if claim.unit and not units.known(claim.unit):
        problems.append(Problem(f"unknown unit {claim.unit!r}", element=where, key="unit"))
    if not problems:
        problems += _tried(claim)
    if problems:
        raise _Fault(*problems)
    return claim


def _mapping(body: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = body.get(key)
    return value if isinstance(value, dict) else {}


def _texts(value: object, fallback: str) -> dict[str, str]:
    if isinstance(value, dict):
        return {"en": str(value.get("en", fallback)), "zh": str(value.get("zh", value.get("en", fallback)))}
    text = str(value) if value else fallback
    return {"en": text, "zh": text}


def _tried(claim: Claim) -> Iterator[Problem]:
    """Evaluate once at any values, so that a faulty expression is a fault of the file."""
    names = {**claim.given, **{k: low for k, (low, _) in claim.assumed.items()}}
    for key in claim.holds_at:
        if key not in claim.given:
            yield Problem("not a given number", element=f"claims.{claim.id}", key=f"holds_at.{key}",
                          suggestion=nearest(key, claim.given))
    for text in claim.says:
        try:
            _sides(claim, text, {**names, **{k: _unit_of_missing(claim, k) for k in claim.missing}})
        except (_Refused, UnitProblem) as error:
            yield Problem(str(error), element=f"claims.{claim.id}", key="says", found=text)


# ---- expressions ------------------------------------------------------------------------------------


class _Refused(Exception):
    """An expression holds something it must not, or numbers that do not go together."""


def _sides(claim: Claim, text: str, names: Mapping[str, Quantity]) -> tuple[_Number, str, _Number]:
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise _Refused("not a comparison such as a == b * c") from None
    if not isinstance(tree, ast.Compare) or len(tree.ops) != 1 or type(tree.ops[0]) not in _COMPARED:
        raise _Refused("not one comparison with ==, <, <=, > or >=")
    left, right = (_value(side, claim.units, names) for side in (tree.left, tree.comparators[0]))
    if left.powers != right.powers:
        raise _Refused(f"the two sides differ in dimension: {_words(left)} and {_words(right)}")
    return left, _COMPARED[type(tree.ops[0])], right


def _value(node: ast.expr, units: Units, names: Mapping[str, Quantity]) -> _Number:
    """Work out an expression of names, numbers, ``+ - * / **``, ``min`` and ``max``; nothing else is known."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return _Number(float(node.value))
    if isinstance(node, ast.Name):
        if node.id not in names:
            raise _Refused(f"unknown name {node.id!r}")
        value, powers = units.base(names[node.id])
        return _Number(value, tuple(sorted(powers.items())))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _value(node.operand, units, names)
        return _Number(-inner.value, inner.powers)
    if isinstance(node, ast.BinOp):
        return _combined(node.op, _value(node.left, units, names), _value(node.right, units, names))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("min", "max"):
        parts = [_value(argument, units, names) for argument in node.args]
        if not parts or node.keywords or any(part.powers != parts[0].powers for part in parts):
            raise _Refused(f"{node.func.id} takes numbers of one dimension")
        chosen = (min if node.func.id == "min" else max)(part.value for part in parts)
        return _Number(chosen, parts[0].powers)
    raise _Refused("only names, numbers, + - * / **, min and max may be used")


def _combined(operation: ast.operator, left: _Number, right: _Number) -> _Number:
    if isinstance(operation, ast.Add | ast.Sub):
        if left.powers != right.powers:
            raise _Refused(f"{_words(left)} and {_words(right)} do not add up")
        sign = 1.0 if isinstance(operation, ast.Add) else -1.0
        return _Number(left.value + sign * right.value, left.powers)
    if isinstance(operation, ast.Mult | ast.Div):
        sign = 1.0 if isinstance(operation, ast.Mult) else -1.0
        if sign < 0.0 and right.value == 0.0:
            raise _Refused("a division by nought")
        powers = dict(left.powers)
        for name, power in right.powers:
            powers[name] = powers.get(name, 0.0) + sign * power
        kept = tuple(sorted((name, power) for name, power in powers.items() if abs(power) > 1e-12))
        return _Number(left.value * right.value if sign > 0.0 else left.value / right.value, kept)
    if isinstance(operation, ast.Pow):
        if right.powers or abs(right.value) > 100.0 or left.value < 0.0:
            raise _Refused("a power must be a plain number of at most 100, of a number not below nought")
        return _Number(left.value**right.value, tuple((name, power * right.value) for name, power in left.powers))
    raise _Refused("only + - * / ** may be used")


def _words(number: _Number) -> str:
    return " ".join(f"{name.strip('[]')}^{power:g}" for name, power in number.powers) or "a plain number"


# ---- verdicts ---------------------------------------------------------------------------------------


def evaluate(claims: tuple[Claim, ...]) -> tuple[Verdict, ...]:
    """Return the verdict of each claim, computed from its numbers."""
    return tuple(_verdict(claim) for claim in claims)


def _verdict(claim: Claim) -> Verdict:
    results = [_holds(claim, {**claim.given, **corner}) for corner in _corners(claim)]
    needed = _needed(claim, claim.given)
    if claim.missing:
        verdict = _verdict_of_missing(claim, needed)
    elif all(results):
        verdict = "holds"
    else:
        verdict = "needs assumption" if any(results) else "fails"
    middle = {**claim.given, **{k: _between(low, high) for k, (low, high) in claim.assumed.items()}}
    printed, computed, computed_zh = _both(claim, middle)
    if claim.missing:
        told = {name: f"{_digits(value)} {claim.missing[name]}".rstrip() for name, value in needed.items()}
        computed = "; ".join(f"needs {claim.named(name, 'en')} = {value}" for name, value in told.items())
        computed_zh = "；".join(f"须{claim.named(name, 'zh')} = {value}" for name, value in told.items())
    elif verdict == "needs assumption":
        ranges = [(k, f"{low} .. {high}") for k, (low, high) in claim.assumed.items()]
        computed += " (" + ", ".join(f"{k} {text}" for k, text in ranges) + ")"
        computed_zh += "（" + "，".join(f"{claim.named(k, 'zh')} {text}" for k, text in ranges) + "）"
    notes = dict(claim.note)
    if verdict == "fails" and claim.holds_at and _holds(claim, {**middle, **claim.holds_at}):
        at = ", ".join(str(q) for q in claim.holds_at.values())
        computed, computed_zh = f"{computed} (holds at {at})", f"{computed_zh}（{at} 时成立）"
    return Verdict(claim.id, claim.title["en"], claim.title["zh"], verdict, printed, computed, computed_zh,
                   notes["en"], notes["zh"])


def _corners(claim: Claim) -> Iterator[dict[str, Quantity]]:
    """Yield every corner and the middle of the assumed ranges, missing numbers standing at one."""
    rest = {name: _unit_of_missing(claim, name) for name in claim.missing}
    options = [(low, _between(low, high), high) for low, high in claim.assumed.values()]
    for chosen in itertools.product(*options):
        yield {**rest, **dict(zip(claim.assumed, chosen, strict=True))}


def _between(low: Quantity, high: Quantity) -> Quantity:
    return Quantity((low.value + high.value) / 2.0, high.unit)


def _holds(claim: Claim, names: Mapping[str, Quantity]) -> bool:
    return all(_true(claim, *_sides(claim, text, names)) for text in claim.says)


def _true(claim: Claim, left: _Number, sign: str, right: _Number) -> bool:
    if sign == "==":
        return abs(left.value - right.value) <= claim.about * max(abs(left.value), abs(right.value))
    return {
        "<": left.value < right.value, "<=": left.value <= right.value,
        ">": left.value > right.value, ">=": left.value >= right.value,
    }[sign]


def _both(claim: Claim, names: Mapping[str, Quantity]) -> tuple[str, str, str]:
    """Return both sides, as text, of the first comparison that fails, else of the first; the second in Chinese too."""
    names = {**names, **{name: _unit_of_missing(claim, name) for name in claim.missing}}
    sides = [_sides(claim, text, names) for text in claim.says]
    left, sign, right = next((side for side in sides if not _true(claim, *side)), sides[0])
    printed, computed = _shown(claim, left), _shown(claim, right)
    computed_zh = computed
    if sign != "==" and not claim.missing and not _true(claim, left, sign, right):
        gap = _shown(claim, _Number(abs(left.value - right.value), left.powers))
        computed, computed_zh = f"{computed}, apart by {gap}", f"{computed}，相差 {gap}"
    if claim.missing and any(name in claim.says[0].split("==")[0] for name in claim.missing):
        printed = computed
    return printed, computed, computed_zh


def _shown(claim: Claim, number: _Number) -> str:
    unit = claim.unit
    if unit and dict(number.powers) == claim.units.base(Quantity(1.0, unit))[1]:
        return f"{_digits(number.value / claim.units.base(Quantity(1.0, unit))[0])} {unit}"
    return _digits(number.value) if not number.powers else f"{_digits(number.value)} {_words(number)}"


def _digits(value: float) -> str:
    return f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"


def _unit_of_missing(claim: Claim, name: str) -> Quantity:
    return Quantity(1.0, claim.missing[name])


def _needed(claim: Claim, names: Mapping[str, Quantity]) -> dict[str, float]:
    """Return the value each missing number would need for the first comparison it is in to hold exactly.

    The difference of the two sides is taken as a straight line in the missing number, which it is for sums,
    products and shares.
    """
    found = {}
    for name, unit in claim.missing.items():
        text = next((t for t in claim.says if name in t), claim.says[0])

        def apart(value: float, name: str = name, unit: str = unit, text: str = text) -> float:
            others = {other: _unit_of_missing(claim, other) for other in claim.missing}
            left, _, right = _sides(claim, text, {**others, **names, name: Quantity(value, unit)})
            return left.value - right.value

        at_one, at_two = apart(1.0), apart(2.0)
        slope = at_two - at_one
        found[name] = 1.0 - at_one / slope if slope else float("nan")
    return found


def _verdict_of_missing(claim: Claim, needed: Mapping[str, float]) -> str:
    """A missing number that need not be there leaves nothing to assume; one that cannot be below nought fails."""
    without = {**claim.given, **{name: Quantity(0.0, unit) for name, unit in claim.missing.items()}}
    if _holds(claim, without):
        return "holds"
    return "needs assumption" if all(value > 0.0 for value in needed.values()) else "fails"

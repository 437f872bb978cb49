"""Described things: frozen, checked parameter sets whose manual is generated from their own fields."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticUndefined

from accelsim.base.errors import AccelsimError, guess
from accelsim.base.quantities import parse

LARGEST = 1e18  # far from what int64 picoseconds, bytes and counts can hold
LARGEST_COUNT = 2**40
LONGEST_SHOWN = 60
FROM_A_FILE = "file"


def _quantity(dimension: str, example: str, positive: bool = True, least: float = 0.0, most: float = LARGEST) -> Any:
    def read(value: object, info: ValidationInfo) -> float:
        if isinstance(value, float) and info.context != FROM_A_FILE:  # a copy; in a file, a bare number has no unit
            return value
        try:
            number = parse(value, dimension)
        except AccelsimError as error:
            raise ValueError(f"{error.message}" + (f" ({error.hint})" if error.hint else "")) from error
        if number < 0 or (positive and number == 0):
            raise ValueError(f"'{value}' is not {'above' if positive else 'at least'} 0")
        if not least <= number <= most:
            unit = dimension.partition("[")[2].rstrip("]")
            raise ValueError(f"'{value}' is not between {least:g} and {most:g} {unit}")
        return number

    schema = {"type": "string", "description": dimension, "examples": [example]}
    return Annotated[float, BeforeValidator(read), WithJsonSchema(schema, mode="validation")]


Frequency = _quantity("frequency [Hz]", "500 MHz", least=1e-3, most=1e12)
Time = _quantity("time [s]", "30 ns", positive=False, most=1e5)
Capacity = _quantity("bytes [B]", "512 KiB", least=1.0)
Bandwidth = _quantity("bandwidth [B/s]", "4 GB/s")
Energy = _quantity("energy [J]", "0.2 pJ", positive=False)
EnergyPerByte = _quantity("energy per byte [J/B]", "1.2 pJ/B", positive=False)
Power = _quantity("power [W]", "3 mW", positive=False)
Voltage = _quantity("voltage [V]", "0.8 V")
Current = _quantity("current [A]", "45 mA", positive=False)
Area = _quantity("area [mm2]", "1.8 mm2", positive=False)
Length = _quantity("length [m]", "1 mm", positive=False)
Temperature = _quantity("temperature [degC]", "85 degC", positive=False, most=1000.0)
Count = Annotated[int, Field(ge=1, le=LARGEST_COUNT, strict=True)]
CountOrZero = Annotated[int, Field(ge=0, le=LARGEST_COUNT, strict=True)]
Fraction = Annotated[float, Field(ge=0, le=1, strict=True)]
Positive = Annotated[float, Field(gt=0, strict=True)]


class Described(BaseModel):
    """A frozen description: no unknown keys, no state."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False)


def field(meaning: str, unit: str = "", default: Any = PydanticUndefined, **rules: Any) -> Any:
    """Declare a parameter: its meaning, its unit, its default, on one line."""
    return Field(default=default, description=meaning, json_schema_extra={"unit": unit} if unit else None, **rules)


def describe(model: type[Described], values: object, place: str, path: str = "") -> Any:
    """Return the checked description.

    Parameters
    ----------
    place : str
        The file.
    path : str
        Where in it the values stand, dotted.

    Raises
    ------
    AccelsimError
        The first thing that is wrong, with its place in the file, what is allowed and a guess.
    """
    try:
        return model.model_validate(values, context=FROM_A_FILE)
    except ValidationError as error:
        raise explained(error, model, values, place, path) from error


def explained(error: ValidationError, model: type[BaseModel], values: object, place: str, outer: str = "") -> AccelsimError:
    """Return one clear line for a validation error: the one that says most, and how many more there are."""
    details = error.errors(include_url=False)
    # A mistyped key is both unknown and missing: the unknown one shows what stands in the file.
    first = min(details, key=lambda detail: detail["type"] != "extra_forbidden")
    path = [str(step) for step in first["loc"] if step != "[key]"]
    inside = ".".join([outer, *path] if outer else path)
    where = f"{place}: {inside}" if inside else place
    more = f" (and {len(details) - 1} more)" if len(details) > 1 else ""
    kind = first["type"]
    if kind == "extra_forbidden":
        allowed = _allowed_at(model, first["loc"][:-1])
        hint = guess(path[-1], allowed) or (f"known: {', '.join(sorted(allowed))}" if allowed else "")
        return AccelsimError(where, f"is not a known key{more}", hint)
    if kind == "missing":
        return AccelsimError(where, f"is missing{more}", "it must be stated")
    found = path[-1] if "[key]" in first["loc"] else _at(values, first["loc"])
    if kind == "literal_error":
        allowed = [word.strip("' ") for word in first["ctx"]["expected"].replace(" or ", ", ").split(",")]
        return AccelsimError(where, f"{shown(found)} is not one of {', '.join(allowed)}{more}", guess(found, allowed))
    if kind == "value_error":
        message = first["msg"].removeprefix("Value error, ")
        return AccelsimError(where, f"{message}{more}")
    return AccelsimError(where, f"{shown(found)} {_rule(first)}{more}")


def shown(found: object) -> str:
    """Return a value as a message quotes it: short, in the words of the file."""
    if isinstance(found, dict | list):
        return f"a {'mapping' if isinstance(found, dict) else 'list'}"
    text = "null" if found is None else str(found).lower() if isinstance(found, bool) else str(found)
    return f"'{text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + '...'}'"


# What is wrong with a value, by pydantic's name for it; the rest is its own sentence.
RULES = {
    "int_type": "is not a whole number", "int_parsing": "is not a whole number", "int_from_float": "is not a whole number", "int_parsing_size": "is too large",
    "float_type": "is not a number", "float_parsing": "is not a number", "finite_number": "is not a finite number", "string_type": "is not text",
    "bool_type": "is not true or false", "bool_parsing": "is not true or false", "tuple_type": "is not a list", "list_type": "is not a list",
    "dict_type": "is not a mapping", "model_type": "is not a mapping", "model_attributes_type": "is not a mapping",
    "greater_than": "is not above {gt}", "greater_than_equal": "is not at least {ge}", "less_than_equal": "is not at most {le}", "less_than": "is not below {lt}",
}  # fmt: skip


def _rule(detail: dict) -> str:
    message = detail["msg"]
    return RULES[detail["type"]].format(**detail.get("ctx", {})) if detail["type"] in RULES else f"{message[:1].lower()}{message[1:]}"


def _at(values: object, path: tuple) -> object:
    for step in path:
        try:
            values = values[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            return None
    return values


def _allowed_at(model: type[BaseModel], path: tuple) -> list[str]:
    for step in path:
        info = model.model_fields.get(str(step))
        inner = info.annotation if info else None
        candidates = [t for t in getattr(inner, "__args__", (inner,)) if isinstance(t, type) and issubclass(t, BaseModel)]
        if not candidates:
            return []
        model = candidates[0]
    return list(model.model_fields)

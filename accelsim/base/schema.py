"""Described things: frozen, checked parameter sets whose manual is generated from their own fields."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema
from pydantic_core import PydanticUndefined

from accelsim.base.errors import AccelsimError, guess
from accelsim.base.quantities import parse


def _quantity(dimension: str, example: str, positive: bool = True) -> Any:
    def read(value: object) -> float:
        if isinstance(value, float):  # already parsed (a default, a copy)
            return value
        try:
            number = parse(value, dimension)
        except AccelsimError as error:
            raise ValueError(f"{error.message}" + (f" ({error.hint})" if error.hint else "")) from error
        if number < 0 or (positive and number == 0):
            raise ValueError(f"'{value}' is not above 0")
        return number

    schema = {"type": "string", "description": dimension, "examples": [example]}
    return Annotated[float, BeforeValidator(read), WithJsonSchema(schema, mode="validation")]


Frequency = _quantity("frequency [Hz]", "500 MHz")
Time = _quantity("time [s]", "30 ns", positive=False)
Capacity = _quantity("bytes [B]", "512 KiB")
Bandwidth = _quantity("bandwidth [B/s]", "4 GB/s")
Energy = _quantity("energy [J]", "0.2 pJ", positive=False)
EnergyPerByte = _quantity("energy per byte [J/B]", "1.2 pJ/B", positive=False)
Power = _quantity("power [W]", "3 mW", positive=False)
Voltage = _quantity("voltage [V]", "0.8 V")
Current = _quantity("current [A]", "45 mA", positive=False)
Area = _quantity("area [mm2]", "1.8 mm2", positive=False)
Length = _quantity("length [m]", "1 mm", positive=False)
Count = Annotated[int, Field(ge=1, strict=True)]
CountOrZero = Annotated[int, Field(ge=0, strict=True)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]


class Described(BaseModel):
    """A frozen description: no unknown keys, no state."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def field(meaning: str, unit: str = "", default: Any = PydanticUndefined, **rules: Any) -> Any:
    """Declare a parameter: its meaning, its unit, its default, on one line."""
    return Field(default=default, description=meaning, json_schema_extra={"unit": unit} if unit else None, **rules)


def describe(model: type[Described], values: object, place: str) -> Any:
    """Return the checked description.

    Raises
    ------
    AccelsimError
        The first thing that is wrong, with its place in the file, what is allowed and a guess.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise explained(error, model, values, place) from error


def explained(error: ValidationError, model: type[BaseModel], values: object, place: str) -> AccelsimError:
    """Return one clear line for a validation error: the first, and how many more there are."""
    details = error.errors(include_url=False)
    first = details[0]
    path = [str(step) for step in first["loc"]]
    where = f"{place}: {'.'.join(path)}" if path else place
    more = f" (and {len(details) - 1} more)" if len(details) > 1 else ""
    kind = first["type"]
    if kind == "extra_forbidden":
        allowed = _allowed_at(model, first["loc"][:-1])
        hint = guess(path[-1], allowed) or (f"known: {', '.join(sorted(allowed))}" if allowed else "")
        return AccelsimError(where, f"is not a known key{more}", hint)
    if kind == "missing":
        return AccelsimError(where, f"is missing{more}", "every chip file must state it")
    if kind == "literal_error":
        found = _at(values, first["loc"])
        allowed = [word.strip("' ") for word in first["ctx"]["expected"].replace(" or ", ", ").split(",")]
        return AccelsimError(where, f"'{found}' is not one of {', '.join(allowed)}{more}", guess(found, allowed))
    found = _at(values, first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    shown = "" if kind == "value_error" or isinstance(found, dict | list) else f"'{found}': "
    return AccelsimError(where, f"{shown}{message[:1].lower()}{message[1:]}{more}")


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

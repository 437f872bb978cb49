"""A mesh of routers, along its columns first and then along its rows."""

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from accelsim.base.schema import Count, field
from accelsim.hardware.interconnect import Interconnect

Coordinates = tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]]


class Mesh2d(Interconnect):
    """A mesh of routers, along x first and then along y (dimension-ordered, free of deadlock).

    A router has one link to each neighbour and direction. What is attached to the same router meets without a hop. Links are occupied together, with the memory that gives or takes the bytes
    (wormhole: the head is already at the target while the tail still leaves), each as a server of its own; waiting at a busy link
    does not hold up the links before it.

    References
    ----------
    W. Dally, C. Seitz, "Deadlock-free message routing in multiprocessor interconnection networks", IEEE Trans. Computers 1987.
    """

    kind: Literal["mesh2d"]
    columns: Count = field("routers along x")
    rows: Count = field("routers along y")
    places: dict[str, Coordinates] = field("the router (x, y) of each unit, memory and mover; null takes one off that an extended file has")

    @field_validator("places", mode="before")
    @classmethod
    def _null_takes_one_off(cls, places: object) -> object:
        return {name: at for name, at in places.items() if at is not None} if isinstance(places, dict) else places

    @model_validator(mode="after")
    def _places_are_inside(self) -> Self:
        for name, (x, y) in self.places.items():
            if x >= self.columns or y >= self.rows:
                raise ValueError(f"places.{name} [{x}, {y}] is outside of {self.columns} x {self.rows} routers")
        return self

    @property
    def attached(self) -> tuple[str, ...]:
        """Names of what is attached."""
        return tuple(self.places)

    def links(self, source: str, target: str) -> tuple[str, ...]:
        """Return the links from router to router."""
        (x, y), (to_x, to_y) = self.places[source], self.places[target]
        stops = [(i, y) for i in _steps(x, to_x)] + [(to_x, j) for j in _steps(y, to_y)[1:]]
        return tuple(f"{a},{b}>{c},{d}" for (a, b), (c, d) in zip(stops, stops[1:], strict=False))


def _steps(begin: int, end: int) -> list[int]:
    return list(range(begin, end + 1)) if end >= begin else list(range(begin, end - 1, -1))


DESCRIPTION = Mesh2d

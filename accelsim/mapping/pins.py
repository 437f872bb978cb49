"""A mapping as a file: saved, edited, and kept to."""

from pathlib import Path

from accelsim.base.errors import AccelsimError, not_one_of
from accelsim.base.files import write_whole
from accelsim.base.schema import Count, Described, describe, field
from accelsim.base.yaml_files import read_yaml
from accelsim.mapping.mapper import NetworkMapping
from accelsim.mapping.candidates import CASCADE, Pin

ORDERS = ("whole", "filters_outer", "rows_outer", "weights_streamed", "cascade")


class PinFile(Described):
    """One layer's decision."""

    order: str = field(f"one of {', '.join(ORDERS)}")
    tile: Count = field("filters (filters_outer, weights_streamed) or output rows (rows_outer, cascade) of a group; 1 for whole", default=1)
    cascade: str = field("with order cascade: a name that layers done depth first together share; the last one's tile cuts their stripes", default="")


def pins_of(mapping: NetworkMapping) -> dict[str, dict]:
    """Return the decisions of a mapping in the form of its file."""
    pins: dict[str, dict] = {}
    for choice in mapping.choices:
        pins[choice.layer.name] = {"order": choice.order, "tile": choice.tile}
        if (cascade := mapping.homes.cascade_of(choice.layer.index)) is not None:
            pins[choice.layer.name]["cascade"] = mapping.layers[cascade.first].name
    return pins


def save_pins(mapping: NetworkMapping, path: str | Path) -> None:
    """Write the decisions of a mapping as a file to edit."""
    import yaml

    content = {"chip": mapping.chip.name, "model": mapping.graph.name, "layers": pins_of(mapping)}
    write_whole(path, yaml.safe_dump(content, sort_keys=False))


def load_pins(path: Path) -> dict[str, Pin]:
    """Return the decisions of a mapping file.

    Raises
    ------
    AccelsimError
        Not such a file, or an order that does not exist.
    """
    layers = read_yaml(path).get("layers")
    if not isinstance(layers, dict):
        raise AccelsimError(f"{path}: layers", "is missing", "a mapping of layer names to order and tile, as 'accelsim map --save' writes it")
    pins = {}
    for name, values in layers.items():
        pin = describe(PinFile, values, str(path), f"layers.{name}")
        if pin.order not in ORDERS:
            raise not_one_of(f"{path}: layers.{name}.order", pin.order, ORDERS)
        if (pin.order == CASCADE) != bool(pin.cascade):
            raise AccelsimError(f"{path}: layers.{name}", "order cascade and the name of a cascade go together", "as 'accelsim map --save' writes them")
        pins[str(name)] = Pin(pin.order, pin.tile, pin.cascade)
    return pins

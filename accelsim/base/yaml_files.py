"""Read YAML strictly: safe types, no duplicate keys, no aliases, one clear line for what is wrong."""

from functools import lru_cache
from pathlib import Path

from accelsim.base.errors import AccelsimError
from accelsim.base.provenance import Provenance, separate

LARGEST_FILE = 4 << 20
KEPT_TEXTS = 64
DEEPEST = 32
TOO_DEEP = f"is nested deeper than {DEEPEST} levels"


def read_yaml(path: Path) -> dict:
    """Return a YAML file's mapping.

    Raises
    ------
    AccelsimError
        Not readable, not UTF-8, not YAML, a key given twice, an alias, or not a mapping.
    """
    return parse_yaml(_text(path), str(path))


def parse_yaml(text: str, place: str) -> dict:
    """Return the mapping that a YAML text holds; raises like ``read_yaml``."""
    import yaml

    try:
        _refuse_depth_and_aliases(text)
        tree = yaml.load(text, Loader=_strict_loader())  # noqa: S506 a SafeLoader with refusals of its own
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = ", ".join(word for word in (error.context, error.problem) if word)
        if "nesting depth" in problem:  # libyaml's own bound, which its scanner meets first where it reads far ahead
            problem = TOO_DEEP
        raise AccelsimError(f"{place}: line {mark.line + 1}" if mark else place, problem or "is not YAML") from error
    except (yaml.YAMLError, ValueError) as error:
        raise AccelsimError(place, f"is not YAML: {error}") from error
    if not isinstance(tree, dict):
        raise AccelsimError(place, f"holds {'nothing' if tree is None else type(tree).__name__}, not a mapping")
    return tree


def read_yaml_with_provenance(path: Path) -> tuple[dict, dict[str, Provenance]]:
    """Return a file's plain values and, by dotted path, where each comes from; both are the caller's own."""
    tree, provenance = _separated(_text(path), str(path))
    return _copied(tree), dict(provenance)


def _copied(node: object) -> object:
    """Return a tree of mappings and lists that is the caller's own; what else YAML knows cannot be changed."""
    if isinstance(node, dict):
        return {key: _copied(value) for key, value in node.items()}
    return [_copied(value) for value in node] if isinstance(node, list) else node


@lru_cache(maxsize=KEPT_TEXTS)
def _separated(text: str, place: str) -> tuple[dict, dict[str, Provenance]]:
    """Return what a text holds; a sweep reads the same ones for every point."""
    return separate(parse_yaml(text, place), place)


def _text(path: Path) -> str:
    """Return a file's text."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise AccelsimError(str(path), f"is larger than {LARGEST_FILE >> 20} MiB", "this is no description file")
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise AccelsimError(str(path), error.strerror or "cannot be read") from error
    except UnicodeDecodeError as error:
        raise AccelsimError(str(path), f"is not UTF-8 text (byte {error.start})") from error


def _refuse_depth_and_aliases(text: str) -> None:
    """Look at the events first: composing a deep file recurses in C, without bounds."""
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=_strict_loader()):
        if isinstance(event, yaml.AliasEvent):
            raise yaml.constructor.ConstructorError(None, None, "an alias (*name) is not read; use 'extends'", event.start_mark)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise yaml.constructor.ConstructorError(None, None, TOO_DEEP, event.start_mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


_LOADER = None


def _strict_loader():
    global _LOADER
    if _LOADER is None:
        import yaml

        class StrictLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            """The safe loader, refusing duplicate keys."""

        def mapping(loader, node):
            loader.flatten_mapping(node)
            keys = {}
            for key_node, value_node in node.value:
                key = loader.construct_object(key_node, deep=True)
                if not isinstance(key, str | int | float | bool):
                    raise yaml.constructor.ConstructorError(None, None, "a key is not a word", key_node.start_mark)
                if key in keys:
                    raise yaml.constructor.ConstructorError(None, None, f"key '{key}' stands twice", key_node.start_mark)
                keys[key] = loader.construct_object(value_node, deep=True)
            return keys

        StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
        _LOADER = StrictLoader
    return _LOADER

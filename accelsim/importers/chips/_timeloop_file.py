"""The YAML of a Timeloop architecture: its node tags become an entry '!', everything else is plain."""

from pathlib import Path

from accelsim.base.errors import AccelsimError, UnsupportedError

VERSIONS = ("0.4", 0.4)
SECTIONS = ("architecture", "variables", "components")
TEMPLATES = ("{{", "{%")
LARGEST_FILE = 4 << 20


def nodes_of(path: Path) -> tuple[list[dict], dict]:
    """Return the nodes of an architecture from the outside in, each with its tag under '!', and the variables.

    Raises
    ------
    AccelsimError
        Not readable, not YAML, not such a file.
    UnsupportedError
        A template, another version or another section.
    """
    text = _text(path)
    for mark in TEMPLATES:
        if mark in text:
            raise UnsupportedError(f"{path}: line {text[: text.index(mark)].count(chr(10)) + 1}", f"templates ('{mark}') are not read", "write the values out")
    tree = _parsed(text, path)
    for key in tree:
        if key not in SECTIONS:
            raise UnsupportedError(f"{path}: {key}", "is not a section that is read", f"known: {', '.join(SECTIONS)}")
    architecture = tree.get("architecture")
    if not isinstance(architecture, dict) or not isinstance(architecture.get("nodes"), list):
        raise AccelsimError(f"{path}: architecture.nodes", "is missing", "a Timeloop architecture of version 0.4 has a list of nodes")
    if architecture.get("version", "0.4") not in VERSIONS:
        raise UnsupportedError(f"{path}: architecture.version", f"'{architecture['version']}' is not read", "0.4 is")
    for i, node in enumerate(architecture["nodes"]):
        if not isinstance(node, dict) or "!" not in node:
            raise AccelsimError(f"{path}: architecture.nodes.{i}", "is not tagged !Container or !Component")
    variables = tree.get("variables") or {}
    return architecture["nodes"], variables if isinstance(variables, dict) else {}


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise AccelsimError(str(path), f"is larger than {LARGEST_FILE >> 20} MiB", "this is no architecture file")
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise AccelsimError(str(path), error.strerror or "cannot be read") from error
    except UnicodeDecodeError as error:
        raise AccelsimError(str(path), f"is not UTF-8 text (byte {error.start})") from error


def _parsed(text: str, path: Path) -> dict:
    import yaml

    class Loader(yaml.SafeLoader):
        """The safe loader, which keeps the tags of nodes and refuses aliases."""

        def compose_node(self, parent, index):
            if self.check_event(yaml.AliasEvent):
                raise yaml.constructor.ConstructorError(None, None, "an alias (*name) is not read", self.peek_event().start_mark)
            return super().compose_node(parent, index)

    def node(loader, tag, value):
        if not isinstance(value, yaml.MappingNode):
            raise yaml.constructor.ConstructorError(None, None, f"'!{tag}' is not a section", value.start_mark)
        return {"!": tag, **loader.construct_mapping(value, deep=True)}

    Loader.add_multi_constructor("!", node)
    try:
        tree = yaml.load(text, Loader=Loader)  # noqa: S506 a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise AccelsimError(f"{path}: line {mark.line + 1}" if mark else str(path), error.problem or "is not YAML") from error
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise AccelsimError(str(path), f"is not YAML: {error}") from error
    if not isinstance(tree, dict):
        raise AccelsimError(str(path), "does not hold an architecture")
    return tree

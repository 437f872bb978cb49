"""Result -> something for programs; one file per format, each with ``write(result, path)``."""

from accelsim.base.rooms import member, members


def formats() -> dict[str, str]:
    """Return the formats in which a Result can be written, and what each is."""
    modules = {name: member("accelsim.exporters", name) for name in members("accelsim.exporters")}
    return {name: (module.__doc__ or "").partition("\n")[0] for name, module in modules.items() if hasattr(module, "write")}

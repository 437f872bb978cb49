"""The terminal to which commands print."""


def console():
    """Return a rich console; a pipe or file has no width of its own, so tables are not squeezed into 80 columns there."""
    from rich.console import Console

    terminal = Console()
    return terminal if terminal.is_terminal else Console(width=200)

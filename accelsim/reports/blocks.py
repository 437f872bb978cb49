"""A table on a terminal that is too narrow for it: its columns block by block, each with the names of the rows."""

from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions
from rich.table import Column, Table

AROUND = 3  # padding and border of a column


class Blocks:
    """A table that is shown whole where it has room, else as several; no figure is cut off.

    Attributes
    ----------
    table : Table
    leading : int
        Columns that name the rows, which every block begins with.
    """

    def __init__(self, table: Table, leading: int = 1):
        self.table, self.leading = table, leading

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Table]:
        columns = self.table.columns
        names, figures = columns[: self.leading], columns[self.leading :]
        room = options.max_width - 1 - sum(_width(column) for column in names)
        if sum(_width(column) for column in figures) <= room:
            yield self.table
            return
        blocks: list[list[Column]] = []
        left = 0
        for column in figures:
            if not blocks or _width(column) > left:
                blocks.append([])
                left = room
            blocks[-1].append(column)
            left -= _width(column)
        for number, block in enumerate(blocks):
            yield _part(self.table, [*names, *block], number == 0, number == len(blocks) - 1)


def _width(column: Column) -> int:
    longest = max(cell_len(str(text)) for text in (column.header, *column.cells))
    return min(longest, column.max_width or longest) + AROUND


def _part(table: Table, columns: list[Column], first: bool, last: bool) -> Table:
    part = Table(title=table.title if first else None, title_justify=table.title_justify, header_style=table.header_style)
    part.caption, part.caption_justify = table.caption if last else None, table.caption_justify
    for column in columns:
        part.add_column(column.header, justify=column.justify, no_wrap=True, overflow=column.overflow, max_width=column.max_width)
    for cells in zip(*(column.cells for column in columns), strict=True):
        part.add_row(*cells)
    return part

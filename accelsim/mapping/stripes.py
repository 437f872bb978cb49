"""What a layer of a cascade does in each stripe: its share of bytes and cycles."""

from dataclasses import replace

from accelsim.mapping.choice import Choice, Stream


def parts_of(choice: Choice, rows: tuple[int, ...], addressed: bool = True) -> list[Choice | None]:
    """Return what a layer does in each stripe, None where it does nothing; equal parts are one object, kept with the choice's form.

    Cycles are those of the stripe's own work. Images move in proportion to rows, constants with every stripe or all with the first.

    Parameters
    ----------
    addressed : bool
        Whether a server asks where in a tensor a stripe begins.
    """
    key = "parts", rows, addressed
    if key not in choice.known:
        choice.known[key] = _parts(choice, rows, addressed)
    return choice.known[key]


def _parts(choice: Choice, rows: tuple[int, ...], addressed: bool) -> list[Choice | None]:
    total = sum(rows)
    made, group = 0, 0
    parts: list[Choice | None] = []
    known: dict[tuple, Choice] = {}
    for count in rows:
        if not count:
            parts.append(None)
            continue
        streams = tuple(_share(stream, group, choice.groups, made, made + count, total, addressed) for stream in choice.streams)
        streams = tuple(stream for stream in streams if stream is not None)
        key = choice.group_cycles[group], streams
        if key not in known:
            known[key] = replace(choice, groups=1, group_cycles=choice.group_cycles[group : group + 1], streams=streams)
        parts.append(known[key])
        made, group = made + count, group + 1
    return parts


def _share(stream: Stream, group: int, groups: int, before: int, after: int, total: int, addressed: bool) -> Stream | None:
    """Return a stripe's share of a stream; all shares add up to it."""
    if stream.first_group_only:
        return stream if group == 0 else None
    if stream.role == "constant":
        before, after, total = group, group + 1, groups
    part = lambda amount: amount * after // total - amount * before // total  # noqa: E731 of one stream
    whole = stream.role == "constant" or not addressed
    return replace(
        stream, payload=part(stream.payload), address=stream.address + (0 if whole else stream.extent * before // total), extent=stream.extent if whole else max(1, part(stream.extent)),
        amounts_at=tuple(part(amount) for amount in stream.amounts_at), wire=tuple(part(amount) for amount in stream.wire),
    )  # fmt: skip

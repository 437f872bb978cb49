"""A cascade's layers as tasks: stripe by stripe, each layer's share of its bytes and cycles."""

from collections.abc import Callable
from dataclasses import replace

from accelsim.mapping.cascades import Cascade
from accelsim.mapping.choice import Choice, Stream
from accelsim.mapping.emit import Emitter


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


def emit_cascade(emitter: Emitter, cascade: Cascade, choices: tuple[Choice, ...], overwrites: Callable[[Choice], list[int]]) -> dict[int, int]:
    """Emit a cascade; return the milestone after which each of its layers is done.

    A layer begins a stripe when the layers before it have made its rows, and when those that read it have read the rows that it overwrites.

    Parameters
    ----------
    overwrites : callable
        The milestones after which the bytes of a layer's output are free at the first stripe.
    """
    addressed = any(resource.addressed for resource in emitter.routes.resources)
    parts = [parts_of(choice, cascade.rows_of(choice.layer.index), addressed) for choice in choices]
    readers = [[k for k, other in enumerate(choices) if choice.layer.outputs[0] in other.layer.inputs] for choice in choices]
    ended: dict[int, int] = {}
    for stripe in range(len(parts[0])):
        for k, choice in enumerate(choices):
            part = parts[k][stripe]
            if part is not None:
                waits = [ended[reader] for reader in readers[k] if reader in ended] if k in ended else overwrites(choice)
                emitter.layer(part, waits)
                ended[k] = emitter.done[choice.layer.outputs[0].name]
    return {choice.layer.index: ended[k] for k, choice in enumerate(choices)}

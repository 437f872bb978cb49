"""How long forms of layers are predicted to take, before anything is simulated.

The busiest server sets the pace, and one piece of every other one is its fill and drain. Latency adds where it cannot hide: a buffer is filled again
only when its piece has been computed, so that no more pieces are on their way than there are buffers; and what the first group needs must have
arrived, constants ahead of time as far as the layer before left the way free.
"""

from dataclasses import dataclass, replace
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from accelsim.hardware.chip import Compiler
from accelsim.mapping.choice import chunks_of
from accelsim.mapping.forms import Form


@dataclass(frozen=True, eq=False)
class Waits:
    """The streams of many forms as arrays, free of speeds; each row is a stream.

    Attributes
    ----------
    form : ndarray, shape (streams,), int64
        Number of the stream's form.
    trips : ndarray, shape (streams,), float64
        How often a buffer is filled; 0 where every piece has a buffer of its own.
    transfers : ndarray, shape (streams,), float64
        In how many the bytes move at each hop.
    amounts, reads, writes : ndarray, shape (streams, servers), float64
        Bytes at each server, and how often a piece is read from and written to it.
    grouped : list of (int, int, float, bool)
        Of streams that stay for a group: row, form, groups, and whether they are constants.
    """

    form: np.ndarray
    trips: np.ndarray
    transfers: np.ndarray
    amounts: np.ndarray
    reads: np.ndarray
    writes: np.ndarray
    grouped: list[tuple[int, int, float, bool]]

    def in_bursts(self, bursts: np.ndarray, forms: int) -> tuple["Waits", np.ndarray]:
        """Return the streams with every transfer rounded up to bursts, and what that adds to each form at each server, shape (forms, servers) [B].

        Parameters
        ----------
        bursts : ndarray, shape (servers,), float64 [B]
        forms : int
            How many forms there are.
        """
        hops = self.reads + self.writes
        count = np.maximum(1.0, self.transfers[:, None] * hops)
        rounded = np.ceil(self.amounts / count / bursts) * bursts * count
        added = np.zeros((forms, bursts.size))
        np.add.at(added, self.form, rounded - self.amounts)
        return replace(self, amounts=rounded), added

    def round_trips(self, speeds: np.ndarray, latencies: np.ndarray, compute: np.ndarray, depth: int) -> np.ndarray:
        """Return for each form how long its stream of the longest way takes, one piece behind the other in each buffer [s].

        Parameters
        ----------
        speeds : ndarray, shape (servers,), float64 [s/B]
        latencies : ndarray, shape (2, servers), float64
            Of reads and writes [s].
        compute : ndarray, shape (forms,), float64
            Busy seconds of the unit.
        depth : int
            Buffers of each stream.
        """
        latency = self.reads @ latencies[0] + self.writes @ latencies[1]
        taken = np.where(self.trips > 0, self.trips * latency + self.amounts @ speeds + compute[self.form], 0.0) / depth
        longest = np.zeros(compute.size)
        np.maximum.at(longest, self.form, taken)
        return longest

    def first_groups(self, speeds: np.ndarray, latencies: np.ndarray) -> dict[int, list[tuple[float, int, bool]]]:
        """Return for each form the seconds in which what its first group needs arrives, the server that is busiest with it, and whether it may come ahead."""
        busy = self.amounts * speeds
        busiest = busy.argmax(axis=1).tolist()
        latency = (self.reads @ latencies[0] + self.writes @ latencies[1]).tolist()
        found: dict[int, list[tuple[float, int, bool]]] = {}
        for row, form, groups, ahead in self.grouped:
            found.setdefault(form, []).append((float(busy[row, busiest[row]]) / groups + latency[row], busiest[row], ahead))
        return found


def waits_of(forms: list[Form], servers: list[int], depth: int, compiler: Compiler) -> Waits:
    """Return the streams of forms; ``servers`` has the server of each column."""
    parts = [_streams_of(form, compiler) for form in forms]
    number = np.repeat(np.arange(len(forms)), [len(part.trips) for part in parts])
    trips = np.array([count for part in parts for count in part.trips], np.float64)
    chunks = np.array([count for part in parts for count in part.chunks], np.float64)
    row = np.repeat(np.arange(trips.size), np.array([count for part in parts for count in part.hops], np.int64))
    column_of = np.zeros(max(servers, default=0) + 1, np.int64)
    column_of[servers] = np.arange(len(servers))
    column = column_of[np.array([server for part in parts for server in part.servers], np.int64)]
    write = np.array([way for part in parts for way in part.writes], np.bool_)
    amounts, reads, writes = (np.zeros((trips.size, len(servers))) for _ in range(3))
    np.add.at(amounts, (row, column), np.array([amount for part in parts for amount in part.amounts], np.float64))
    np.add.at(reads, (row, column), ~write)
    np.add.at(writes, (row, column), write)
    firsts = accumulate((len(part.trips) for part in parts), initial=0)
    grouped = [(first + row, i, float(forms[i].groups), ahead) for i, (first, part) in enumerate(zip(firsts, parts, strict=False)) for row, ahead in part.grouped]
    return Waits(number, np.where(trips > depth, trips, 0.0), trips * chunks, amounts, reads, writes, grouped)


class _Streams(NamedTuple):
    """A form's streams in flat lists: of each its trips, chunks and number of hops that take time; of each such hop its server, bytes and direction."""

    trips: list[int]
    chunks: list[int]
    hops: list[int]
    servers: list[int]
    amounts: list[int]
    writes: list[bool]
    grouped: list[tuple[int, bool]]


def _streams_of(form: Form, compiler: Compiler) -> _Streams:
    """Return a form's streams as lists, kept with the form."""
    if "streams" not in form.known:
        form.known["streams"] = _listed(form, compiler)
    return form.known["streams"]


def _listed(form: Form, compiler: Compiler) -> _Streams:
    found = _Streams([], [], [], [], [], [], [])
    for row, stream in enumerate(form.streams):
        found.trips.append(form.groups if stream.grouped else form.pieces * (1 if stream.first_group_only else form.groups))
        found.chunks.append(chunks_of(stream, form.groups, compiler))
        served = [(hop, amount) for hop, amount in stream.loads if hop.resource is not None]
        found.hops.append(len(served))
        for hop, amount in served:
            found.servers.append(hop.resource)
            found.amounts.append(amount)
            found.writes.append(hop.write)
        if stream.grouped:
            found.grouped.append((row, stream.role == "constant"))
    return found

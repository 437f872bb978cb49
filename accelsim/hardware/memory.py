"""What every memory and every mover is."""

from typing import ClassVar, Literal

from accelsim.base.clocks import clock_of
from accelsim.base.schema import Bandwidth, Capacity, Count, Described, EnergyPerByte, Fraction, Power, Time, field
from accelsim.hardware.resource import Resource, stream

PS_PER_S = 1e12


class Memory(Described):
    """A place for tensors with one or two plain channels.

    Time of a transfer: bytes, rounded up to bursts, over the bandwidth; the latency once per request, pipelined.
    """

    kind: str
    capacity: Capacity | None = field("size; null where unlimited by the description", unit="B", default=None)
    bandwidth: Bandwidth | None = field("of one channel; null: transfers take no time (as in SCALE-Sim's CALC mode)", unit="B/s", default=None)
    burst: Count = field("transfers are rounded up to this", unit="B", default=1)
    read_latency: Time = field("from request to last byte, beyond the transfer itself", unit="s", default=0.0)
    write_latency: Time = field("likewise for writes", unit="s", default=0.0)
    channels: Literal["shared", "read_write"] = field("one channel for both directions, or one for each", default="shared")
    read_energy: EnergyPerByte | None = field("overrides the energy table", unit="J/B", default=None)
    write_energy: EnergyPerByte | None = field("overrides the energy table", unit="J/B", default=None)
    static_power: Power = field("leakage or refresh while the chip is on", unit="W", default=0.0)
    volatile: bool = field("loses its content without power: constants are loaded into it before the first inference", default=True)

    def resources(self, name: str) -> tuple[Resource, ...]:
        """Return the channel servers: one, or read and write; none where transfers take no time."""
        if self.bandwidth is None:
            return ()
        # One beat is one burst at full bandwidth, so that a period of any bandwidth stays an exact fraction.
        beat = clock_of(round(self.bandwidth / self.burst, 3))
        latencies = (round(self.read_latency * PS_PER_S), round(self.write_latency * PS_PER_S))
        if self.channels == "shared":
            return (stream(name, beat, self.burst, latencies),)
        return (stream(f"{name}.read", beat, self.burst, latencies), stream(f"{name}.write", beat, self.burst, latencies))


class Link(Described):
    """A mover between memories (DMA engine, host link).

    Attributes
    ----------
    moves : bool
        Whether it is one, with sources and targets; False: a network between what is attached to it.
    """

    moves: ClassVar[bool] = True
    kind: str
    sources: tuple[str, ...] = field("memories it reads")
    targets: tuple[str, ...] = field("memories it writes")
    bandwidth: Bandwidth | None = field("of its own data path; null: the memories alone limit it", unit="B/s", default=None)
    burst: Count = field("transfers are rounded up to this", unit="B", default=1)
    latency: Time = field("per transfer, pipelined", unit="s", default=0.0)
    energy: EnergyPerByte | None = field("per byte moved; overrides the energy table", unit="J/B", default=None)
    width: Count = field("bytes that travel side by side, for counting wires that change", unit="B", default=8)
    toggle_share: Fraction = field("share of its energy that goes with wires that change (random data: half of them); the rest with every byte", default=0.0)
    static_power: Power = field("while the chip is on", unit="W", default=0.0)

    def resources(self, name: str) -> tuple[Resource, ...]:
        """Return the mover's server; none where it never limits."""
        if self.bandwidth is None:
            return ()
        return (stream(name, clock_of(round(self.bandwidth / self.burst, 3)), self.burst, (round(self.latency * PS_PER_S),) * 2),)

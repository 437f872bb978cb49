"""Energy of DRAM commands and states from supply currents.

Each command is charged what it adds to the standby current of its state; standby is charged by time. All devices and
rails of the channel together; no termination or interface energy.

References
----------
Micron, TN-40-07 "Calculating memory power for DDR4 SDRAM"; K. Chandrasekar et al., "Improved power modeling of DDR
SDRAMs", DSD 2011 (DRAMPower).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from accelsim.hardware.dram_part import DramPart


@dataclass(frozen=True, slots=True)
class DramEnergies:
    """Energy of a command [J] and power of a state [W]."""

    activate: float
    precharge: float
    read: float
    write: float
    refresh: float
    refresh_bank: float
    active: float
    precharged: float
    active_power_down: float
    precharge_power_down: float
    self_refresh: float


def dram_energies(part: DramPart) -> DramEnergies:
    """Return what each command and each state of a part costs; the part must state its currents."""
    t, devices = part.timing, part.geometry.devices
    burst = part.geometry.burst_clocks * t.tCK

    def total(charge) -> float:
        return devices * sum(rail.voltage * charge(rail) for rail in part.rails)

    return DramEnergies(
        activate=total(lambda r: (r.IDD0 - r.IDD3N) * t.tRAS * t.tCK),
        precharge=total(lambda r: (r.IDD0 - r.IDD2N) * t.tRP * t.tCK),
        read=total(lambda r: (r.IDD4R - r.IDD3N) * burst),
        write=total(lambda r: (r.IDD4W - r.IDD3N) * burst),
        refresh=total(lambda r: (r.IDD5 - r.IDD3N) * t.tRFC * t.tCK),
        refresh_bank=total(lambda r: max(0.0, r.IDD5pb - r.IDD3N) * t.tRFCpb * t.tCK),
        active=total(lambda r: r.IDD3N),
        precharged=total(lambda r: r.IDD2N),
        active_power_down=total(lambda r: r.IDD3P),
        precharge_power_down=total(lambda r: r.IDD2P),
        self_refresh=total(lambda r: r.IDD6),
    )


def dram_energy(part: DramPart, counts: Mapping[str, int]) -> dict[str, float]:
    """Return the energy [J] of what a channel did, by kind.

    Parameters
    ----------
    part : DramPart
    counts : mapping
        As ``dram_parameters.channel_counts`` gives them. The clocks of a refresh lie in precharged time, but its command is
        charged above the active current; they are therefore charged as active.
    """
    if part.energy_per_byte is not None:
        moved = part.geometry.burst_bytes
        return {"read": counts["read"] * moved * part.energy_per_byte, "write": counts["write"] * moved * part.energy_per_byte}
    costs, clock = dram_energies(part), part.timing.tCK
    refreshing = min(counts["refresh"] * part.timing.tRFC, counts["precharged_clocks"])
    return {
        "activate": counts["activate"] * costs.activate,
        "precharge": counts["closed"] * costs.precharge,
        "read": counts["read"] * costs.read,
        "write": counts["write"] * costs.write,
        "refresh": counts["refresh"] * costs.refresh + counts["refresh_bank"] * costs.refresh_bank,
        "background_active": (counts["active_clocks"] + refreshing) * clock * costs.active,
        "background_precharged": (counts["precharged_clocks"] - refreshing) * clock * costs.precharged,
        "active_power_down": counts["active_power_down_clocks"] * clock * costs.active_power_down,
        "precharge_power_down": counts["precharge_power_down_clocks"] * clock * costs.precharge_power_down,
        "self_refresh": counts["self_refresh_clocks"] * clock * costs.self_refresh,
    }

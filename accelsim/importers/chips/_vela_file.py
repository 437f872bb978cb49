"""The sections of a vela.ini: keys by section, ``inherit`` followed, what is not known refused by name."""

import configparser
from pathlib import Path

from accelsim.base.errors import AccelsimError, UnsupportedError, guess, not_one_of

MEMORIES = ("Sram", "Dram", "OnChipFlash", "OffChipFlash")
SYSTEM, MODE = "System_Config", "Memory_Mode"
OF_MEMORY = ("clock_scale", "burst_length", "read_latency", "write_latency")
KNOWN = {
    SYSTEM: {"inherit", "core_clock", "axi0_port", "axi1_port", *(f"{memory}_{key}" for memory in MEMORIES for key in OF_MEMORY)},
    MODE: {"inherit", "const_mem_area", "arena_mem_area", "cache_mem_area", "arena_cache_size"},
}
NOT_READ = {"Sram_ports_used", "Dram_ports_used"}


class VelaFile:
    """A vela.ini.

    Raises
    ------
    AccelsimError
        Not such a file, or an unknown section or key.
    """

    def __init__(self, path: Path, place: str):
        self.place = place
        self._parser = configparser.ConfigParser(interpolation=None, comment_prefixes=("#", ";"), inline_comment_prefixes=("#", ";"))
        self._parser.optionxform = str
        try:
            self._parser.read_string(path.read_bytes().decode("utf-8-sig"))
        except OSError as error:
            raise AccelsimError(place, error.strerror or "cannot be read") from error
        except UnicodeDecodeError as error:
            raise AccelsimError(place, f"is not UTF-8 text (byte {error.start})") from error
        except configparser.Error as error:
            raise AccelsimError(place, f"is not a configuration of sections and keys: {str(error).splitlines()[0]}") from error
        for section in self._parser.sections():
            kind = section.partition(".")[0]
            if kind not in KNOWN:
                raise not_one_of(f"{place}: [{section}]", kind, KNOWN)
            for key in self._parser[section]:
                if key not in KNOWN[kind]:
                    error = UnsupportedError if key in NOT_READ else AccelsimError
                    raise error(f"{place}: [{section}] {key}", "is not a key that is read", guess(key, KNOWN[kind]))

    def chosen(self, kind: str, name: str) -> str:
        """Return the section of a kind: the one that is named, or the only one.

        Raises
        ------
        AccelsimError
            No such section, or several and no name.
        """
        there = [section.partition(".")[2] for section in self._parser.sections() if section.partition(".")[0] == kind]
        if name:
            if name not in there:
                raise not_one_of(f"{self.place}: {kind}", name, there)
            return f"{kind}.{name}"
        if len(there) != 1:
            raise AccelsimError(f"{self.place}: {kind}", f"holds {', '.join(there) or 'none'}; name one", "vela:FILE:SYSTEM_CONFIG:MEMORY_MODE:CHIP")
        return f"{kind}.{there[0]}"

    def keys(self, section: str, seen: tuple[str, ...] = ()) -> dict[str, str]:
        """Return a section's keys, those of the sections that it inherits first.

        Raises
        ------
        AccelsimError
            It inherits from itself or from nothing.
        """
        own = dict(self._parser[section])
        parent = own.pop("inherit", None)
        if parent is None:
            return own
        if parent not in self._parser or parent in (section, *seen):
            raise AccelsimError(f"{self.place}: [{section}] inherit", f"'{parent}' is no other section of the file", guess(parent, self._parser.sections()))
        return self.keys(parent, (section, *seen)) | own

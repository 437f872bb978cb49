"""A decoder on a chip, token after token: what each costs while the cache that it looks back at grows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from accelsim import pipeline
from accelsim.base.errors import AccelsimError
from accelsim.base.quantities import show
from accelsim.functional.interpreter import execute
from accelsim.hardware.chip import Chip
from accelsim.importers.decoders import Decoder, load_decoder
from accelsim.results.result import Request, Result
from accelsim.studies._tables import write_rows

FIRST_TOKEN = 1
COLUMNS = {
    "cached": "tokens in the cache before the step",
    "token": "token that the step chose (greedily); null where nothing was executed",
    "latency_s": "of the step, warm [s]",
    "energy_j": "of the step [J]",
    "macs": "multiply-accumulates of the step",
    "cache_bytes": "keys and values that it reads [B]",
    "read_bytes": "bytes that its layers read from memories, weights included",
    "write_bytes": "bytes that they wrote",
}


@dataclass(frozen=True)
class Decoding:
    """Steps of a decoder on a chip.

    Attributes
    ----------
    rows : list of dict
        One a step, of ``COLUMNS``.
    last : Result
        Of the last step, with its layers.
    """

    chip: str
    decoder: str
    rows: list[dict]
    last: Result

    def write(self, path: str | Path) -> None:
        """Write the rows as CSV, JSON or Parquet, by the ending of the path."""
        write_rows(self.rows, path)

    def words(self) -> Iterator[str]:
        """Yield what a reader wants to know, a line each."""
        first, last, count = self.rows[0], self.rows[-1], len(self.rows)
        seconds = [row["latency_s"] for row in self.rows]
        joules = [row["energy_j"] for row in self.rows]
        energy = f", {show(sum(joules) / count, 'J')} a token" if None not in joules else f", no energy: {self.last.why_no_energy}"
        yield f"{count} tokens in {show(sum(seconds), 's')}: {count / sum(seconds):.4g} tokens a second{energy}"
        if count > 1:
            slope = (seconds[-1] - seconds[0]) / (count - 1)
            ends = " to ".join(f"{show(row['latency_s'], 's')} with {row['cached']}" for row in (first, last))
            yield f"each cached token adds {show(slope, 's')} to a step: {ends} in the cache ({show(last['cache_bytes'], 'B')} of keys and values)"


def decode(
    chip: Chip | str,
    decoder: Decoder | str,
    tokens: int = 8,
    cached: int = 0,
    precision: str = "int8",
    seed: int = 0,
    executed: bool = True,
    engine: str = "compiled",
    on_progress: Callable[[str, int, int], None] | None = None,
) -> Decoding:
    """Return what a decoder's steps cost, the cache growing by a token a step.

    Parameters
    ----------
    tokens : int
        Steps that are costed.
    cached : int
        Tokens in the cache before the first of them; they are a prompt of seeded random tokens, whose steps are computed and
        not costed.
    executed : bool
        Run the real arithmetic: each step reads the keys and values that the steps before it made, and its best token is
        the next one's input. False: only time, bytes and joules.

    Raises
    ------
    AccelsimError
        The decoder's context does not hold them all.
    """
    chip = pipeline.load_chip(chip) if isinstance(chip, str) else chip
    decoder = load_decoder(decoder, precision, seed) if isinstance(decoder, str) else decoder
    if tokens < 1 or cached < 0:
        raise AccelsimError("decode", f"{tokens} tokens behind {cached} cached ones are no steps", "at least one token, and no fewer than 0 cached")
    if cached + tokens > decoder.shape.context:
        raise AccelsimError(f"decoder {decoder.name}", f"{cached} cached and {tokens} more tokens do not fit a context of {decoder.shape.context}")
    prompt = np.random.default_rng(seed).integers(0, decoder.shape.vocabulary, max(1, cached))
    cache, token, rows = Cache(), FIRST_TOKEN if not cached else int(prompt[0]), []
    numerics = pipeline.chip_numerics(chip, decoder.step(0))
    for place in range(cached if executed else 0):
        outputs, _, _ = execute(decoder.step(place), cache.inputs(int(prompt[place])), numerics=numerics)
        token = cache.append(outputs)
    for index in range(tokens):
        options = pipeline.Options(engine, executed, cache.inputs(token) if executed else None, seed=seed, cold=False)
        result = pipeline.run(chip, decoder.step(cached + index), Request(), options)
        token = cache.append(result.values) if executed else None
        rows.append(_row(result, decoder, cached + index, token))
        if on_progress is not None:
            on_progress("decode", index + 1, tokens)
    return Decoding(chip.name, decoder.name, rows, result)


class Cache:
    """The keys and values of all tokens so far, in the arrays that a step takes."""

    def __init__(self):
        self._rows: dict[str, np.ndarray] = {}

    def inputs(self, token: int) -> dict[str, np.ndarray]:
        """Return the inputs of a step."""
        return {"token": np.array([token], np.int64), **self._rows}

    def append(self, outputs: dict[str, np.ndarray]) -> int:
        """Keep a step's new rows behind the others; return the token of its highest score."""
        for name, row in outputs.items():
            part, _, layer = name.partition("_")
            if part in ("key", "value"):
                whole = f"{part}s_{layer}"
                self._rows[whole] = np.concatenate([self._rows[whole], row], axis=1) if whole in self._rows else row
        return int(outputs["scores"].argmax())


def _row(result: Result, decoder: Decoder, cached: int, token: int | None) -> dict:
    return {
        "cached": cached, "token": token, "latency_s": result.latency_s, "energy_j": result.energy_j and result.energy_j["total"], "macs": result.macs,
        "cache_bytes": decoder.shape.cache_bytes(cached), "read_bytes": sum(row.read_bytes for row in result.layer_rows),
        "write_bytes": sum(row.write_bytes for row in result.layer_rows),
    }  # fmt: skip

"""A Result as one file, to be loaded, compared and reported later; the format is stated in ``docs/result_file.md``."""

import io
import json
import zipfile
import zlib
from pathlib import Path

import numpy as np

from accelsim.base.errors import AccelsimError, UnsupportedError, guess
from accelsim.base.files import write_whole
from accelsim.results.records import Decoder, Encoder
from accelsim.results.result import Result

ENDING = ".accelsim"
FORMAT = "accelsim result"
VERSION = 1
LARGEST_CONTENT = 4 << 30
LONGEST_REASON = 120
OLDEST_DATE = (1980, 1, 1, 0, 0, 0)  # the same result is the same bytes


def save_result(result: Result, path: str | Path) -> None:
    """Write a Result, whole or not at all.

    Raises
    ------
    AccelsimError
        The file cannot be written.
    UnsupportedError
        The result holds what the format has no form for.
    """
    encoder = Encoder()
    try:
        root = encoder.encode(result)
    except TypeError as error:
        raise UnsupportedError(str(path), f"{error} in the result has no form in a result file") from error
    record = {"format": FORMAT, "version": VERSION, "accelsim_version": result.accelsim_version, "root": root, "records": encoder.records}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        _put(archive, "record.json", json.dumps(record, allow_nan=False).encode())
        _put(archive, "result.json", (json.dumps(result.to_dict(), indent=1) + "\n").encode())
        for index, array in enumerate(encoder.arrays):
            content = io.BytesIO()
            np.save(content, array, allow_pickle=False)
            _put(archive, f"arrays/{index}.npy", content.getvalue())
    write_whole(path, buffer.getvalue())


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, OLDEST_DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content, compresslevel=3)


def load_result(path: str | Path) -> Result:
    """Return a saved Result. Values of constants are not in it; all else that a report shows is.

    Raises
    ------
    AccelsimError
        No such file, not such a file, one that is broken, or one of a later version.
    """
    path = Path(path)
    if not path.is_file():
        beside = [p.stem for p in path.parent.glob(f"*{ENDING}")] if path.parent.is_dir() else []
        raise AccelsimError(str(path), "no such result file", guess(path.stem, beside).replace("'?", f"{ENDING}'?"))
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(archive, str(path))
    except AccelsimError as error:
        raise error if error.place == str(path) else AccelsimError(str(path), f"does not hold a result: {error}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise AccelsimError(str(path), "is not a whole result file", "as Result.save and 'accelsim run --save' write it") from error
    except (KeyError, ValueError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise AccelsimError(str(path), f"does not hold a result: {type(error).__name__} {str(error)[:LONGEST_REASON]}") from error


def _read(archive: zipfile.ZipFile, place: str) -> Result:
    if sum(entry.file_size for entry in archive.infolist()) > LARGEST_CONTENT:
        raise AccelsimError(place, f"unpacks to more than {LARGEST_CONTENT >> 30} GiB", "this is no result file")
    record = json.loads(archive.read("record.json"))
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise AccelsimError(place, "is not a result file")
    if record["version"] != VERSION:
        raise AccelsimError(place, f"is of version {record['version']}; this accelsim reads version {VERSION}", f"written by accelsim {record.get('accelsim_version')}")
    arrays = sorted((name for name in archive.namelist() if name.startswith("arrays/")), key=lambda name: int(Path(name).stem))
    loaded = [np.load(io.BytesIO(archive.read(name)), allow_pickle=False) for name in arrays]
    result = Decoder(record["records"], loaded).decode(record["root"])
    if not isinstance(result, Result):
        raise AccelsimError(place, "does not hold a result")
    return result

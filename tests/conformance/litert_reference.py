"""LiteRT's reference kernels as the oracle, and real inputs for the models in the shared folder."""

import gzip
import wave
import zipfile
from functools import lru_cache
from pathlib import Path

import numba
import numpy as np
import pytest

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
MODELS, DATA = SHARED / "models", SHARED / "data"
needs_shared = pytest.mark.skipif(not MODELS.is_dir(), reason="the models and data in ../shared are not here")
needs_compiler = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="whole networks take hours in interpreted kernels")


class Reference:
    """One model in LiteRT with its reference kernels; every tensor is kept."""

    def __init__(self, path: Path | None = None, content: bytes | None = None):
        litert = pytest.importorskip("ai_edge_litert.interpreter", reason="ai-edge-litert is the oracle (extra 'conformance')")
        self.interpreter = litert.Interpreter(
            model_path=None if path is None else str(path), model_content=content,
            experimental_op_resolver_type=litert.OpResolverType.BUILTIN_REF, experimental_preserve_all_tensors=True,
        )  # fmt: skip
        self.interpreter.allocate_tensors()
        self.index: dict[str, int] = {}
        for detail in self.interpreter.get_tensor_details():
            name = detail["name"] or f"tensor_{detail['index']}"
            self.index[f"{name}:{detail['index']}" if name in self.index else name] = detail["index"]

    def run(self, inputs: dict[str, np.ndarray]) -> None:
        for name, value in inputs.items():
            self.interpreter.set_tensor(self.index[name], value)
        self.interpreter.invoke()

    def value(self, name: str) -> np.ndarray:
        return self.interpreter.get_tensor(self.index[name])


def differences(graph, activity, reference: Reference) -> tuple[int, int, float]:
    """Return (integers compared, integers that differ, largest float difference relative to its tensor's largest value)."""
    compared = wrong = 0
    worst = 0.0
    for node in graph.nodes:
        for name in node.outputs:
            if graph.tensors[name].is_state or name not in reference.index:
                continue
            mine, theirs = activity.values[name], reference.value(name)
            assert mine.shape == theirs.shape and mine.dtype == theirs.dtype, (node.name, mine.shape, theirs.shape)
            if mine.dtype.kind in "iub":
                compared, wrong = compared + mine.size, wrong + int(np.count_nonzero(mine != theirs))
            else:
                worst = max(worst, float(np.abs(mine - theirs).max() / max(np.abs(theirs).max(), 1e-30)))
    return compared, wrong, worst


def fit(tensor, real: np.ndarray) -> np.ndarray:
    """Return real numbers as a tensor's element type, quantised where it is."""
    q = tensor.quantization
    if tensor.dtype == "float32" or q is None:
        return real.astype(tensor.dtype).reshape(tensor.shape)
    info = np.iinfo(tensor.dtype)
    return np.clip(np.round(real / q.scale[0]) + q.zero_point[0], info.min, info.max).astype(tensor.dtype).reshape(tensor.shape)


def picture(tensor, name: str = "coral_images/cat.bmp") -> np.ndarray:
    """Return a photo at the tensor's size: raw for uint8, less 128 for int8, in [-1, 1] for floats."""
    image = pytest.importorskip("PIL.Image", reason="Pillow decodes the pictures")
    _, height, width, channels = tensor.shape
    pixels = np.asarray(image.open(DATA / name).convert("RGB" if channels == 3 else "L").resize((width, height))).astype(np.int64)
    pixels = pixels.reshape(1, height, width, channels)
    if tensor.dtype == "float32":
        return (pixels / 127.5 - 1).astype(np.float32)
    return (pixels if tensor.dtype == "uint8" else pixels - 128).astype(tensor.dtype)


def sound(samples: int, name: str = "audio/tflm_yes_1000ms.wav") -> np.ndarray:
    """Return the first samples of a clip in [-1, 1), repeated to the length asked."""
    with wave.open(str(DATA / name)) as clip:
        data = np.frombuffer(clip.readframes(clip.getnframes()), np.int16).astype(np.float32) / 32768
    return np.resize(data, samples)


@lru_cache(maxsize=None)
def packed(name: str):
    """Return an npz file of the MLPerf Tiny data."""
    return np.load(DATA / "mlperf_tiny" / name, allow_pickle=False)


def digits(count: int) -> np.ndarray:
    """Return the first MNIST test images in [0, 1]."""
    with gzip.open(DATA / "mnist" / "t10k-images-idx3-ubyte.gz") as file:
        return np.frombuffer(file.read(), np.uint8, count * 784, 16).reshape(count, 28, 28) / 255


def spectrogram(tensor, frame: int) -> np.ndarray:
    """Return real spectrogram codes of the wake-word set, cut to the tensor's size."""
    codes = packed("sww_calibration_samples.npz")
    codes = codes[codes.files[0]][frame].ravel()
    return np.resize(codes, tensor.elements).astype(tensor.dtype).reshape(tensor.shape)


def people(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (pictures less 128 as int8, labels) of the visual wake words set; its files store the channels swapped."""
    image = pytest.importorskip("PIL.Image", reason="Pillow decodes the pictures")
    rows = [line.split(",") for line in (DATA / "mlperf_tiny" / "vww01_y_labels.csv").read_text().split() if line]
    with zipfile.ZipFile(DATA / "mlperf_tiny" / "vww01_1000_jpg.zip") as archive:
        names = {Path(name).stem: name for name in archive.namelist() if name.endswith(".jpg")}
        pictures = [np.asarray(image.open(archive.open(names[Path(row[0]).stem])))[..., ::-1] for row in rows[:count]]
    return (np.stack(pictures).astype(np.int16) - 128).astype(np.int8), np.array([int(row[2]) for row in rows[:count]])


def real_input(model: str, tensor, frame: int) -> np.ndarray:
    """Return a real input of a model: pictures, sounds, digits or features, another for each frame."""
    if len(tensor.shape) == 4 and tensor.shape[3] == 3 and not model.startswith("ic_"):
        return picture(tensor, ("coral_images/grace_hopper.bmp", "coral_images/cat.bmp", "coral_images/parrot.jpg")[frame % 3])
    if model.startswith("ic_"):
        pixels = packed("cifar10_test_500_raw.npz")["X"][frame : frame + 1]
        return pixels.astype(np.float32) if tensor.dtype == "float32" else (pixels.astype(np.int16) - 128).astype(np.int8)
    if "person_detect" in model:
        return picture(tensor, "coral_images/grace_hopper.bmp")
    if "kws" in model:
        codes = packed("kws01_1000.npz")["X"][frame : frame + 1]
        return codes.astype(tensor.dtype)
    if "mnist" in model:
        return fit(tensor, digits(frame + 1)[frame])
    if "ad01" in model:
        clip = np.fromfile(DATA / "mlperf_tiny" / "ad_normal_id_01_00000000_hist_librosa.bin", np.float32).reshape(200, 128)
        return fit(tensor, clip[frame : frame + 5].ravel())
    if "dtln" in model:
        return fit(tensor, np.abs(np.fft.rfft(sound(512 * (frame + 1))[-512:])))
    if "basic_pitch" in model:
        return fit(tensor, sound(tensor.elements))
    if "hello_world" in model:
        return fit(tensor, np.full(tensor.shape, 1.0 + frame))
    if tensor.dtype == "float32":
        return picture(tensor)
    if "224_head_layers" in model:
        return np.random.default_rng(frame).integers(0, 256, tensor.shape, dtype=np.uint8)
    return spectrogram(tensor, frame)

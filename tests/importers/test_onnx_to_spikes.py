"""Does a trained ONNX network run as spikes on a chip?"""

import os

import numpy as np
import pytest
import tiny_onnx
from sklearn.neural_network import MLPClassifier

from accelsim.importers.datasets import load_dataset
from accelsim.studies.spiking_run import run_spiking
from accelsim.studies.spiking_shown import Presentation


@pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="minutes without the compiler")
def test_a_dense_network_from_onnx_reads_digits_as_spikes(tmp_path):
    train, test = load_dataset("digits", "train"), load_dataset("digits")
    trained = MLPClassifier((32,), random_state=0, max_iter=200, tol=1e-3).fit(train.inputs.reshape(-1, 64), train.labels)
    (w0, w1), (b0, b1) = (tuple(np.asarray(a, np.float32) for a in part) for part in (trained.coefs_, trained.intercepts_))
    nodes = [("Flatten", ["x"], ["f"], {}), ("Gemm", ["f", "w0", "b0"], ["h"], {}), ("Relu", ["h"], ["r"], {}), ("Gemm", ["r", "w1", "b1"], ["y"], {})]
    path = tiny_onnx.write(tmp_path / "mlp.onnx", nodes, {"x": [1, 1, 8, 8]}, w0=w0, b0=b0, w1=w1, b1=b1)
    result = run_spiking("loihi", str(path), Presentation(steps=64, data="digits"))
    expected = trained.score(test.inputs.reshape(-1, 64), test.labels)
    assert result.accuracy["items"] == 450 and result.accuracy["top1"] > expected - 0.02
    assert result.spiking["neurons"] == 64 + 32 + 10 and result.spiking["arithmetic"] == "integer"

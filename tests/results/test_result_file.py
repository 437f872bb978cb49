"""Does a saved result come back whole, and is a broken file refused in one line?"""

import io
import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest

import accelsim
from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.exporters import perfetto
from accelsim.mapping.pins import pins_of
from accelsim.pipeline import Options, load_chip, run, simulate
from accelsim.results.result import Request
from accelsim.results.result_file import load_result
from accelsim.results.summary import summary


@pytest.fixture(scope="module")
def result():
    chip = load_chip("ethos_u55_128", ["units.npu.clock=250MHz"])
    return run(chip, "digits_cnn", Request(frames=2, rate=1000.0), Options(data="digits"))


@pytest.fixture
def saved(result, tmp_path):
    result.save(tmp_path / "a.accelsim")
    return tmp_path / "a.accelsim"


def test_every_figure_comes_back(result, saved):
    again = accelsim.load_result(saved)
    assert again.to_dict() == result.to_dict()
    assert summary(again) == summary(result)
    assert again.terms == result.terms
    assert again.layers.equals(result.layers)


def test_the_trace_and_the_outputs_come_back(result, saved):
    again = load_result(saved)
    assert perfetto.events(again) == perfetto.events(result)
    assert all(np.array_equal(again.values[name], values) and again.values[name].dtype == values.dtype for name, values in result.values.items())


def test_the_chip_comes_back_with_its_sources(result, saved):
    chip, again = result.mapping.chip, load_result(saved).mapping.chip
    assert again.file == chip.file and dict(again.provenance) == dict(chip.provenance)
    assert again.provenance_of("units.npu.clock").source == "--set on the command line"


def test_the_mapping_comes_back_and_can_be_simulated_again(result, saved):
    again = load_result(saved)
    assert pins_of(again.mapping) == pins_of(result.mapping)
    assert simulate(again.mapping.plan()).makespan == simulate(result.mapping.plan()).makespan


def test_the_same_result_is_the_same_bytes_and_so_is_one_that_was_loaded(result, saved, tmp_path):
    result.save(tmp_path / "b.accelsim")
    load_result(saved).save(tmp_path / "c.accelsim")
    assert saved.read_bytes() == (tmp_path / "b.accelsim").read_bytes() == (tmp_path / "c.accelsim").read_bytes()


def test_the_documented_json_lies_in_the_file(result, saved):
    with zipfile.ZipFile(saved) as archive:
        assert json.loads(archive.read("result.json")) == json.loads(json.dumps(result.to_dict()))


def test_weights_are_not_in_it(saved):
    again = load_result(saved)
    assert all(tensor.values is None for tensor in again.mapping.graph.tensors.values())


def test_a_result_without_clock_and_energy_comes_back(tmp_path):
    (tmp_path / "plain.yaml").write_text("extends: ethos_u55_128\ntitle: without table\nfidelity: speculative\nenergy: null\n")
    result = run(str(tmp_path / "plain.yaml"), "digits_cnn", options=Options(execute=False))
    result.save(tmp_path / "r.accelsim")
    again = load_result(tmp_path / "r.accelsim")
    assert again.energy_j is None and again.values is None and again.to_dict() == result.to_dict()


def changed(path, name: str, content: bytes) -> None:
    """Replace one entry of a zip file."""
    with zipfile.ZipFile(path) as archive:
        entries = {entry: archive.read(entry) for entry in archive.namelist()} | {name: content}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for entry, data in entries.items():
            archive.writestr(entry, data)
    path.write_bytes(buffer.getvalue())


def record_of(path) -> dict:
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("record.json"))


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_a_file_cut_short_is_refused_in_one_line(saved, share):
    saved.write_bytes(saved.read_bytes()[: int(share * saved.stat().st_size)])
    with pytest.raises(AccelsimError, match="is not a whole result file"):
        load_result(saved)


@pytest.mark.parametrize(
    "change, words",
    [
        (lambda record: record | {"version": 99}, "is of version 99; this accelsim reads version 1"),
        (lambda record: record | {"format": "other"}, "is not a result file"),
        (lambda record: record | {"records": []}, "does not hold a result"),
        (lambda record: record | {"root": {"at": 10**6}}, "does not hold a result"),
        (lambda record: record | {"root": {"at": -1}}, "does not hold a result"),
        (lambda record: record | {"root": 5}, "does not hold a result"),
        (lambda record: record | {"records": [{"class": "Popen", "fields": {"args": "true"}}]}, "class 'Popen' is not known"),
        (lambda record: record | {"records": [{"class": "Request", "fields": {"batches": 1}}]}, "does not hold a result"),
        (lambda record: {k: v for k, v in record.items() if k != "version"}, "does not hold a result"),
        (lambda record: [], "is not a result file"),
    ],
)
def test_a_file_of_another_content_is_refused_in_one_line(saved, change, words):
    changed(saved, "record.json", json.dumps(change(record_of(saved))).encode())
    with pytest.raises(AccelsimError) as caught:
        load_result(saved)
    assert words in str(caught.value) and str(saved) in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"null"])
def test_a_record_that_is_no_json_is_refused(saved, content):
    changed(saved, "record.json", content)
    with pytest.raises(AccelsimError):
        load_result(saved)


def test_an_array_that_would_run_code_is_refused(saved):
    buffer = io.BytesIO()
    np.save(buffer, np.array([{}], dtype=object), allow_pickle=True)
    changed(saved, "arrays/0.npy", buffer.getvalue())
    with pytest.raises(AccelsimError, match="does not hold a result"):
        load_result(saved)


def test_a_file_that_is_not_there_is_refused_with_a_guess(saved):
    with pytest.raises(AccelsimError, match="no such result file .did you mean 'a.accelsim'"):
        load_result(saved.with_name("aa.accelsim"))


def test_a_folder_that_is_not_there_is_refused_and_nothing_is_left(result, tmp_path):
    with pytest.raises(AccelsimError, match="cannot be written"):
        result.save(tmp_path / "none" / "a.accelsim")


def test_what_has_no_form_is_refused_by_name_and_nothing_is_written(result, tmp_path):
    with pytest.raises(UnsupportedError, match="a object in the result has no form"):
        replace(result, rbf={"odd": object()}).save(tmp_path / "a.accelsim")
    assert not list(tmp_path.iterdir())


def test_a_result_is_tables_in_a_notebook(result):
    html = result._repr_html_()
    assert html.count("<table") == 2 and "ethos_u55_128" in html and "bound_by" in html

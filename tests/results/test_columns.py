"""Do the columns of an energy add up to what its terms say one by one?"""

import pytest

import accelsim
from accelsim.results import energy
from accelsim.results.columns import Columns


@pytest.fixture(scope="module", params=["systolic_npu", "ethos_u65_512", "cortex_a53"])
def result(request):
    return accelsim.run(request.param, "digits_cnn", options=accelsim.Options(execute=False))


def one_by_one(terms, key):
    found = {}
    for term in terms:
        found[key(term)] = found.get(key(term), 0.0) + term.joules
    return found


def test_every_sum_is_that_of_the_terms_in_their_order_to_the_last_bit(result):
    columns = Columns.of(result.terms)
    assert columns.total() == sum(term.joules for term in result.terms)
    assert columns.total(5) == sum(term.joules for term in result.terms[:5])
    assert columns.by_component() == one_by_one(result.terms, lambda term: term.component)
    by_layer = one_by_one(result.terms, lambda term: term.layer)
    assert columns.by_layer(len(result.mapping.layers)).tolist() == [by_layer.get(i, 0.0) for i in range(len(result.mapping.layers))]
    assert (columns.worst_grade, columns.estimated_share) == (energy.grade(result.terms), energy.estimated_share(result.terms))


def test_what_is_dynamic_leaves_out_the_static_and_the_free(result):
    kept = [term for term in result.terms if term.component != "static" and term.joules]
    columns = result.columns.dynamic()
    assert columns.components == tuple(dict.fromkeys(term.component for term in kept))
    assert [columns.components[i] for i in columns.component] == [term.component for term in kept]
    assert columns.joules.tolist() == [term.joules for term in kept]
    assert columns.write.tolist() == [term.action == "write" for term in kept]


def test_no_terms_are_no_joules():
    columns = Columns.of(())
    assert (columns.total(), columns.by_component(), columns.dynamic().components) == (0.0, {}, ())


def test_a_price_that_changes_is_seen_where_the_same_layers_are_priced_again():
    def joules(price: str) -> dict:
        chip = accelsim.load_chip("systolic_npu", [f"memories.scratchpad.read_energy={price}"])
        return accelsim.run(chip, "digits_cnn", options=accelsim.Options(execute=False)).energy_by_component

    once, twice, again = joules("1 pJ/B"), joules("2 pJ/B"), joules("1 pJ/B")
    assert twice["scratchpad"] > once["scratchpad"]
    assert again == once

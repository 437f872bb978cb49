"""Does the device do what plain Python written from the manual does, in a batch, one at a time and register by register?"""

import random
from dataclasses import fields, replace

import numpy as np
import pytest
from naive_neuromem_chain import NaiveChain

from accelsim.functional.neuromem import learn, recognise
from accelsim.functional.neuromem_accesses import joined
from accelsim.functional.neuromem_registers import RegisterPort
from accelsim.functional.neuromem_state import NeuroMemDevice, Switches, new_state

SWITCHES = [field.name for field in fields(Switches)]
FEW, MANY = 300, 10_000


def sequence(draw):
    """A short life: settings, batches to learn (counter-examples among them) and batches to recognise."""
    components = draw.randint(1, 5)
    spread = draw.choice((3, 12, 256))

    def vectors(count):
        length = draw.randint(1, components)
        return [[draw.randrange(spread) for _ in range(length)] for _ in range(count)]

    def step():
        kind = draw.choice(("learn", "learn", "learn", "recognise", "recognise", "context", "influence", "mode", "forget"))
        count = draw.randint(1, 6)
        arguments = {
            "learn": lambda: (vectors(count), [draw.randint(0, 3) for _ in range(count)]),
            "recognise": lambda: (vectors(count), draw.randint(0, 4)),
            "context": lambda: (draw.choice((0, 1, 1, 2)), draw.choice(("l1", "lsup"))),
            "influence": lambda: (draw.randint(0, 4), draw.choice((3, 20, 0x4000))),
            "mode": lambda: (draw.choice(("rbf", "rbf", "knn")),),
            "forget": tuple,
        }
        return kind, arguments[kind]()

    device = NeuroMemDevice(neurons=draw.randint(1, 4), components=components, chips=draw.randint(1, 2))
    return device, [step() for _ in range(draw.randint(2, 12))]


def told_by_plain_python(device, steps, switches):
    chain, told = NaiveChain(device.capacity, device.components, switches), []
    for kind, arguments in steps:
        if kind == "learn":
            told += [chain.learn(vector, category) for vector, category in zip(*arguments, strict=True)]
        elif kind == "recognise":
            told += [chain.recognise(vector, arguments[1]) for vector in arguments[0]]
        elif kind == "context":
            chain.context = arguments[0] + (128 if arguments[1] == "lsup" else 0)
        elif kind == "influence":
            chain.minif, chain.maxif = arguments
        elif kind == "mode":
            chain.knn = arguments == ("knn",)
        else:
            chain.forget()
    return told, [(n.memory, n.context, n.shown, n.aif, n.minif, n.distance) for n in chain.neurons]


def set_state(state, kind, arguments):
    {"context": state.set_context, "influence": state.set_influence, "mode": state.set_mode, "forget": state.forget}[kind](*arguments)


def told_by_device(device, steps, switches, at_once):
    state, told, records = new_state(device), [], []
    for kind, arguments in steps:
        if kind not in ("learn", "recognise"):
            set_state(state, kind, arguments)
            continue
        rows = np.array(arguments[0], np.uint8)
        for part in [slice(None)] if at_once else [slice(i, i + 1) for i in range(len(rows))]:
            if kind == "learn":
                done = learn(state, rows[part], np.array(arguments[1])[part], switches)
                told += zip(done.status.tolist(), done.identifier.tolist(), done.shrunk.tolist(), strict=True)
            else:
                done = recognise(state, rows[part], arguments[1], switches)
                told += [answer_of(done, row) for row in range(len(done.status))]
            records.append(done.accesses)
    return told, state, joined(records)


def answer_of(done, row):
    answers = zip(done.distance[row].tolist(), done.category[row].tolist(), done.identifier[row].tolist(), strict=True)
    return int(done.status[row]), int(done.firing[row]), [answer for answer in answers if answer[0] != 0xFFFF]


def told_by_registers(device, steps, switches):
    """Status and answers only: what a host can see."""
    state, told = new_state(device), []
    port = RegisterPort(state, switches)
    for kind, arguments in steps:
        if kind not in ("learn", "recognise"):
            set_state(state, kind, arguments)
            continue
        for row, vector in enumerate(arguments[0]):
            for component in vector[:-1]:
                port.write("COMP", component)
            port.write("LCOMP", vector[-1])
            if kind == "learn":
                port.write("CAT", arguments[1][row])
            elif not arguments[1]:
                port.read("NSR")
            else:
                told.append(read_out(port, arguments[1]))
    return told, state, port.accesses()


def read_out(port, k):
    answers = []
    for _ in range(k):
        distance = port.read("DIST")
        if distance == 0xFFFF:
            break
        answers.append((distance, port.read("CAT")))
    return answers


def neurons_of(state):
    columns = (state.memory, state.contexts, state.categories, state.influence, state.minimum_influence, state.distance)
    return [(list(memory), *rest) for memory, *rest in zip(*(column.tolist() for column in columns), strict=True)]


def compare(seed, switches):
    device, steps = sequence(random.Random(seed))
    expected, neurons = told_by_plain_python(device, steps, switches)
    at_once, state, accesses = told_by_device(device, steps, switches, at_once=True)
    assert at_once == expected
    assert neurons_of(state) == neurons
    one_by_one, other, other_accesses = told_by_device(device, steps, switches, at_once=False)
    assert one_by_one == expected
    assert other.digest() == state.digest()
    seen, by_register, log = told_by_registers(device, steps, switches)
    assert seen == [[pair[:2] for pair in answer[2]] for (answer, k) in recognised(steps, expected) if k]
    assert neurons_of(by_register) == neurons
    assert log.cycles().sum() == accesses.cycles().sum() == other_accesses.cycles().sum()
    assert by_register.digest() == state.digest()


def recognised(steps, expected):
    """Pair each recognised vector's expected answer with the k that was asked."""
    remaining = iter(expected)
    for kind, arguments in steps:
        if kind in ("learn", "recognise"):
            for _ in arguments[0]:
                answer = next(remaining)
                if kind == "recognise":
                    yield answer, arguments[1]


@pytest.mark.parametrize("part", range(4))
def test_random_lives_are_those_of_plain_python(part):
    for seed in range(part * FEW // 4, (part + 1) * FEW // 4):
        compare(seed, Switches())


@pytest.mark.parametrize("name", SWITCHES)
def test_each_switch_means_the_same_in_plain_python(name):
    for seed in range(60):
        compare(seed, replace(Switches(), **{name: not getattr(Switches(), name)}))


@pytest.mark.slow
def test_ten_thousand_random_lives_under_random_switches_are_those_of_plain_python():
    for seed in range(MANY):
        draw = random.Random(-1 - seed)
        compare(seed, Switches(**{name: draw.random() < 0.5 for name in SWITCHES}))


@pytest.mark.parametrize("name", [name for name in SWITCHES if name != "test_component_fills_all_in_save_restore"])
def test_each_switch_changes_some_life(name):
    other = replace(Switches(), **{name: not getattr(Switches(), name)})
    lives = [sequence(random.Random(seed)) for seed in range(600)]
    assert any(told_by_plain_python(*life, Switches()) != told_by_plain_python(*life, other) for life in lives)

"""Plain Python twins of the spiking kernels, neuron by neuron and synapse by synapse."""

import math


def wrap(value, bits):
    span = 2 ** (bits + 1)
    value %= span
    return value - span if value >= span // 2 else value


def decay(value, kept):
    return int(math.copysign(abs(value) * kept // 4096, value)) if value else 0


def deliver_dense(weights, first, arriving, currents, touched, targets_start, targets, value):
    for j in range(targets):
        arriving[currents + j] += weights[first + j] * value
        touched[targets_start + j] = 1
    return targets


def deliver_sparse(weights, first, last, targets, delays, delayed, arriving, slot, delay, currents, touched, targets_start, value):
    for k in range(first, last):
        at = (slot + delay + (delays[k] if delayed else 0)) % len(arriving)
        arriving[at][currents + targets[k]] += weights[k] * value
        touched[at][targets_start + targets[k]] = 1
    return last - first


def convolution_synapses(weights, in_shape, out_shape, stride, padding, dilation, groups):
    """Return every synapse as (source, target, weight); weights are (kernel_h, kernel_w, in_c, filters per group)."""
    kernel_h, kernel_w, in_c, filters = weights.shape
    found = []
    for oy in range(out_shape[0]):
        for ox in range(out_shape[1]):
            for group in range(groups):
                for f in range(filters):
                    for ky in range(kernel_h):
                        for kx in range(kernel_w):
                            y, x = oy * stride[0] + ky * dilation[0] - padding[0], ox * stride[1] + kx * dilation[1] - padding[1]
                            if 0 <= y < in_shape[0] and 0 <= x < in_shape[1]:
                                for c in range(group * in_c // groups, (group + 1) * in_c // groups):
                                    source = (y * in_shape[1] + x) * in_c + c
                                    target = (oy * out_shape[1] + ox) * out_shape[2] + group * filters + f
                                    found.append((source, target, weights[ky, kx, c, f]))
    return found


def deliver_convolution(synapses, neuron, arriving, touched, value):
    events = 0
    for source, target, weight in synapses:
        if source == neuron:
            arriving[target] += weight * value
            touched[target] = 1
            events += 1
    return events


def integrate_currents(current, arriving, kept, gain, drive):
    for i in range(len(current)):
        current[i] = current[i] * kept[i] + arriving[i]
        arriving[i] = 0
        drive[i] += current[i] * gain[i]


def integrate_current_pair(first, second, arriving_first, arriving_second, kept_first, kept_second, gain_first, gain_second, drive):
    n = len(first)
    integrate_currents(first, arriving_first, [kept_first] * n, [gain_first] * n, drive)
    integrate_currents(second, arriving_second, [kept_second] * n, [gain_second] * n, drive)


def integrate_uniform_voltages(voltage, drive, kept, bias, threshold, inclusive, held_until, step):
    n = len(voltage)
    return integrate_voltages(voltage, drive, [kept] * n, [bias] * n, [threshold] * n, inclusive, held_until, step, [0] * n, [0] * n)[0]


def integrate_voltages(voltage, drive, kept, bias, threshold, inclusive, held_until, step, touched, active):
    crossed = updated = 0
    for i in range(len(voltage)):
        active[i] = int(voltage[i] != 0 or bias[i] != 0 or drive[i] != 0 or touched[i] != 0)
        if held_until[i] <= step:
            voltage[i] = voltage[i] * kept[i] + drive[i] + bias[i]
        touched[i] = 0
        updated += active[i]
        crossed += voltage[i] >= threshold[i] if inclusive else voltage[i] > threshold[i]
    return crossed, updated


def integrate_compartments(population, current, voltage, arriving, drive, bias, threshold, held_until, step, touched, active):
    crossed = updated = 0
    for i in range(len(voltage)):
        gathered = wrap(int(arriving[i]), int(population["accumulator_bits"]))
        gathered = math.floor(gathered * 2.0 ** int(population["sum_exponent"]))
        u = wrap(decay(int(current[i]), int(population["current_kept"])) + gathered + int(drive[i]), 23)
        v = decay(int(voltage[i]), int(population["voltage_kept"])) + u + int(bias[i])
        v = min(max(v, int(population["lowest"])), int(population["highest"])) if population["overflow"] == 0 else wrap(v, 23)
        active[i] = int(voltage[i] != 0 or u != 0 or bias[i] != 0 or touched[i] != 0)
        current[i] = u
        if held_until[i] <= step:
            voltage[i] = v
        arriving[i] = touched[i] = 0
        updated += int(active[i])
        crossed += int(voltage[i]) >= threshold[i] if population["inclusive"] else int(voltage[i]) > threshold[i]
    return crossed, updated


def integrate_sigma_delta(population, current, voltage, residue, arriving, drive, bias, threshold, touched, active, payload):
    sent = updated = 0
    for i in range(len(voltage)):
        sigma = wrap(int(current[i]) + int(arriving[i]), 23)
        act = sigma + int(drive[i]) + int(bias[i])
        if population["activation"] == 1:
            act = max(act, 0)
        elif population["activation"] == 2:
            act = int(drive[i]) * 2 ** int(population["shift"])
        delta = act - int(voltage[i]) + int(residue[i])
        sends = delta != 0 and abs(delta) >= threshold[i]
        payload[i] = math.floor(delta / 2 ** int(population["shift"])) if sends else 0
        active[i] = int(touched[i] != 0 or sends)
        current[i], voltage[i], residue[i] = sigma, act, 0 if sends else delta
        arriving[i] = touched[i] = 0
        sent += sends
        updated += int(active[i])
    return sent, updated


def axons(synapses, core):
    """Return {source: {target core: synapses}} of a list of (source, target) pairs of network-wide numbers."""
    found = {}
    for source, target in synapses:
        counts = found.setdefault(source, {})
        counts[core[target]] = counts.get(core[target], 0) + 1
    return found


def run_compartments(neurons, synapses, drive, steps, slots):
    """Run integer compartments one by one; return spikes as (step, neuron).

    neurons = [dict(current_kept, voltage_kept, threshold, bias, rest)], synapses = [(source, target, weight, delay)],
    drive[step][neuron]; all delays are at least 1.
    """
    n = len(neurons)
    current, voltage, held = [0] * n, [0] * n, [0] * n
    arriving = [[0] * n for _ in range(steps + slots)]
    spikes = []
    for step in range(steps):
        fired = []
        for i, neuron in enumerate(neurons):
            current[i] = wrap(decay(current[i], neuron["current_kept"]) + wrap(arriving[step][i], 21) + drive[step][i], 23)
            if held[i] > step:
                continue
            v = decay(voltage[i], neuron["voltage_kept"]) + current[i] + neuron["bias"]
            voltage[i] = min(max(v, -(2**23) + 1), 2**23 - 1)
            if voltage[i] > neuron["threshold"]:
                voltage[i], held[i] = 0, step + neuron["rest"]
                fired.append(i)
        for source, target, weight, delay in synapses:
            if source in fired:
                arriving[step + delay][target] += weight
        spikes += [(step, i) for i in fired]
    return spikes

"""Golomb-Rice codes bit by bit, as text."""


def code(index, parameter, truncated):
    quotient, rest = divmod(index, 1 << parameter)
    unary = "1" * quotient + ("" if truncated and quotient == 2 else "0")
    return unary + (format(rest, f"0{parameter}b") if parameter else "")


def ways_of(numbers, divisors, longest, plain):
    """Every way to code numbers: its name and its text."""
    for parameter in range(divisors):
        if all(number >> parameter <= longest for number in numbers):
            yield parameter, "".join(code(number, parameter, False) for number in numbers)
    for parameter in range(divisors):
        if all(number >> parameter <= 2 for number in numbers):
            yield divisors + parameter, "".join(code(number, parameter, True) for number in numbers)
    if plain:
        yield 2 * divisors, "0" * plain * len(numbers)


def sliced_bits(stream, index, without_zeros, slice_length, divisors, longest, header, plain):
    numbers = [index[number + 256] for number in stream if number or not without_zeros]
    sliced, last = 0, None
    for at in range(0, len(numbers), slice_length):
        ways = sorted((len(text), way) for way, text in ways_of(numbers[at : at + slice_length], divisors, longest, plain))
        if not ways:
            own = numbers[at : at + slice_length]
            ways = [(sum(len(code(number, divisors - 1, False)) for number in own), divisors - 1)]
        sliced += ways[0][0] + (header if last is not None and ways[0][1] != last else 0)
        last = ways[0][1]
    return min([sliced, *(len(text) for _, text in ways_of(numbers, divisors, longest, plain))]) if numbers else 0

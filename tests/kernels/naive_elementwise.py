"""Plain-Python twin of the element-wise kernels."""

from naive_network import high_multiply, shift_right_rounding


def add_codes(a, b, table_a, table_b, smallest, multiplier, left, right, zero_point, low, high, out):
    for i in range(a.size):
        total = int(table_a[int(a[i]) - smallest]) + int(table_b[int(b[i]) - smallest])
        out[i] = min(max(shift_right_rounding(high_multiply(total * 2 ** int(left), multiplier), right) + zero_point, low), high)

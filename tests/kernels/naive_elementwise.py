"""Plain-Python twin of the element-wise kernels."""

from naive_network import high_multiply, shift_right_rounding


def _scaled(x, multiplier, right):
    return shift_right_rounding(high_multiply(x, multiplier), right)


def add_codes(a, b, zero_a, zero_b, multiplier_a, multiplier_b, right_a, right_b, sign, multiplier, left, right, zero_point, low, high, out):
    for i in range(a.size):
        x = _scaled((int(a[i]) - int(zero_a)) * 2**20, multiplier_a, right_a)
        y = _scaled((int(b[i]) - int(zero_b)) * 2**20, multiplier_b, right_b)
        out[i] = min(max(_scaled((x + int(sign) * y) * 2 ** int(left), multiplier, right) + int(zero_point), low), high)

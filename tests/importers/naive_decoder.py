"""A decoder without a cache: all tokens at once, every query masked from the keys behind it, in double precision."""

import numpy as np


def scores_of_all(shape, weights, tokens):
    """Return the scores (tokens, vocabulary) of every place."""
    count, half = len(tokens), shape.head // 2
    x = weights["tokens"][tokens]
    angles = np.arange(count)[:, None] * 10000.0 ** (-np.arange(half) / half)
    for layer in range(shape.layers):
        part = lambda name, layer=layer: weights[f"layer_{layer}/{name}/weights"].T  # noqa: E731 the layer's matrix
        normal = normalised(x)
        query, key, value = ((normal @ part(name)).reshape(count, -1, shape.head) for name in ("query", "key", "value"))
        query, key = rotated(query, angles), rotated(key, angles)
        mixed = np.empty_like(query)
        for head in range(shape.heads):
            shared = head // (shape.heads // shape.key_heads)
            logits = query[:, head] @ key[:, shared].T / np.sqrt(shape.head)
            logits[np.triu_indices(count, 1)] = -np.inf
            shares = np.exp(logits - logits.max(axis=1, keepdims=True))
            mixed[:, head] = shares / shares.sum(axis=1, keepdims=True) @ value[:, shared]
        x = x + mixed.reshape(count, -1) @ part("attended")
        normal = normalised(x)
        gate = normal @ part("gate")
        x = x + (gate / (1 + np.exp(-gate)) * (normal @ part("up"))) @ part("down")
    return normalised(x) @ weights["tokens"].T


def normalised(x):
    return x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + 1e-5)


def rotated(x, angles):
    first, second = np.split(x, 2, axis=-1)
    cosines, sines = np.cos(angles)[:, None], np.sin(angles)[:, None]
    return np.concatenate([first * cosines - second * sines, second * cosines + first * sines], axis=-1)

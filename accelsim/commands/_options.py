"""Choices that several commands offer."""

# How ``importers.datasets.fit_input`` may read a uint8 pixel.
PIXELS = ("codes", "unit", "signed", "raw", "imagenet")

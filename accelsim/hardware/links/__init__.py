"""Movers between memories: one file per kind, found by its name; each file's ``DESCRIPTION`` is its class."""

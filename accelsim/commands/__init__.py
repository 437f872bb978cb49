"""Commands of the command line by subject; each module lists its own in ``COMMANDS`` and imports heavy rooms inside."""

"""Result -> something for programs; one file per format, each with ``write(result, path)``."""

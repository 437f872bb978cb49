"""Figures of a Result: one function each, one style; ``figures.roofline(result).save("roofline.pdf")``."""

from accelsim.reports.figures.bandwidth import bandwidth
from accelsim.reports.figures.bounds import bounds
from accelsim.reports.figures.energy import energy
from accelsim.reports.figures.layers import layers
from accelsim.reports.figures.memory import memory
from accelsim.reports.figures.power import power
from accelsim.reports.figures.roofline import roofline
from accelsim.reports.figures.timeline import timeline

__all__ = ["roofline", "layers", "bounds", "timeline", "memory", "power", "bandwidth", "energy"]

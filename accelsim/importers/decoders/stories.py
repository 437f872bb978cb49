"""The small language models of A. Karpathy's llama2.c, trained on TinyStories: decoders that microcontrollers and phones run.

Extents: llama2.c README, table of models, and the headers of its checkpoints; the architecture is that of H. Touvron et al.,
"LLaMA", arXiv:2302.13971, section 2.2.
"""

from accelsim.importers.decoders._decoder import Shape

DECODERS = {
    "stories260k": Shape(width=64, layers=5, heads=8, key_heads=4, hidden=172, vocabulary=512, context=512),
    "stories15m": Shape(width=288, layers=6, heads=6, key_heads=6, hidden=768, vocabulary=32000, context=256),
    "stories42m": Shape(width=512, layers=8, heads=8, key_heads=8, hidden=1376, vocabulary=32000, context=1024),
    "stories110m": Shape(width=768, layers=12, heads=12, key_heads=12, hidden=2048, vocabulary=32000, context=1024),
}

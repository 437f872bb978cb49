"""Rectifier between 0 and 6."""


from accelsim.operators._relu import rectifier

Attributes, output_shapes, work, evaluate = rectifier("relu6", 0.0, 6.0)

"""Rectifier between -1 and 1."""


from accelsim.operators._relu import rectifier

Attributes, output_shapes, work, evaluate = rectifier("relu_n1_to_1", -1.0, 1.0)

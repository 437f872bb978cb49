"""Make ``digits_cnn.tflite``: 8 x 8 handwritten digits, trained on scikit-learn's data.

Run ``python workloads/train_digits.py`` from the repository; it takes under a minute.
"""

from training import make

from accelsim.importers.datasets import load_dataset

if __name__ == "__main__":
    make("digits_cnn", load_dataset("digits", "train"), load_dataset("digits"), seed=1, epochs=60, reach=1, stem_stride=1, keep_float=True)

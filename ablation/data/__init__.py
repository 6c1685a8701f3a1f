"""Images and labels: the sources, what is decoded of them, the splits, and the batches that engines take."""

from ablation.data.dataset import Dataset, Images, describe, load, prepare

__all__ = ["Dataset", "Images", "describe", "load", "prepare"]

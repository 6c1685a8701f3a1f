"""Images and labels: sources, decoded images, splits, and the batches for the engines."""

from ablation.data.dataset import Dataset, Images, describe, load, prepare
from ablation.data.summary import summary

__all__ = ["Dataset", "Images", "describe", "load", "prepare", "summary"]

"""Images and labels: sources, decoded images, splits, and the batches for the engines."""

from ablation.data.dataset import Dataset, Images, caching_problem, describe, load, needs_download, prepare
from ablation.data.summary import summary

__all__ = ["Dataset", "Images", "caching_problem", "describe", "load", "needs_download", "prepare", "summary"]

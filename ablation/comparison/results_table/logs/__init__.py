"""Folders of logs: TensorBoard event files, and the CSV files of Lightning's and Keras' loggers."""

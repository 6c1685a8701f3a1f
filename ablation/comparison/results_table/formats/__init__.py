"""The forms of files: delimited text, Parquet and JSON, and what the exports of W&B and MLflow contain."""

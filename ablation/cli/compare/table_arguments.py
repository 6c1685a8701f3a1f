"""The options of `ablate-compare` that only results of other programs have."""

import argparse

from ablation.comparison.results_table.options import AUTO, DIRECTIONS, SOURCES, TAKES, UNITS


def add_table_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `TableOptions`, but for --metric, which own runs have too."""
    add = parser.add_argument_group(
        "results of other programs",
        "A table (.csv, .tsv, .parquet, .jsonl, .json) with one row for each run, an export of W&B or MLflow, or a "
        "folder of TensorBoard, Lightning or Keras logs. Such a comparison is exploratory and corrected over all "
        "variants in the table. Example: ablate-compare results.csv --variant model --seed seed --metric test_acc "
        "--baseline full",
    ).add_argument
    add("--variant", metavar="COLUMN", help="column that names the variant of a run (default: variant)")
    add("--seed", metavar="COLUMN", help="column with the seed or the number of the repetition (default: seed)")
    add(
        "--block",
        metavar="COLUMN",
        help="column with the data set, or another block; the value of a seed is its mean over blocks",
    )
    add("--better", choices=DIRECTIONS, help="which values of the metric are better (default: as its name says)")
    add(
        "--unit",
        choices=UNITS,
        help="unit of all values of a share or error rate (default: what looks like both is rejected)",
    )
    add(
        "--take",
        choices=TAKES,
        help="which of several rows of a run counts, such as the last epoch (default: several rows are rejected)",
    )
    add(
        "--from",
        dest="source",
        choices=SOURCES,
        default=AUTO,
        help="program that wrote the results (default: as their form shows)",
    )

"""How a table of results is to be read, as the options of `ablate-compare` say."""

from dataclasses import dataclass

AUTO, TABLE, TENSORBOARD, MLFLOW, WANDB = SOURCES = ("auto", "table", "tensorboard", "mlflow", "wandb")
LAST, MAX, MIN, MEAN = TAKES = ("last", "max", "min", "mean")
HIGHER, LOWER = DIRECTIONS = ("higher", "lower")
PERCENTS, FRACTIONS = UNITS = ("percent", "fraction")


@dataclass(frozen=True)
class TableOptions:
    """Columns of the table, and how their values are read. None leaves the choice to the names of the columns.

    variant, seed, metric, block: columns. better: HIGHER or LOWER. take: which of several rows of a run counts.
    source: one of SOURCES, the program that wrote the table. unit: one of UNITS, in which all shares are written; None
    to refuse what looks like both. where: conditions on columns, as typed.
    """

    variant: str | None = None
    seed: str | None = None
    metric: str | None = None
    block: str | None = None
    better: str | None = None
    take: str | None = None
    source: str = AUTO
    unit: str | None = None
    where: tuple[str, ...] = ()

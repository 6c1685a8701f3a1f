"""How fast training and sweeps are, against plain Keras, PyTorch, a notebook and an earlier version of this project.

    make bench
    python -m benchmarks.bench [--only ROW…] [--before REVISION] [--quick]

Arms: A, the notebook that this project grew from. B, the best plain Keras `fit`. C, `ablate`, whole. D, PyTorch eager,
in the faster of two memory formats. Batches of 128 images of CIFAR-10, cropped and flipped, SGD with momentum and
weight decay. Arms alternate; a ratio is that of two medians. First, a gate checks that C, B and D have equal losses
from equal weights on equal batches. The whole table is written to benchmarks/results/bench.md.
"""

import argparse
import functools
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ablation.runtime import machine
from benchmarks.bench import command_rows, gate, images, processes, settings, speed_rows, table
from benchmarks.bench.bench import Bench
from benchmarks.bench.figures import Row

BEFORE = "7610c49"
RESULT = processes.ROOT / "benchmarks" / "results" / "bench.md"
ROWS: dict[str, Callable[[Bench], list[Row]]] = {
    **{name: functools.partial(speed_rows.network_rows, name=name) for name in settings.NETWORKS},
    "notebook": speed_rows.notebook_row,
    "exactness": speed_rows.exactness_row,
    "before": command_rows.tree_rows,
    "jax": command_rows.jax_row,
    "sweep": command_rows.sweep_rows,
}
NOT_VALID = "These figures are NOT VALID: --quick measures too little. It only shows that every row works."


def main() -> None:
    options = parse()
    length = settings.QUICK if options.quick else settings.FULL
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="bench_") as folder:
        bench = Bench(Path(folder), images.find(Path(folder)), length, options.before, machine.cores())
        print(f"{bench.source.words}; {table.machine()}", flush=True)
        gated = [name for name in options.only if name in settings.NETWORKS]
        for line in gate.check(gated, bench.source, bench.has_torch):
            print(f"gate: {line}", flush=True)
        rows = []
        for name in options.only:
            started = time.perf_counter()
            for row in ROWS[name](bench):
                rows.append(row)
                print("  ".join(table.cells(row)), flush=True)
            print(f"({name}: {time.perf_counter() - started:.0f} s)", flush=True)
    text = table.page(rows, table.command(sys.argv[1:]), bench.source.words, time.perf_counter() - began)
    if options.quick:
        text = f"{NOT_VALID}\n\n{text}\n{NOT_VALID}\n"
    elif set(options.only) == set(ROWS):
        RESULT.write_text(text)
    print(f"\n{text}")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benchmarks.bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=ROWS, default=list(ROWS), metavar="ROW", help=" ".join(ROWS))
    parser.add_argument("--before", default=BEFORE, metavar="REVISION", help=f"to compare with; default: {BEFORE}")
    parser.add_argument("--quick", action="store_true", help="try every row in a short time; the figures are not valid")
    return parser.parse_args()


if __name__ == "__main__":
    main()

"""Simulate studies to measure false verdicts, the coverage of intervals, and power.

    .venv/bin/python benchmarks/verdict.py [--quick] [--processes N] [--only SECTION …]

Every study goes through the code that judges real ones. A false verdict is `better` or `worse` on a component without
effect; a study counts once, however many it has. Each figure of false verdicts and of coverage comes from 20,000
studies, of power and of coverage with true differences in sequential designs from 4,000; `--quick` simulates a tenth.

Bounds, each with two standard errors. False verdicts: 5 %; 6 % for a single comparison by Welch's test of equally many
seeds with unequal SDs. Coverage: 94 % of single intervals in fixed designs; 95 % of studies of which all Bonferroni
intervals hold, 94 % where 6 % of false verdicts are allowed; 95 % of repeated intervals, singly and all of a study.
Power: at least that of the rule used before, whose degrees of freedom came from the arithmetic mean of the variances.

Of several hundred figures that are just at their bound's level, some exceed two standard errors by chance. A figure
beyond its bound is therefore measured again with more new studies (five times as many; of sequential designs twice as
many), and these alone decide. Exit code 1 if a bound does not hold; each is named.
"""

import argparse
import platform
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import scipy

sys.path.insert(0, str(Path(__file__).resolve().parent))

from simulation.bounds import Figure, factorial_figures, figures
from simulation.factorial_level import FACTORIAL_ROWS, FactorialChunk, FactorialRow, count_factorial
from simulation.level import CHUNK, FIXED, SEQUENTIAL, UNEQUAL, Counts, Design, chunks, count
from simulation.power import Power, PowerTask, power
from simulation.rows import COMPARISONS, DISTRIBUTIONS, MAX_SEEDS, ROWS, UNEQUAL_ROWS, Row, correlated, factors

STUDIES, POWER_STUDIES = 20_000, 4_000
QUICK, AGAIN = 10, 5  # the number of studies is divided by QUICK, and multiplied by AGAIN in a repetition
AGAIN_SEQUENTIAL, SHIFTED = 2, 5  # AGAIN for sequential designs; the number is divided by SHIFTED for true differences
CORRELATIONS = (0.0, 0.3, 0.5, 0.75)  # of seeds
LEAST_POWER, LEAST_SEQUENTIAL_POWER, MOST_SEEDS = 0.7, 0.85, 21
FALSE = f"Studies with a false verdict, in %, for {' / '.join(map(str, COMPARISONS))} comparisons"
COVERAGE = "Coverage in %: single intervals (the lowest) / all of a study, for 4 / 8 / 12 comparisons"


@dataclass
class Bench:
    """run: maps a function over tasks, in order. divisor: of the numbers of studies.

    judged: figures with a bound. broken: bounds that do not hold. by_chance: those that hold when measured again.
    """

    run: Callable
    divisor: int
    judged: int = 0
    broken: list[str] = field(default_factory=list)
    by_chance: list[str] = field(default_factory=list)

    @property
    def studies(self) -> int:
        return STUDIES // self.divisor

    def table(self, rows: Sequence[Row], designs: Sequence[Design], seed: int, share: int = 1) -> list[list[Counts]]:
        """The counts of each row and design. Figures beyond their bounds are measured again.

        share: divides the number of studies.
        """
        table = []
        for index, row in enumerate(rows):
            of_row = self._counts(row, designs, self.studies // share, (seed, index, 0))
            for design, counts in zip(designs, of_row, strict=True):
                again = partial(self._again, row, design, (seed, index, 1))
                self.judge(figures(row, design, counts), again)
            table.append(of_row)
        return table

    def _counts(self, row: Row, designs: Sequence[Design], studies: int, seed: tuple[int, ...]) -> list[Counts]:
        sums = [Counts() for _ in designs]
        for of_chunk in self.run(count, chunks(row, designs, studies, seed)):
            for total, counts in zip(sums, of_chunk, strict=True):
                total.add(counts)
        return sums

    def _again(self, row: Row, design: Design, seed: tuple[int, ...]) -> list[Figure]:
        times = AGAIN if design.n else AGAIN_SEQUENTIAL
        (counts,) = self._counts(row, [design], times * self.studies, seed)
        return figures(row, design, counts)

    def judge(self, measured: Sequence[Figure], again: Callable[[], Sequence[Figure]]) -> None:
        """Note which bounds are broken. again: measures the same figures with new studies."""
        self.judged += len(measured)
        if not any(figure.is_broken for figure in measured):
            return
        for first, second in zip(measured, again(), strict=True):
            if first.is_broken:
                noted = self.broken if second.is_broken else self.by_chance
                noted.append(f"{first}, then {second.share:.2%} (bound {second.bound:.2%})")

    def require(self, holds: bool, what: str) -> None:
        self.judged += 1
        if not holds:
            self.broken.append(what)


# ---------------------------------------------------------------- level and coverage


def percents(shares: Iterable[float]) -> str:
    return " /".join(f"{100 * share:5.1f}" for share in shares)


def print_table(title: str, rows: Sequence[Row], designs: Sequence[Design], cells: Sequence[Sequence[str]]) -> None:
    width = max(len(cell) for of_row in cells for cell in of_row)
    names = [f"{design.name:^{width}}" for design in designs]
    print(f"\n{title}\n{'':26}" + "   ".join(names).rstrip())
    for row, of_row in zip(rows, cells, strict=True):
        print(f"{row.name:26}" + "   ".join(of_row), flush=True)


def false_cells(table: Sequence[Sequence[Counts]]) -> list[list[str]]:
    return [[percents(counts.false / counts.studies) for counts in of_row] for of_row in table]


def coverage_cells(rows: Sequence[Row], table: Sequence[Sequence[Counts]]) -> list[list[str]]:
    cells = []
    for row, of_row in zip(rows, table, strict=True):
        of_designs = []
        for counts in of_row:
            lowest = min(counts.coverage(row.groups, number) for number in range(len(COMPARISONS)))
            of_designs.append(percents((lowest, *(counts.together / counts.studies)[1:])))
        cells.append(of_designs)
    return cells


def fixed(bench: Bench) -> None:
    table = bench.table(ROWS, FIXED, 1)
    print_table(f"Fixed designs. {FALSE}", ROWS, FIXED, false_cells(table))
    print_table(f"Fixed designs. {COVERAGE}", ROWS, FIXED, coverage_cells(ROWS, table))
    welch = [Design(paired=False, n=UNEQUAL)]
    table = bench.table(UNEQUAL_ROWS, welch, 2)
    print_table(f"Unequal sizes, component:baseline. {FALSE}", UNEQUAL_ROWS, welch, false_cells(table))
    print_table(f"Unequal sizes. {COVERAGE}", UNEQUAL_ROWS, welch, coverage_cells(UNEQUAL_ROWS, table))


def sequential(bench: Bench) -> None:
    """The designs as they are by default: paired by seed."""
    looks_of(bench, [design for design in SEQUENTIAL if design.paired], 3)


def sequential_welch(bench: Bench) -> None:
    """Comparisons of a sequential study that share no initial weights."""
    looks_of(bench, [design for design in SEQUENTIAL if not design.paired], 5)


def looks_of(bench: Bench, designs: Sequence[Design], seed: int) -> None:
    table = bench.table(ROWS, designs, seed)
    print_table(f"Sequential designs, at most {MAX_SEEDS} seeds. {FALSE}", ROWS, designs, false_cells(table))
    print_table(f"Sequential designs. {COVERAGE}", ROWS, designs, coverage_cells(ROWS, table))
    shifted = [replace(design, shift=1.0) for design in designs]
    table = bench.table(ROWS, shifted, seed + 1, SHIFTED)
    title = f"Sequential designs, each true difference 1 SD. {COVERAGE}"
    print_table(title, ROWS, shifted, coverage_cells(ROWS, table))


def factorial(bench: Bench) -> None:
    print("\nFull factorial 2^3, main effects: studies with a false verdict / coverage of single intervals, in %")
    for row in FACTORIAL_ROWS:
        measured = measured_factorial(bench, row, 1)
        bench.judge(measured, partial(measured_factorial, bench, row, AGAIN))
        print(f"{row.name:36}{percents(figure.share for figure in measured)}", flush=True)


def measured_factorial(bench: Bench, row: FactorialRow, factor: int) -> list[Figure]:
    """factor: of the number of studies."""
    tasks = []
    for start in range(0, factor * bench.studies, CHUNK):
        tasks.append(FactorialChunk(row, CHUNK, (4, FACTORIAL_ROWS.index(row), factor, start)))
    return factorial_figures(row, list(bench.run(count_factorial, tasks)))


# ---------------------------------------------------------------- power


def powers(bench: Bench, tasks: Sequence[PowerTask]) -> list[Power]:
    return list(bench.run(partial(power, studies=POWER_STUDIES // bench.divisor), tasks))


def powers_before_and_now(bench: Bench) -> None:
    """Both rules see the same values, so that the standard error of their difference is small.

    Where seeds are independent, the paired test has less power: it has no bound there, since a study pairs only
    variants that share initial weights.
    """
    print("\nPower in %, 8 comparisons, one component differs by 1 / 2 / 3 SD: before -> now")
    print(f"{'':26}" + "   ".join(f"{design.name:^42}" for design in FIXED))
    for row in DISTRIBUTIONS:
        cells = []
        for design in FIXED:
            found = powers(bench, [PowerTask(row, design, difference) for difference in (1, 2, 3)])
            cells.append(f"{percents(each.before for each in found)} -> {percents(each.now for each in found)}")
            has_bound = not design.paired or row.name.startswith("5 seeds correlate")
            for difference, each in enumerate(found if has_bound else (), start=1):
                what = f"power, {row.name}, {design.name}, {difference} SD: {each.now:.1%} (before {each.before:.1%})"
                bench.require(each.now >= each.before, what)
        print(f"{row.name:26}" + "   ".join(f"{cell:>42}" for cell in cells), flush=True)


def power_beside_a_tenfold_sd(bench: Bench) -> None:
    row = Row("", factors=factors([1], 10.0))
    print("\nPower in %, 8 comparisons, one component differs by 3 SD, another one has 10 times the SD: before, now")
    for design in FIXED:
        (each,) = powers(bench, [PowerTask(row, design, 3)])
        print(f"{design.name:26}{100 * each.before:5.1f}{100 * each.now:8.1f}", flush=True)
        if design.n == 5:
            what = f"power beside a component with 10 times the SD: {each.now:.1%} (bound {LEAST_POWER:.0%})"
            bench.require(each.now >= LEAST_POWER, what)


def power_of_pairing(bench: Bench) -> None:
    print("\nPower in %, 8 comparisons, 10 seeds that correlate by r, one component differs by 1 / 2 SD: Welch, paired")
    for correlation in CORRELATIONS:
        row = Row("", correlated(correlation))
        found = powers(bench, [PowerTask(row, design, sds) for design in FIXED[2:] for sds in (1, 2)])
        welch, paired = (percents(each.now for each in half) for half in (found[:2], found[2:]))
        print(f"r = {correlation:<22}{welch}   {paired}", flush=True)


def sequential_power(bench: Bench) -> None:
    title = f"Sequential designs, at most {MAX_SEEDS} seeds that correlate by r, 8 comparisons, differences of 1 SD"
    print(f"\n{title}: power in % at the mean number of seeds")
    print(f"{'':12}{'one differs: paired':>22}{'Welch':>14}{'all differ: paired':>22}{'Welch':>14}")
    for correlation in CORRELATIONS:
        row = Row("", correlated(correlation))
        found = []
        for all_differ in (False, True):
            found += powers(bench, [PowerTask(row, design, 1, all_differ) for design in SEQUENTIAL])
        one, one_welch, every, every_welch = found
        print(f"r = {correlation:<8}{one!s:>22}{one_welch!s:>14}{every!s:>22}{every_welch!s:>14}", flush=True)
        if correlation == 0.3:
            bound = f"{LEAST_SEQUENTIAL_POWER:.0%} at {MOST_SEEDS}"
            what = f"power of paired sequential designs, r = 0.3, one differs: {one} seeds (bound {bound})"
            bench.require(one.now >= LEAST_SEQUENTIAL_POWER and one.seeds <= MOST_SEEDS, what)


def all_power(bench: Bench) -> None:
    powers_before_and_now(bench)
    power_beside_a_tenfold_sd(bench)
    power_of_pairing(bench)
    sequential_power(bench)


# ---------------------------------------------------------------- the command

SECTIONS = {
    "fixed": fixed,
    "sequential": sequential,
    "sequential_welch": sequential_welch,
    "factorial": factorial,
    "power": all_power,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of the studies, with wider bounds")
    parser.add_argument("--processes", type=int, default=1, metavar="N")
    parser.add_argument(
        "--only", nargs="+", choices=SECTIONS, default=list(SECTIONS), help="measure only these sections"
    )
    arguments = parser.parse_args()
    divisor = QUICK if arguments.quick else 1
    if arguments.processes == 1:
        return measure(Bench(map, divisor), arguments.only)
    with Pool(arguments.processes) as pool:
        return measure(Bench(pool.imap, divisor), arguments.only)


def print_noted(title: str, noted: Sequence[str]) -> None:
    if noted:
        print(f"\n{title}:", *noted, sep="\n  ")


def measure(bench: Bench, sections: Sequence[str]) -> int:
    started = time.monotonic()
    for section in sections:
        before, noted, by_chance = time.monotonic(), len(bench.broken), len(bench.by_chance)
        SECTIONS[section](bench)
        print_noted("Beyond the bound at first, not in five times as many new studies", bench.by_chance[by_chance:])
        print_noted("Broken bounds", bench.broken[noted:])
        print(f"\n({section}: {(time.monotonic() - before) / 60:.1f} min)", flush=True)
    print(f"\n{len(bench.broken)} of {bench.judged} bounds are broken.")
    versions = f"Python {platform.python_version()}, NumPy {np.__version__}, SciPy {scipy.__version__}"
    print(f"\n{versions}, {date.today()}: {(time.monotonic() - started) / 60:.0f} min")
    return 1 if bench.broken else 0


if __name__ == "__main__":
    sys.exit(main())

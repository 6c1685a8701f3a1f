"""Train tiny networks with 40 seeds each, then measure false verdicts and power on studies drawn from these runs.

    nice .venv/bin/python benchmarks/seed_distributions.py [--outputs DIR] [--epochs N ...] [--studies N]

The baseline is a ResNet-8 of width 4 with weight decay; two components are removed, one at a time: its shortcuts, and
its weight decay. Each simulated study draws 3, 5 or 10 seeds with replacement from the 40, or up to 30 in a sequential
study, and goes through the code that judges real ones. Coupled: both sides have the same seeds, as in a study.
Uncoupled: each side has its own, as if seeds had nothing in common. No effect: the component's accuracies are moved to
the baseline's mean, so that every verdict is false. As measured: they are left as they are. Runs that are complete are
not trained again.
"""

import argparse
import platform
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from pathlib import Path

import numpy as np
import scipy

sys.path.insert(0, str(Path(__file__).resolve().parent))

from simulation.level import FIXED, SEQUENTIAL, SIGNIFICANT, Design
from simulation.rows import MAX_SEEDS

from ablation.rundir import discovery
from ablation.rundir.record import read_record
from ablation.statistics import sequential
from ablation.statistics.arm import Arm
from ablation.statistics.pair import Pair
from ablation.statistics.verdict import Family

ABLATE = Path(sys.executable).parent / "ablate"
SEEDS = range(40)
RESNET = ["model=resnet_cifar", "model.depth=8", "model.width=4", "data=digits", "train=quickstart"]
BASELINE = "baseline"
VARIANTS = {
    BASELINE: [*RESNET, "train.weight_decay=5e-4"],
    "-shortcut": [*RESNET, "train.weight_decay=5e-4", "model.residual=false"],
    "-weight_decay": [*RESNET, "train.weight_decay=0"],
}
DESIGNS = (*FIXED, *SEQUENTIAL)


@dataclass(frozen=True)
class Trained:
    """Test accuracies by seed: float64 (seeds,). images: of the test split."""

    accuracies: np.ndarray
    images: int


def train(outputs: Path, epochs: int) -> None:
    for variant, overrides in VARIANTS.items():
        seeds = ",".join(str(seed) for seed in SEEDS)
        options = [f"train.epochs={epochs}", f"seed={seeds}", "n_jobs=1", "threads=1", f"outputs={outputs / variant}"]
        subprocess.run([ABLATE, "-m", *overrides, *options], check=True, stdout=subprocess.DEVNULL)


def trained(folder: Path) -> Trained:
    records = [read_record(directory) for directory in discovery.find([folder])]
    by_seed = {record.seed: record.metrics.value("test", "accuracy") for record in records}
    assert sorted(by_seed) == list(SEEDS), f"{folder} has the seeds {sorted(by_seed)}"
    return Trained(np.array([by_seed[seed] for seed in SEEDS]), records[0].data.test)


@dataclass(frozen=True)
class Bootstrap:
    """Studies of the component and the baseline, drawn from their 40 runs."""

    component: Trained
    baseline: Trained
    is_coupled: bool
    has_effect: bool

    def studies(self, count: int, n: int) -> Iterator[tuple[Arm, Arm]]:
        rng = np.random.default_rng(7)
        of_baseline = rng.integers(len(SEEDS), size=(count, n))
        of_component = of_baseline if self.is_coupled else rng.integers(len(SEEDS), size=(count, n))
        baseline, component = self.baseline.accuracies, self.component.accuracies
        if not self.has_effect:
            component = component - component.mean() + baseline.mean()
        resolution = 1 / self.baseline.images
        for drawn in zip(component[of_component].tolist(), baseline[of_baseline].tolist(), strict=True):
            component_values, baseline_values = (dict(enumerate(values)) for values in drawn)
            yield Arm("component", component_values, resolution), Arm("baseline", baseline_values, resolution)

    def share_with_verdict(self, design: Design, count: int) -> float:
        found = 0
        for component, baseline in self.studies(count, design.n or MAX_SEEDS):
            pairs = [Pair(component, baseline, design.paired)]
            if design.n:
                (verdict,) = Family(pairs, 1).verdicts()
            else:
                (decision,) = sequential.decide(pairs, sequential.Design(MAX_SEEDS, 1))
                verdict = decision.verdict
            found += verdict in SIGNIFICANT
        return found / count


def describe(runs: dict[str, Trained]) -> None:
    baseline = runs[BASELINE].accuracies
    print(f"{'test accuracy of 40 seeds':26}{'mean':>8}{'SD':>8}{'lowest':>8}{'highest':>8}{'Shapiro p':>11}{'r':>7}")
    for variant, of_variant in runs.items():
        values = of_variant.accuracies
        line = f"{variant:26}{values.mean():8.4f}{values.std(ddof=1):8.4f}{values.min():8.4f}{values.max():8.4f}"
        line += f"{scipy.stats.shapiro(values).pvalue:11.3f}"
        if variant != BASELINE:
            line += f"{np.corrcoef(values, baseline)[0, 1]:7.2f}"
        print(line)
    print("r: correlation with the baseline over seeds")


def measure(runs: dict[str, Trained], studies: int) -> None:
    print(f"\nStudies with a verdict of better or worse, in %, of one comparison ({studies:,} studies each)")
    names = [f"{design.name:>10}" if design.n else f"{design.name + ' seq.':>14}" for design in DESIGNS]
    print(f"{'':42}" + "".join(names))
    components = [variant for variant in runs if variant != BASELINE]
    for has_effect, variant, is_coupled in product((False, True), components, (True, False)):
        bootstrap = Bootstrap(runs[variant], runs[BASELINE], is_coupled, has_effect)
        name = f"{variant}, {'coupled' if is_coupled else 'uncoupled'}, {'as measured' if has_effect else 'no effect'}"
        print(f"{name:42}" + shares(bootstrap, studies), flush=True)
    itself = Bootstrap(runs[BASELINE], runs[BASELINE], is_coupled=False, has_effect=False)
    print(f"{'baseline and itself, uncoupled':42}" + shares(itself, studies))


def shares(bootstrap: Bootstrap, studies: int, designs: Sequence[Design] = DESIGNS) -> str:
    cells = []
    for design in designs:
        share = 100 * bootstrap.share_with_verdict(design, studies)
        cells.append(f"{share:10.1f}" if design.n else f"{share:14.1f}")
    return "".join(cells)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--outputs", type=Path, default=Path("outputs/seed_distributions"), metavar="DIR")
    parser.add_argument("--epochs", type=int, nargs="+", default=[10], metavar="N")
    parser.add_argument("--studies", type=int, default=20_000, metavar="N")
    arguments = parser.parse_args()
    for epochs in arguments.epochs:
        started = time.monotonic()
        folder = arguments.outputs / f"{epochs}_epochs"
        train(folder, epochs)
        after_training = time.monotonic()
        runs = {variant: trained(folder / variant) for variant in VARIANTS}
        print(f"\n{epochs} epochs")
        describe(runs)
        measure(runs, arguments.studies)
        training, simulating = after_training - started, time.monotonic() - after_training
        print(f"Training: {training / 60:.0f} min; simulation: {simulating / 60:.0f} min")
    versions = f"Python {platform.python_version()}, NumPy {np.__version__}, SciPy {scipy.__version__}"
    print(f"\n{versions}, {date.today()}")


if __name__ == "__main__":
    main()

"""What the benchmark trains, and how long: every arm of a network has the same values."""

from dataclasses import dataclass

BATCH = 128
MOMENTUM, WEIGHT_DECAY = 0.9, 1e-4  # those of train=sgd_he2015


@dataclass(frozen=True)
class Network:
    """A network of the table.

    overrides: of `ablate`. learning_rate: constant, small enough that no arm diverges. images: per epoch, fewer for
    slower networks.
    """

    label: str
    overrides: tuple[str, ...]
    learning_rate: float
    images: int


NETWORKS = {
    "resnet_cifar": Network("resnet_cifar 20", ("model=resnet_cifar", "model.depth=20"), 0.01, 1024),
    "resnet34": Network("resnet34, ImageNet stem", ("model=resnet34", "model.stem=imagenet"), 0.01, 768),
    "shake26": Network("shake26, width 16", ("model=shake26", "model.width=16"), 0.01, 256),
    "vgg16": Network("vgg16", ("model=vgg16",), 0.001, 256),
}


@dataclass(frozen=True)
class Length:
    """How long the benchmark measures. rounds: in which the arms alternate. epochs: timed per round, after a warm-up.

    images: at most, per epoch. first_steps: starts of a single run. quickstarts, sweeps, notebooks, jax, exactness:
    rounds. seeds: of each network of the sweep. quickstart: more overrides.
    """

    rounds: int = 2
    epochs: int = 2
    images: int = 2560
    first_steps: int = 2
    quickstarts: int = 1
    sweeps: int = 1
    notebooks: int = 1
    exactness: int = 2
    jax: int = 1
    seeds: int = 8
    quickstart: tuple[str, ...] = ("seed=0,1,2",)


FULL = Length()
QUICK = Length(
    rounds=1, epochs=1, images=256, first_steps=1, exactness=1, seeds=1, quickstart=("seed=0", "train.epochs=1")
)

"""The number of CPU threads for a run, from the approximate cost of a training step, without building the network."""

from ablation.config import network_structure
from ablation.config.plugins.own_schema import OwnChoice
from ablation.config.schema import Config, Model

# MACs of a step's forward pass below which a single thread is as fast as several: most of the time goes into starting
# operations and waiting for the threads that share them.
SMALL_STEP = 400_000_000
WEIGHTS = {"basic": 18, "bottleneck": 17}  # weights of a block, in squares of its filters (He et al. 2015, Figure 5)
BRANCHES = 2  # of basic blocks, in Shake-Shake networks
DENSE_UNITS = 4096  # of each hidden layer in VGG's head


def default_threads(config: Config, cores: int) -> int:
    """The number of CPU threads for a run without a GPU: one if its network is small, otherwise all of `cores`.

    With JAX always all, because XLA compiles in parallel; also if the network is a plugin's, or the
    images have the size of the data, so that the cost is unknown.
    """
    if isinstance(config.model, OwnChoice):
        return cores
    if config.data.image_size is None:
        return cores
    macs = config.train.batch_size * approximate_macs(config.model, config.data.image_size)
    return 1 if config.backend == "tensorflow" and macs < SMALL_STEP else cores


def approximate_macs(model: Model, image_size: int) -> int:
    """Multiply-accumulate operations for one image, to within a factor of two for the shipped networks.

    image_size: in pixels. Counts the convolutions of the stages and VGG's dense layers. A block from a plugin counts as
    a basic block.
    """
    size, total = image_size, 0
    if model.family != "vgg" and network_structure.stem(model, image_size) == "imagenet":
        size = -(-size // 4)
    for stage, count in enumerate(_repeats(model)):
        if stage and model.family != "vgg":
            size = -(-size // 2)  # by the first block; in VGG, by the pooling after the last one
        filters = model.width * (min(2**stage, 8) if model.family == "vgg" else 2**stage)
        total += count * _block_weights(model) * filters**2 * size**2
        if model.family == "vgg":
            size = size // 2
    if model.head == "vgg":
        total += DENSE_UNITS * (8 * model.width * size**2 + DENSE_UNITS)
    return total


def _repeats(model: Model) -> list[int]:
    """Blocks per stage; in VGG, convolutions per stage."""
    return list(model.repeats) if model.family in ("vgg", "resnet") else network_structure.repeats(model)


def _block_weights(model: Model) -> int:
    if model.family == "vgg":
        return 9
    if model.family == "shake":
        return BRANCHES * WEIGHTS["basic"]
    return WEIGHTS.get(model.block, WEIGHTS["basic"]) if model.family == "resnet" else WEIGHTS["basic"]

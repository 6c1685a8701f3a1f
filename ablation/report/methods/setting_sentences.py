"""The setting of a comparison in words: one sentence for captions, lines for notes, short facts for screens."""

from collections.abc import Sequence
from math import isfinite

from ablation.comparison.analysis.setting import DataSize, NetworkSize, Range, Setting
from ablation.report.methods.recipe_words import recipe
from ablation.report.wording.number_format import count, low_to_high
from ablation.text import capitalized, duration, list_with_more, plural

COMPUTE = "Compute: "  # begins the only line with measured time, which --check ignores
MAX_NAMES = 3  # networks, data sets, devices, versions of a library
MAX_SEEDS = 6  # that are listed
SOFTWARE = {"ablation": "ablation-study", "keras": "Keras", "tensorflow": "TensorFlow", "jax": "JAX"}


def caption_sentence(setting: Setting) -> str:
    """`Baseline network resnet34 (width 8, 335k parameters), 12 epochs on 1,078 training images.`; may be empty."""
    parts = [network_words(setting), length_words(setting)]
    text = ", ".join(filter(None, parts))
    return f"{capitalized(text)}." if text else ""


def notes(setting: Setting) -> tuple[str, ...]:
    """The lines below a table: data, recipe, runs and compute; those that nothing is recorded of are left out."""
    return tuple(filter(None, [data_line(setting), recipe_line(setting), *short_notes(setting)]))


def short_notes(setting: Setting) -> tuple[str, ...]:
    """The lines below a table on a screen: runs and compute."""
    return tuple(filter(None, [runs_line(setting), compute_line(setting)]))


# ---------------------------------------------------------------- networks and length


def network_words(setting: Setting) -> str:
    """`baseline network resnet34 (width 8, 335k parameters)`; without a baseline, all networks; empty without a run."""
    networks = setting.networks
    if setting.baseline is not None and len(networks) > 1:
        return f"baseline network {network_text(setting.baseline)}"
    if not networks:
        return ""
    noun = "network" if len(networks) == 1 else "networks"
    return f"{noun} {list_with_more([network_text(network) for network in networks], MAX_NAMES)}"


def network_text(network: NetworkSize) -> str:
    """`resnet34 (width 8, 335k parameters)`."""
    facts = [f"{low_to_high(*map(count, network.parameters))} parameters"]
    if network.width is not None:
        facts.insert(0, f"width {network.width}")
    return f"{network.name} ({', '.join(facts)})"


def length_words(setting: Setting) -> str:
    """`12 epochs on 1,078 training images`."""
    if setting.epochs is None:
        return ""
    length = range_text(setting.epochs, "epoch")
    images = {data.train for data in setting.data if data.train}
    if len(images) != 1:
        return length
    (number,) = images
    return f"{length} on {plural(number, 'training image')}"


def range_text(numbers: Range, noun: str) -> str:
    """`12 epochs`, or `4 to 12 epochs`."""
    if numbers.low == numbers.high:
        return plural(numbers.high, noun)
    return f"{numbers.low:,} to {plural(numbers.high, noun)}"


# ---------------------------------------------------------------- data and recipe


def data_line(setting: Setting) -> str:
    if not setting.data:
        return ""
    return f"Data: {list_with_more([data_text(data) for data in setting.data], MAX_NAMES, '; ')}."


def data_text(data: DataSize) -> str:
    """`digits (1,078 training, 360 validation and 359 test images of 10 classes)`."""
    counts = []
    for split, images in (("training", data.train), ("validation", data.validation), ("test", data.test)):
        if images:
            counts.append(f"{images:,} {split}")
    if not counts:
        return data.name
    images = f"{list_with_more(counts)} images"
    if data.classes:
        images += f" of {data.classes:,} classes"
    return f"{data.name} ({images})"


def recipe_line(setting: Setting) -> str:
    """`Recipe: SGD with momentum 0.9, …; varied: learning rate.`; of the baseline, if there is one."""
    words = recipe_words(setting)
    if not words:
        return ""
    subject = "Recipe of the baseline" if _varies(setting) and setting.baseline is not None else "Recipe"
    return f"{subject}: {words}."


def recipe_words(setting: Setting) -> str:
    described = recipe(setting.config, setting.varied, includes_varied=setting.baseline is not None)
    texts = []
    if described.words:
        texts.append(", ".join(described.words))
    if described.varied:
        texts.append(f"varied: {list_with_more(described.varied)}")
    if setting.note:
        texts.append(f"training {setting.note} steps")
    return "; ".join(texts)


def _varies(setting: Setting) -> bool:
    return bool(recipe(setting.config, setting.varied, includes_varied=True).varied)


# ---------------------------------------------------------------- runs and compute


def runs_line(setting: Setting) -> str:
    """`Runs: 53 of 56 planned, 2 diverged and 1 missing (7 variants, seeds 0 to 7); 6 comparisons.`"""
    if not setting.runs:
        return ""
    counts = f"{plural(setting.variants, 'variant')}, {seeds_text(setting.seeds)}"
    texts = [f"{runs_words(setting)} ({counts})"]
    if setting.comparisons:
        texts.append(plural(setting.comparisons, "comparison"))
    return f"Runs: {'; '.join(texts)}."


def runs_words(setting: Setting) -> str:
    """`56`, or `53 of 56 planned, 2 diverged and 1 missing`."""
    texts = [f"{setting.runs:,}"]
    if setting.planned is not None and setting.planned != setting.runs:
        texts = [f"{setting.runs:,} of {setting.planned:,} planned"]
    if setting.diverged:
        texts.append(f"{setting.diverged:,} diverged")
    if setting.missing:
        texts.append(f"{setting.missing:,} missing")
    return list_with_more(texts)


def seeds_text(seeds: Sequence[int]) -> str:
    """`seed 3`, `seeds 0 to 7`, `seeds 0, 4 and 5`; of many that do not follow each other, their number."""
    first, last = seeds[0], seeds[-1]
    if len(seeds) == 1:
        return f"seed {first}"
    if last - first == len(seeds) - 1 and len(seeds) > 2:
        return f"seeds {first} to {last}"
    if len(seeds) > MAX_SEEDS:
        return plural(len(seeds), "seed")
    return f"seeds {list_with_more(seeds)}"


def compute_line(setting: Setting) -> str:
    """`Compute: 54 s of training in total on AMD EPYC (2 threads); Keras 3.15.1, TensorFlow 2.21.0.`"""
    words = compute_words(setting)
    return f"{COMPUTE}{words}." if words else ""


def compute_words(setting: Setting) -> str:
    """`54 s of training in total on AMD EPYC (2 threads); Keras 3.15.1, TensorFlow 2.21.0`; may be empty."""
    texts = []
    if setting.runs and isfinite(setting.compute.seconds):
        text = f"{duration(setting.compute.seconds)} of training in total"
        if setting.compute.devices:
            text += f" on {list_with_more(setting.compute.devices, MAX_NAMES)}"
        texts.append(text)
    software = _software(setting)
    if software:
        texts.append(software)
    return "; ".join(texts)


def _software(setting: Setting) -> str:
    """`ablation-study 0.1.0, Keras 3.15.1, TensorFlow 2.21.0`."""
    texts = []
    for library in SOFTWARE:
        versions = setting.compute.versions.get(library)
        if versions:
            texts.append(f"{SOFTWARE[library]} {list_with_more(versions, MAX_NAMES)}")
    return ", ".join(texts)

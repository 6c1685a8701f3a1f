"""Studies that are wrong, with what a refusal must name, and studies that are sound: rows for `test_guards`.

A row is a study without its baseline and name, words typed behind it, and for a wrong one words of the refusal.
"""

from pathlib import Path
from typing import Any

from ablation.run.locator import RunLocator
from ablation.study import orchestration, parsing
from ablation.study.cells import Cells
from ablation.study.compilation.compiler import compile_cells
from ablation.study.plan import Plan
from ablation.study.spec import Study

BASE = ["model=resnet18", "model.repeats=[1,1]", "model.width=4", "data=digits", "data.limit=128", "train=quickstart"]
BASE += ["train.batch_size=32", "train.epochs=2"]
SHAKE = ["model=shake26", "model.depth=8", "model.width=4", *BASE[3:]]
VGG = ["model=vgg16", "model.repeats=[1,1]", "model.width=4", "model.head=global_pool", *BASE[3:]]
BOTTLENECK = ["model=resnet50", *BASE[1:]]


def one(*words: str, name: str = "part", base: list[str] = BASE, **more: Any) -> dict[str, Any]:
    """A study of one component, removed by these words."""
    return {"baseline": base, "components": {name: list(words)}, **more}


def part(form: Any, base: list[str] = BASE, **more: Any) -> dict[str, Any]:
    return {"baseline": base, "components": {"part": form}, **more}


Row = tuple[str, dict[str, Any], list[str], tuple[str, ...]]
# fmt: off
STATIC: list[Row] = [  # refused before anything heavy is imported
    ("a question that is missing", {**one("model.norm=none"), "question": "???"}, [], ("question", "???")),
    ("a cell twice", one("model.norm=none", design="list", cells=[["part"], "part"]), [], ("part", "twice")),
    ("an alternative twice", part({"alternatives": {"one": ["model.norm=none"], "two": ["model.norm=none"]}}), [],
     ("part", "model.norm=none")),
    ("a file hidden by what is typed", one("model=plain18"), ["model.residual=true"],
     ("-part", "model.residual=true", "model=plain18")),
    ("an interpolation", one("model.width=${model.width}"), [], ("part", "${model.width}")),
    ("the same removal twice", {"baseline": BASE, "components": {"a": ["model.norm=none"], "b": ["model.norm=none"]}},
     [],
     ("a", "b", "model.norm=none")),
    ("cells of nothing", one("model.norm=none", design="list", cells=[[]]), [], ("cells", "part")),
    ("a resolution that is no whole number", one("model.norm=none", design="fractional", resolution=3.0), [],
     ("resolution", "3.0")),
    ("an unread quoted value", one("model.norm='batch'"), [], ("-part", "model.norm=batch")),
    ("typo in a key", one("model.norn=none"), [], ("-part", "model.norn", "model.norm")),
    ("typo in a value", one("model.norm=nnoe"), [], ("-part", "model.norm=nnoe")),
    ("typo in a file", one("model=resnet43"), [], ("-part", "resnet43")),
    ("typo in the study", {**one("model.norm=none"), "sedes": 3}, [], ("sedes", "seeds")),
    ("typo in a component", part({"remove": ["model.norm=none"], "wiht": []}), [], ("part", "wiht", "with")),
    ("typo in the design", one("model.norm=none", design="leave_out"), [], ("leave_out", "leave_one_out")),
    ("empty removal", one(), [], ("part", "nothing")),
    ("removal of null", part({"remove": None}), [], ("part", "nothing")),
    ("no alternatives", part({"alternatives": {}}), [], ("part", "alternatives")),
    ("no components", {"baseline": BASE, "components": {}}, [], ("components",)),
    ("no baseline", {"baseline": [], "components": {"part": ["model.norm=none"]}}, [], ("baseline",)),
    ("two factors", one("model.norm=none", "model.activation=elu"), [], ("part", "model.norm=none", "with")),
    ("two factors in one word", one("model={norm:none,activation:elu}"), [], ("part", "model={")),
    ("equal to the baseline", one("model.norm=batch"), [], ("-part", "model.norm", "batch")),
    ("equal, in other words", one("train.momentum=0.90"), [], ("-part", "train.momentum", "0.9")),
    ("equal but for what goes along", part({"remove": ["model.norm=batch"], "with": ["train.learning_rate=0.01"]}), [],
     ("-part", "model.norm", "batch")),
    ("the same file", one("model=resnet18"), [], ("-part", "model")),
    ("unread by the family", one("model.shake_forward=even"), [], ("-part", "model.shake_forward")),
    ("unread by the block", one("model.stride_in=3x3"), [], ("-part", "model.stride_in")),
    ("unread in a plain network", one("model.shortcut=identity_pad", base=[*BASE, "model.residual=false"]), [],
     ("-part", "model.shortcut", "identity_pad")),
    ("unread by the norm", one("model.norm_momentum=0.5", base=[*BASE, "model.norm=group"]), [],
     ("-part", "model.norm_momentum", "0.5")),
    ("unread by the schedule", one("train.lr_milestones=[0.5]"), [], ("-part", "train.lr_milestones")),
    ("no-op typed behind", one("model.residual=false"), ["model=plain18"], ("-part", "model.residual", "false")),
    ("hidden by what is typed", one("model.norm=none"), ["model.norm=group"], ("part", "model.norm=group")),
    ("hidden by its own with", part({"remove": ["model.norm=none"], "with": ["model.norm=group"]}), [],
     ("part", "model.norm")),
    ("hidden by another component", {"baseline": BASE, "design": "factorial", "components": {
        "a": ["model.width=8"], "b": ["model.width=2"]}}, [], ("-a -b", "model.width=8", "model.width=2")),
    ("epochs", one("train.epochs=1"), [], ("-part", "train.epochs", "2", "1", "budget")),
    ("steps", one("train.steps=3"), [], ("-part", "train.steps", "3", "budget")),
    ("batch", one("train.batch_size=16"), [], ("-part", "train.batch_size", "32", "16", "budget")),
    ("limit", one("data.limit=64"), [], ("-part", "data.limit", "128", "64", "budget")),
    ("limit along", part({"remove": ["model.norm=none"], "with": ["data.limit=64"]}), [],
     ("-part", "data.limit", "64")),
    ("split", one("data.holdout=0.3"), [], ("-part", "data.holdout", "0.2", "0.3", "budget")),
    ("selection", one("data.validation=test"), [], ("-part", "data.validation", "test", "budget")),
    ("other data", one("data.source=folder"), [], ("-part", "data")),
    ("a recipe of other length", one("train=sgd_cosine", base=BASE[:5] + ["train=quickstart"]), [],
     ("-part", "train.", "budget")),
    ("a fraction of the images", one("data.fraction=0.5"), [], ("-part", "data.fraction", "0.5", "budget")),
    ("a seed", one("seed=1"), [], ("part", "seed")),
    ("a seed in the baseline", one("model.norm=none", base=[*BASE, "seed=1"]), [], ("seed", "seeds")),
    ("a place", one("outputs=/tmp/x"), [], ("part", "outputs")),
    ("a backend", one("backend=jax"), [], ("part", "backend")),
    ("threads", one("threads=1"), [], ("part", "threads")),
    ("a launcher", one("hydra.launcher.n_jobs=2"), [], ("part", "hydra.launcher")),
    ("a launcher in the baseline", one("model.norm=none", base=[*BASE, "hydra/launcher=joblib"]), [],
     ("hydra/launcher",)),
    ("an addition", one("+model.norm=none"), [], ("part", "+model.norm")),
    ("a deletion", one("~model.norm"), [], ("part", "~model.norm")),
    ("a list of choices", one("model.norm=none,group"), [], ("part", "none,group")),
    ("a sweep typed behind", one("model.norm=none"), ["model.width=4,8"], ("model.width",)),
    ("seeds typed behind", one("model.norm=none"), ["seed=0,1"], ("seed", "study.seeds")),
    ("no word", one("model.norm"), [], ("part", "model.norm")),
    ("a number", part([3]), [], ("part", "3")),
    ("no seeds", one("model.norm=none", seeds=[]), [], ("seeds",)),
    ("a seed twice", one("model.norm=none", seeds=[1, 1]), [], ("seed", "1")),
    ("half a seed", one("model.norm=none", seeds=2.5), [], ("seeds", "2.5")),
    ("resolution without fractions", one("model.norm=none", resolution=3), [], ("resolution", "leave_one_out")),
    ("resolution of nothing", one("model.norm=none", design="fractional", resolution=7), [], ("resolution", "7")),
    ("fractions of alternatives", part({"alternatives": {"a": ["model.norm=none"], "b": ["model.norm=group"]}},
                                       design="fractional"), [], ("part", "fractional")),
    ("cells of another design", one("model.norm=none", cells=[["part"]]), [], ("cells", "list")),
    ("a cell of nothing", one("model.norm=none", design="list", cells=[["prat"]]), [], ("prat", "part")),
    ("a network of no such width", one("model.width=3", base=SHAKE), [], ("-part", "model.width=3")),
    ("a network that the input is too small for", one("model=vgg16"), ["model.repeats=[1,1,1,1,1]"], ("-part", "vgg")),
    ("nesterov without momentum", one("train.momentum=0"), [], ("-part", "train.momentum=0", "train.nesterov")),
    ("a form of momentum at a constant rate", one("train.momentum_form=torch", base=[*BASE, "train.schedule=constant"]),
     [], ("-part", "train.momentum_form", "torch")),
    ("a padding of no crop", one("data.pad=black"), [], ("-part", "data.pad", "crop")),
    ("two kinds of clipping", one("train.global_clipnorm=1", base=[*BASE, "train.clipnorm=1"]), [],
     ("-part", "train.clipnorm=null", "train.global_clipnorm=1")),
    ("a name that is none", {"baseline": BASE, "components": {True: ["model.norm=none"]}}, [], ("true (YAML",)),
]
DYNAMIC: list[Row] = [  # refused once the cells were built and taken a few steps
    ("a file that is kept or not", one("train.keep_weights=false"), [],
     ("-part", "train.keep_weights", "true", "false")),
    ("a decay of nothing", one("train.weight_decay=1e-30"), [], ("-part", "train.weight_decay", "1e-30")),
    ("an average of nothing", one("train.ema_momentum=1e-30"), [], ("-part", "train.ema_momentum", "1e-30")),
    ("clipping that never clips", one("train.clipnorm=1e9"), [], ("-part", "train.clipnorm", "1000000000")),
    ("clipping of all that never clips", one("train.global_clipnorm=1e9"), [],
     ("-part", "train.global_clipnorm", "1000000000")),
    ("a warm-up shorter than a step", one("train.warmup=1e-6"), [], ("-part", "train.warmup", "1e-06")),
    ("a drop of factor one", {**one("train.lr_gamma=1", base=[*BASE, "train.schedule=step",
     "train.lr_milestones=[0.999999]", "train.lr_gamma=0.5"])}, [], ("-part", "train.lr_gamma", "0.5")),
    ("a rate that explodes", one("train.learning_rate=1e30"), [], ("-part", "train.learning_rate=1e+30")),
    ("an input that changes the stem", one("data.image_size=49"), [], ("-part", "data.image_size", "stem")),
]
SOUND: list[tuple[str, dict[str, Any], list[str]]] = [
    ("residual", one("model.residual=false"), []),
    ("with", part({"remove": ["model.norm=none"], "with": ["train.learning_rate=0.01"]}), []),
    ("with what was so before", part({"remove": ["model.norm=none"], "with": ["train.learning_rate=0.05"]}), []),
    ("alternatives", part({"alternatives": {"half": ["model.width=2"], "double": ["model.width=8"]}}), []),
    ("alternatives with", part({"alternatives": {"g": ["model.norm=group"], "n": {"remove": ["model.norm=none"],
                                                                       "with": ["train.learning_rate=0.01"]}}}), []),
    ("a file of the model", one("model=plain18"), []),
    ("a file of the recipe, of equal length", one("train=sgd_cosine"), []),
    ("another recipe typed behind", one("model.norm=group"), ["train=sgd_cosine", "train.epochs=1"]),
    ("label smoothing", one("train.label_smoothing=0", base=[*BASE, "train.label_smoothing=0.1"]), []),
    ("weight decay", one("train.weight_decay=0", base=[*BASE, "train.weight_decay=1e-4"]), []),
    ("what decays", one("train.weight_decay_exclude=norm_bias", base=[*BASE, "train.weight_decay=1e-4"]), []),
    ("a budget that is none", part({"remove": ["model.norm=group"], "budget": True}), []),
    ("a schedule whose keys the baseline sets", one("train.schedule=constant", base=[*BASE, "train.schedule=step",
     "train.lr_milestones=[0.5]", "train.lr_gamma=0.1"]), []),
    ("an optimizer whose keys the baseline sets", one("train.optimizer=adamw", base=[*BASE, "train.momentum=0.8"]), []),
    ("a family whose keys the baseline sets", one("model=resnet18", base=[*SHAKE, "model.shake_forward=even"]), []),
    ("schedule", one("train.schedule=constant"), []),
    ("momentum", part({"remove": ["train.momentum=0"], "with": ["train.nesterov=false"]}), []),
    ("nesterov", one("train.nesterov=false"), []),
    ("optimizer", part({"remove": ["train.optimizer=adamw"], "with": ["train.learning_rate=0.001"]}), []),
    ("clipping", one("train.clipnorm=null", base=[*BASE, "train.clipnorm=0.01"]), []),
    ("clipping of all", one("train.global_clipnorm=0.01"), []),
    ("form of momentum", one("train.momentum_form=torch"), []),
    ("padding", one("data.pad=black", base=[*BASE, "data.augment=crop"]), []),
    ("a crop whose padding the baseline sets", one("data.augment=none", base=[*BASE, "data.augment=crop",
     "data.pad=black"]), []),
    ("weight averaging", one("train.ema_momentum=0", base=[*BASE, "train.ema_momentum=0.9"]), []),
    ("warm-up", one("train.warmup=0", base=[*BASE, "train.warmup=0.5"]), []),
    ("precision", one("train.precision=mixed_bfloat16"), []),
    ("epochs as budget", part({"remove": ["train.epochs=1"], "budget": True}), []),
    ("images as budget", part({"remove": ["data.limit=64"], "budget": True}), []),
    ("batch as budget", part({"remove": ["train.batch_size=16"], "budget": True}), []),
    ("a fraction in as many steps", one("data.fraction=0.5"), ["train.steps=6"]),
    ("augmentation", one("data.augment=none", base=[*BASE, "data.augment=crop_flip"]), []),
    ("cutout", one("data.cutout_size=4"), []),
    ("mixup", one("data.mixup_alpha=0.2"), []),
    ("label noise", one("data.label_noise=0.1"), []),
    ("normalisation of data", one("data.normalize=none"), []),
    ("image size", one("data.image_size=12"), []),
    ("initializer", one("model.initializer=glorot_uniform"), []),
    ("zero init", one("model.zero_init_last=true"), []),
    ("order", one("model.order=pre"), []),
    ("squeeze and excite", one("model.squeeze_excite=4"), []),
    ("stochastic depth", one("model.stochastic_depth=0.5"), []),
    ("groups", one("model.groups=2", base=BOTTLENECK), []),
    ("stride place", one("model.stride_in=3x3", base=BOTTLENECK), []),
    ("shake", one("model.shake_forward=even", base=SHAKE), []),
    ("dropout", one("model.dropout=0.5", base=VGG), []),
    ("two of one room, a factorial", {"baseline": BASE, "design": "factorial",
                                      "components": {"a": ["model.residual=false"], "b": ["model.norm=group"]}}, []),
    ("a question, a list, two seeds", {**one("model.norm=group"), "question": "Why?", "design": "list",
                                       "cells": [[], ["part"]], "seeds": [3, 5]}, []),
]
# fmt: on
PARTS = {  # components that are ablations of BASE, each of another key
    "shortcut": ["model.residual=false"],
    "norm": {
        "alternatives": {
            "group": ["model.norm=group"],
            "none": {"remove": ["model.norm=none"], "with": ["train.learning_rate=0.01"]},
        }
    },
    "activation": ["model.activation=elu"],
    "init": ["model.initializer=glorot_uniform"],
    "nesterov": ["train.nesterov=false"],
    "augment": ["data.augment=crop_flip"],
    "epochs": {"remove": ["train.epochs=1"], "budget": True},
}


def parse(composer, declared: dict[str, Any], *typed: str) -> Study:
    """The study `mine` of BASE."""
    return parsing.parse("mine", {"baseline": BASE, **declared}, typed, composer.is_simple)


def compiled(composer, declared: dict[str, Any], *typed: str) -> Cells:
    return compile_cells(parse(composer, declared, *typed), composer, RunLocator())


def saved(composer, outputs: Path, declared: dict[str, Any], *typed: str) -> Plan:
    """Its plan, written below a root of outputs."""
    plan = orchestration.compile_plan(parse(composer, declared, f"outputs={outputs}", *typed), composer)
    plan.save()
    return plan

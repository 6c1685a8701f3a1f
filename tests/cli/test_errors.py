"""Every refusal: one paragraph that says what, received, allowed and what to type; code 1; nothing half made."""

import pytest
import yaml
from PIL import Image
from support.commands import call

from ablation.config import libraries

pytestmark = pytest.mark.integration  # whole commands

MISTYPED = {  # overrides -> what the paragraph must say
    ("model=resnt34",): ("Unknown model", "model=resnt34", "plain34, plain50", "Type for example model=resnet34"),
    ("data=cifar",): ("Unknown data", "data=cifar", "cifar10, digits", "data=cifar10"),
    ("train=sdg",): ("Unknown train", "quickstart, sgd", "train=sgd"),
    ("modle=vgg16",): ("Unknown key", "Received modle", "model, data, train", "Type for example model="),
    ("model.widht=8",): ("Unknown key", "model.widht", "Allowed in model", "Type for example model.width="),
    ("+model.extra=8",): ("Unknown key", "model.extra", "Allowed in model"),
    ("+colour=red",): ("Unknown key", "colour", "Allowed", "See ablate --help"),
    ("use_attention=true",): ("Unknown key", "Received use_attention", "checkpoint_minutes. See ablate --help"),
    ("train.foo=1",): ("Unknown key", "Received train.foo", "keep_weights. See ablate --help"),
    ("~seed",): ("cannot be deleted", "Received ~seed", "Type seed=…"),
    ("~seed=0",): ("cannot be deleted", "Received ~seed", "Type seed=…"),
    ("~seed=5",): ("cannot be deleted", "Received ~seed", "Type seed=…"),
    ("~train.xla",): ("cannot be deleted", "Received ~train.xla", "Type train.xla=…"),
    ("~model.norm",): ("cannot be deleted", "Received ~model.norm", "Type model.norm=…"),
    ("~model.nrom",): ("Unknown key", "Received model.nrom", "Type for example model.norm="),
    ("~model=vgg16",): ("cannot be deleted", "Received ~model=vgg16", "Type for example model=vgg16"),
    ("~model=resnet34",): ("cannot be deleted", "Received ~model=resnet34", "Type for example model=resnet34"),
    ("~hydra.job",): ("cannot be deleted", "Received ~hydra.job", "Leave ~hydra.job out"),
    ("-m", "~train"): ("cannot be deleted", "Received ~train", "quickstart, sgd"),
    ("model=",): ("Unknown model", "Received model=. Allowed: plain18, plain34", "Type for example model=plain18"),
    ("-m", "+study=nope"): ("Unknown study", "Received +study=nope", "Type for example +study=digits_components"),
    ("+study=",): ("Unknown study", "Received +study=. Allowed: digits_components", "Type for example +study="),
    ("-m", "study=quickstart"): ("plus sign", "Received study=quickstart", "ablate -m +study=quickstart"),
    ("study=nope",): ("plus sign", "Received study=nope", "Allowed: +study= with one of digits_components"),
    ("-m", "+study=nan"): ("Unknown study", "Received +study=nan", "Type for example +study="),
    ("-m", "+study=1"): ("Unknown study", "Received +study=1.", "Type for example +study="),
    ("--resolve",): ("--resolve needs --cfg", "Received --resolve alone", "Type ablate --cfg job --resolve"),
    ("--cfg", "job", "-m"): ("shows the configuration of one run", "Received -m --cfg job", "ablate --cfg job seed=0"),
    ("--cfg", "job", "-m", "+study=quickstart"): ("-m --cfg job", "ablate-plan +study=NAME --list"),
    ("-m", "--info", "seed=1"): ("Several modes", "Received -m --info all", "Leave --info all out"),
    ("-r", "-m", "seed=1"): ("Several modes", "Received --run -m", "Leave -m out"),
    ("seed=one",): ("Wrong type for seed", "seed=one", "a whole number", "seed=0"),
    ("train.learning_rate=fast",): ("Wrong type for train.learning_rate", "a number", "train.learning_rate=0.1"),
    ("model.residual=maybe",): ("Wrong type for model.residual", "true or false"),
    ("model.repeats=3",): ("Wrong form of model.repeats", "model.repeats=3", "a list"),
    ("seed=null",): ("Wrong form of seed", "seed=null", "a value"),
    ("seed=0,1",): ("without -m", "seed", "Type ablate -m seed="),
    ("model.norm=bath",): ("model.norm=bath", "batch, layer, group, none", "model.norm=batch"),
    ("model.activation=rleu",): ("model.activation=rleu", "relu", "Type for example model.activation=relu"),
    ("train.epochs=0",): ("train.epochs=0", "at least 1", "train.epochs=20"),
    ("model.width=abc",): ("Wrong type for model.width", "a whole number", "Type for example model.width=64"),
    ("data.limit=many",): ("Wrong type for data.limit", "Type for example data.limit=1000"),
    ("model.dropout=half",): ("Wrong type for model.dropout", "Type for example model.dropout=0.5"),
    ("model.repeats=[2,x]",): ("Wrong type for model.repeats[1]", "Type for example model.repeats=[3,4,6,3]"),
    ("model.width=100000",): ("at most 65536", "Type for example model.width=64"),
    ("train.learning_rate=-1",): ("at least 0", "Type for example train.learning_rate=0.1"),
    ("train.momentum=1",): ("train.momentum", "below 1"),
    ("seed=-1",): ("seed=-1", "at least 0", "seed=0"),
    ("model.repeats=[2,0]",): ("model.repeats=[2, 0]", "at least 1"),
    ("model=vgg16", "data=cifar10", "model.shortcut=projection"): ("not used by model.family=vgg", "resnet"),
    ("model=resnet34", "model.depth=20"): ("model.depth", "not used by model.family=resnet", "resnet_cifar, shake"),
    ("model=resnet_cifar", "model.depth=21"): ("6n+2", "model.depth=21", "model.depth=20"),
    ("model=shake26", "model.width=33"): ("model.width=33", "even numbers", "model.width=34"),
    ("model.groups=32",): ("model.groups=32 model.block=basic", "model.groups=1", "model=resnet50 model.groups=32"),
    ("model=resnet_cifar", "model.groups=2"): ("model.groups", "not used by model.family=resnet_cifar", "resnet"),
    ("model=resnet50", "model.groups=0"): ("model.groups=0", "at least 1"),
    ("model.squeeze_excite=-1",): ("model.squeeze_excite=-1", "at least 0", "model.squeeze_excite=0"),
    ("model=shake26", "model.squeeze_excite=16"): ("model.squeeze_excite", "not used by model.family=shake"),
    ("model.stochastic_depth=1",): ("model.stochastic_depth=1", "at least 0 and below 1"),
    ("model=shake26", "model.stochastic_depth=0.5"): ("model.stochastic_depth", "not used by model.family=shake"),
    ("model.zero_init_last=perhaps",): ("Wrong type for model.zero_init_last", "true or false"),
    ("model=vgg16", "data=cifar10", "model.zero_init_last=true"): (
        "model.zero_init_last",
        "not used by model.family=vgg",
    ),
    ("model=shake26", "model.order=pre"): ("model.order", "not used by model.family=shake", "resnet, resnet_cifar"),
    ("model=vgg16", "data=cifar10", "model.order=pre"): ("model.order", "not used by model.family=vgg"),
    ("model.order=before",): ("model.order=before", "post, pre", "Type for example model.order=p"),
    ("model.head=null",): ("Wrong form of model.head", "a value"),
    ("data.root=/tmp",): ("data.root", "not used by data.source=digits", "folder"),
    ("train.lr_milestones=[0.5]",): ("train.lr_milestones", "not used by train.schedule=constant", "step"),
    ("train.schedule=step",): ("train.schedule=step", "train.lr_milestones=[0.5,0.75]"),
    ("train.epochs=null",): ("no length", "train.epochs=20"),
    ("train.nesterov=true",): ("momentum", "train.momentum=0.9"),
    ("train.optimizer=adam",): ("train.optimizer=adam", "sgd, adamw", "Type for example train.optimizer=adamw"),
    ("train.optimizer=adamw", "train.momentum=0.5"): (
        "train.momentum",
        "not used by train.optimizer=adamw",
        "Received train.momentum=0.5",
        "by optimizer: sgd",
    ),
    ("train.global_clipnorm=2",): (  # the recipe's file has clipnorm
        "not by both",
        "Received train.clipnorm=1.0 train.global_clipnorm=2.0",
        "Type for example train.clipnorm=null train.global_clipnorm=2.0",
    ),
    ("train.global_clipnorm=0",): ("train.global_clipnorm=0", "above 0", "train.global_clipnorm=1.0"),
    ("train.momentum_form=caffe",): ("train.momentum_form=caffe", "keras, torch", "train.momentum_form="),
    ("train.optimizer=adamw", "train.momentum_form=torch"): (
        "train.momentum_form",
        "not used by train.optimizer=adamw",
        "or type train.optimizer=sgd",
    ),
    ("data.pad=black",): ("data.pad", "not used by data.augment=none", "crop, crop_flip", "type data.augment=crop"),
    ("data.augment=flip", "data.pad=black"): ("data.pad", "not used by data.augment=flip", "type data.augment=crop"),
    ("data.augment=crop", "data.pad=zero"): ("data.pad=zero", "mean, black", "data.pad="),
    ("train.optimizer=adamw", "train.nesterov=true"): ("train.nesterov", "not used by train.optimizer=adamw", "sgd"),
    ("train.beta_1=0.8",): ("train.beta_1", "not used by train.optimizer=sgd", "Used only by optimizer: adamw"),
    ("train.beta_2=0.99",): ("train.beta_2", "not used by train.optimizer=sgd", "Used only by optimizer: adamw"),
    ("train.optimizer=adamw", "train.beta_2=1"): ("train.beta_2=1", "at least 0 and below 1", "train.beta_2=0"),
    ("train.weight_decay_exclude=bias",): (
        "train.weight_decay_exclude=bias",
        "none, norm_bias",
        "train.weight_decay_exclude=norm_bias",
    ),
    ("train.label_smoothing=1",): ("train.label_smoothing=1", "at least 0 and below 1", "train.label_smoothing=0"),
    ("train.ema_momentum=1",): ("train.ema_momentum=1", "at least 0 and below 1", "train.ema_momentum=0"),
    ("train.ema_momentum=-0.1",): ("train.ema_momentum=-0.1", "at least 0 and below 1"),
    ("data.fraction=0",): ("data.fraction=0", "at most 1 and above 0", "data.fraction=1"),
    ("data.fraction=1.5",): ("data.fraction=1.5", "at most 1 and above 0"),
    ("data.label_noise=1.1",): ("data.label_noise=1.1", "at least 0 and at most 1", "data.label_noise=0"),
    ("data.augment=mirror",): ("data.augment=mirror", "none, crop, flip, crop_flip", "data.augment="),
    ("data.mixup_alpha=-1",): ("data.mixup_alpha=-1", "at least 0", "data.mixup_alpha=0"),
    ("data.mixup_alpha=inf",): ("not a finite number", "data.mixup_alpha=inf"),
    ("data.cutout_size=-1",): ("data.cutout_size=-1", "at least 0", "data.cutout_size=0"),
    ("data.cutout_size=9",): (
        "larger than the image",
        "data.cutout_size=9 data.image_size=8",
        "0 to 8",
        "data.cutout_size=4",
    ),
    ("data.normalize=image",): ("data.normalize=image", "channel, none", "data.normalize=channel"),
    ("backend=jax", "train.xla=false"): ("JAX always compiles", "backend=tensorflow"),
    ("backend=torch",): ("backend=torch", "tensorflow, jax"),
    ("model=vgg16",): ("too small for vgg16", "data.image_size=8", "data.image_size=32"),
    ("data.holdout=0.7", "data.holdout_test=0.5"): ("Nothing is left", "data.holdout=0.2"),
    ("model.norm=null",): ("model.norm has no value", "batch, layer, group, none", "model.norm=batch"),
    ("model.repeats=[]",): ("model.repeats has no value", "model.repeats="),
    ("model=resnet_cifar", "model.depth=null"): ("model.depth has no value", "model.family=resnet_cifar"),
    ("train.learning_rate=inf",): ("not a finite number", "train.learning_rate=inf"),
    ("model=null",): ("Received", "Allowed"),
    ("model=3",): ("Unknown model", "Received model=3", "plain18, plain34"),
    ("data=nan",): ("Unknown data", "Received data=nan", "cats_vs_dogs, cifar10"),
    ("hydra/launcher=3",): ("An option of a group must be a name", "model=resnet34"),
    ("train.clipnorm=[1",): ("could not be parsed", "train.clipnorm=[1"),
    ("name=${oc.env:NO_SUCH_VARIABLE}",): ("NO_SUCH_VARIABLE", "NO_SUCH_VARIABLE=…"),
    ("name=run-${sede}",): ("sede", "cannot be resolved", "an existing key"),
    ("outputs=${",): ("An interpolation could not be parsed", "“${”", "\\${", "name='run-${seed}'"),
    ("name=a ${b",): ("An interpolation could not be parsed", "${b", "\\${"),
    ("name=${name}",): ("refers to itself", "Received it in name", "Type for example name=trial"),
    ("-m", "seed=range(0,1000000000)"): ("too many runs", "more than 100,000", "seed=0,1,2"),
    ("-m", "train.momentum=interval(0,1)"): ("A sweep needs its values", "range(start,stop,step)"),
    ("-m", "hydra.job.name=a,b"): ("one value in a sweep", "Received hydra.job.name=a,b", "Type hydra.job.name=a"),
    ("data=folder",): ("data.root=null", "data.root=/path/to/images"),
}


@pytest.fixture
def ablate(in_process):
    """Call the command in an empty folder; returns its code and what it said on standard error."""

    def call(*overrides: str) -> tuple[int, str]:
        done = in_process(*overrides)
        return done.returncode, done.stderr

    return call


def is_a_paragraph(text: str) -> bool:
    return text.startswith("ablate: ") and text.count("\n") == 1 and "Traceback" not in text


@pytest.mark.parametrize("overrides", MISTYPED, ids=" ".join)
def test_mistyped(ablate, overrides, tmp_path):
    code, text = ablate(*overrides)
    assert code == 1 and is_a_paragraph(text), text
    for words in MISTYPED[overrides]:
        assert words in text
    assert not list(tmp_path.iterdir())


def test_a_wrong_cell_stops_a_sweep_before_it_starts(ablate, tmp_path):
    code, text = ablate("-m", "model=resnet34,vgg16")
    assert code == 1 and is_a_paragraph(text)
    assert "too small for vgg16" in text and "in the run model=vgg16; nothing was started" in text
    assert not list(tmp_path.iterdir())


def test_a_data_set_that_is_not_prepared_and_no_network(ablate, tmp_path):
    code, text = ablate("data=cifar10", "data.dir=nowhere")
    assert code == 1 and is_a_paragraph(text), text
    for words in ("cifar10 is not prepared", "Looked in nowhere", "build cifar10", "data.dir=", "data=digits"):
        assert words in text
    assert not (tmp_path / "outputs").exists()


def folder(root, images: dict[str, int]):
    for name, count in images.items():
        (root / name).mkdir(parents=True)
        for i in range(count):
            Image.new("RGB", (8, 8), (20 * i, 0, 0)).save(root / name / f"{i}.png")
    return root


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (None, ("does not exist", "one folder of images per class")),
        ({"cat": 0, "dog": 0}, ("no images", ".jpg")),
        ({"cat": 5}, ("only one class: cat", "two or more classes")),
    ],
)
def test_folders_without_a_task(ablate, tmp_path, images, words):
    root = tmp_path / "images"
    if images:
        folder(root, images)
    code, text = ablate("data=folder", f"data.root={root}")
    assert code == 1 and is_a_paragraph(text)
    for part in (*words, str(root), "data.root=/path/to/images"):
        assert part in text
    assert not (tmp_path / "outputs").exists()


@pytest.mark.integration
@pytest.mark.parametrize(("broken", "words"), [(["dog/3"], "An image cannot"), (["cat/4", "dog/3"], "2 of 10 images")])
def test_corrupt_images_are_listed_and_leave_no_half_made_run(tmp_path, broken, words):
    root = folder(tmp_path / "images", {"cat": 5, "dog": 5})
    for name in broken:
        whole = (root / f"{name}.png").read_bytes()
        (root / f"{name}.png").write_bytes(whole[: len(whole) // 2])
    typed = ["data=folder", f"data.root={root}", "data.image_size=8", "model.width=4"]
    for _ in range(2):  # the same ones every time
        done = call(tmp_path, *typed)
        assert done.returncode == 1 and is_a_paragraph(done.stderr)
        for part in (words, "intact image files", "mv ", *(f"{root}/{name}.png" for name in broken)):
            assert part in done.stderr
        assert not [p for p in (tmp_path / "outputs").iterdir() if not p.name.startswith(".")]


def test_an_unwritable_place(ablate, tmp_path):
    (tmp_path / "file").write_text("")
    code, text = ablate(f"outputs={tmp_path}/file/below")
    assert code == 1 and is_a_paragraph(text)
    for words in (
        "Cannot write to",
        f"{tmp_path}/file/below",
        "a writable folder on a disk with free space",
        "outputs=/tmp/outputs",
    ):
        assert words in text


@pytest.fixture
def installed(monkeypatch):
    """Choose which modules are installed."""

    def only(is_there):
        monkeypatch.setattr(libraries, "_is_installed", is_there)

    return only


STUDY = "study:\n  baseline: [data=digits, backend=jax]\n  components: {shortcut: [model.residual=false]}\n  seeds: 3\n"


@pytest.mark.parametrize("command", ["run", "sweep", "study", "plan"])
def test_a_backend_that_is_not_installed_is_asked_for_before_anything_is_made(command, in_process, tmp_path, installed):
    installed(lambda module: module not in ("jax", "jaxlib"))
    words = ["backend=jax"]
    if command in ("study", "plan"):
        (tmp_path / "study").mkdir()
        (tmp_path / "study" / "mine.yaml").write_text(f"# @package _global_\n{STUDY}")
        words = ["--config-dir", tmp_path, "+study=mine"]
    before = list(tmp_path.rglob("*"))
    if command in ("sweep", "study"):
        words = ["-m", *words]
    done = in_process(*words, command="ablate-plan" if command == "plan" else "ablate")
    assert done.returncode == 1 and list(tmp_path.rglob("*")) == before
    assert "backend=jax needs a library that is not installed: jax and jaxlib." in done.stderr
    assert "Type pip install 'ablation-study[jax]', or leave backend= out" in done.stderr


@pytest.mark.parametrize(
    ("launcher", "module", "extra"),
    [
        ("joblib", "hydra_plugins.hydra_joblib_launcher", "joblib"),
        ("slurm", "submitit", "slurm"),
        ("slurm_local", "submitit", "slurm"),
        ("ray", "ray", "ray"),
    ],
)
def test_a_launcher_that_is_not_installed_is_asked_for_before_anything_is_made(
    launcher, module, extra, in_process, tmp_path, installed
):
    installed(lambda name: name != module)
    done = in_process("-m", f"hydra/launcher={launcher}", "seed=0,1")
    assert done.returncode == 1 and list(tmp_path.iterdir()) == []
    assert f"hydra/launcher={launcher} needs a library that is not installed: {module}." in done.stderr
    assert f"Type pip install 'ablation-study[{extra}]', or leave hydra/launcher= out" in done.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--conf", "job"], "ablate --cfg"),
        (["--inf"], "ablate --info"),
        (["--cfg", "jbo"], "invalid choice: 'jbo'"),
        (["seed=1", "--config-dir"], "expected one argument"),
        (["--config-d", "mine", "seed=1"], "ablate --config-dir"),
    ],
)
def test_an_option_that_is_wrong_is_a_paragraph_of_code_2(in_process, capfd, words, told):
    with pytest.raises(SystemExit) as ended:
        in_process(*words)
    text = capfd.readouterr().err
    assert ended.value.code == 2 and is_a_paragraph(text) and told in text and "Received" in text, text


@pytest.mark.parametrize(
    ("words", "name", "outputs"),
    [
        (["name=run-${seed}", "seed=3"], "run-3", "outputs"),
        (["name=5 $, ${model.norm} and \\${seed}"], "5 $, batch and ${seed}", "outputs"),
        (["outputs=out/${model.family}/${seed}"], None, "out/resnet/0"),
        (["outputs=${oc.env:NO_SUCH_VARIABLE,here}/${seed}"], None, "here/0"),
        (["name=${outputs}", "outputs=a,b"], "a,b", "a,b"),
    ],
)
def test_typed_text_with_interpolations_means_what_it_means_in_a_file(
    in_process, untrained, tmp_path, words, name, outputs
):
    assert in_process(*words).returncode == 0
    config = untrained[0].config
    assert (config.name, config.outputs) == (name, outputs)
    written = dict(word.split("=", 1) for word in words)
    (tmp_path / "extra").mkdir()
    (tmp_path / "extra" / "mine.yaml").write_text(f"# @package _global_\n{yaml.safe_dump(written)}")
    assert in_process("--config-dir", tmp_path, "+extra=mine").returncode == 0
    assert (untrained[1].config.name, untrained[1].config.outputs) == (name, outputs)


def test_so_it_does_in_a_sweep_and_in_data_root(in_process, untrained, tmp_path):
    for label in ("ant", "bee"):
        (tmp_path / "images-8" / label).mkdir(parents=True)
        for number in range(4):
            Image.new("L", (8, 8), 20 * number).save(tmp_path / "images-8" / label / f"{number}.png")
    typed = ["data=folder", "data.image_size=8", "data.root=images-${data.image_size}", "outputs=a/${seed},b c/${seed}"]
    done = in_process("-m", *typed, "name=run ${seed}", "seed=0,1")
    assert done.returncode == 0, done.stderr
    found = [(run.config.data.root, run.config.outputs, run.config.name) for run in untrained]
    assert sorted(found) == [
        ("images-8", f"{place}/{seed}", f"run {seed}") for place in ("a", "b c") for seed in (0, 1)
    ]


@pytest.mark.parametrize("name", ["1", "nan", "null", "true", "1e3", "-5"])
def test_a_name_that_looks_like_a_number_is_a_name(in_process, untrained, tmp_path, name):
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / f"{name}.yaml").write_text(
        "# @package _global_\n"
        "study: {baseline: [model=resnet18, data=digits], components: {a: [model.norm=none]}, seeds: 1}\n"
    )
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / f"{name}.yaml").write_text("defaults: [resnet18, _self_]\nwidth: 8\n")
    done = in_process("--config-dir", tmp_path, "-m", f"+study={name}")
    assert done.returncode == 0 and len(untrained) == 2, done.stderr
    done = in_process("--config-dir", tmp_path, "-m", f"model={name},resnet34", "seed=0")
    assert done.returncode == 0 and [run.config.model.width for run in untrained[2:]] == [8, 64], done.stderr
    assert f"Type ablate -m +study={name}\n" in in_process("--config-dir", tmp_path, f"+study={name}").stderr

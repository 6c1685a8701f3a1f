"""Command lines and YAML files as nobody means them: typos, wrong types, odd encodings, interpolations, huge numbers.

Case `n` is the same in every process, so that a failure names what to look at:

    PYTHONPATH=tests .venv/bin/python -m support.odd_input lines 17

prints the words of the command line; `files 17` prints the words and the files that are written for them.
"""

import copy
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from PIL import Image

from ablation.config import key_help
from ablation.config.schema import DEFAULTS, GROUPS

LINES, FILES = 2000, 300  # cases of the whole proof
OPTIONS_OF = {  # group: some of its files
    "model": ("resnet18", "resnet34", "plain34", "resnet_cifar", "resnet50", "vgg16", "shake26"),
    "data": ("digits", "folder", "cifar10", "cats_vs_dogs"),
    "train": ("quickstart", "sgd", "sgd_cosine", "sgd_he2015"),
}
STUDIES = ("quickstart", "digits_components", "shake_modes", "vgg_depth", "plain_vs_residual")
NUMBERS = (
    *("0", "-1", "1", "2", "7", "-0.0", "1.5", "1e5", "1e-400", "1e400", "-1e999", "nan", "NaN", "inf", "-inf", ".5"),
    *("5.", "+1", "0x10", "0b1", "007", "1_000", "1__0", "1e", "9" * 30, "9" * 400, "-" + "9" * 5000, "2147483648"),
    *("9223372036854775807", "9223372036854775808", "1,5", "1e3", "٣", "²", "Ⅳ", "1/2", "3%", "10k"),
)
TEXTS = (
    *("", " ", "null", "None", "~", "true", "false", "yes", "no", "on", "off", "maybe", "abc", "a b", "a=b", "=="),
    *("=", "???", "*", "?", "%s", "{0}", "<b>", "&amp;", "../..", "/dev/null", "/", ".", "..", "é", "学習", "🙂"),
    *("\u202e", "\t", "\n", "a\nb", "\x1b[2J", "\x7f", "\ufeffabc", "\udcff", "x" * 5000, "it's", 'say "hi"', "\\"),
    *("a\\", "$", "'", '"', "'a", 'a"', "`", "#", "!", "|", "-", "--", "---", "@", ":", "a:b", ";", "&"),
    *("os.system", "_target_"),
)
STRUCTURES = (
    *("[", "]", "{", "}", "(", ")", "[1", "[1,", "[,]", "[]", "{}", "[1,2]", "[a,b]", "[[1],[2]]", "{a:1}", "{a:"),
    *("{1:2}", "{a:{b:[1,{c:d}]}}", "[1,a,true,null]", "[" * 60, "[" * 60 + "]" * 60, "{a:" * 40 + "1" + "}" * 40),
    *("(1,2)", "[" * 2000 + "]" * 2000, "[null]", "[nan]", "[true,no]", "[3,4,6,3]", "[0.5,0.75]", "2, 2"),
    *("[2, 2]", "{null:1}"),
)
INTERPOLATIONS = (
    *("${seed}", "${model.width}", "${x}", "${", "${}", "${x", "$x", "${${seed}}", "a${seed}b", "${model}", "${name}"),
    *("${oc.env:NO_SUCH_VARIABLE}", "${oc.env:NO_SUCH_VARIABLE,a}", "${oc.env:PATH}", "${oc.env:}", "${oc.env}"),
    *("${oc.decode:'{'}", "${oc.decode:'1'}", "${oc.create:{a:1}}", "${oc.select:model.norm,x}"),
    *("${oc.dict.keys:model}", "${oc.deprecated:seed}", "${hydra:job.num}", "${hydra:runtime.output_dir}"),
    *("${hydra.job.name}", "${now:%Y}", "${now:}", "${python_version:}", "${nosuch:1}", "${.width}", "${..seed}"),
    *("${tags.0}", "\\${seed}", "\\\\${seed}"),
)
SWEEPS = (
    *("a,b", "0,1", "1,", ",", ",,", "[1],[2]", "'a','b'", "range(0,3)", "range(3)", "range(0,3,0)", "range(0,3,-1)"),
    *("range(0,1000000000)", "range(0.1,0.5,0.1)", "range(0,nan)", "range()", "range(a,b)", "shuffle(range(0,3))"),
    *("interval(0,1)", "choice(a,b)", "choice()", "choice(", "glob(*)", "glob(res*)", "glob(", "glob([*],exclude=r*)"),
    *("shuffle(a,b)", "sort(3,1,2)", "sort(a,1,reverse=maybe)", "tag(x,1)", "tag(a,b,choice(1,2))", "int(x)"),
    *("int(3.7)", "float(nan)", "str([1,2])", "bool(maybe)", "bool(0)", "json_str(1)"),
    *("nosuch(1)", "choice(a,choice(b,c))"),
)
VALUES = (NUMBERS, TEXTS, STRUCTURES, INTERPOLATIONS, SWEEPS)
WORDS = (  # that are no overrides of a run, or odd ones
    *("model", "=", "=1", "a", "+", "++", "~", "+=1", "~=1", "@", "a@b=c", "model@data=resnet34", "model/x=1"),
    *("~model", "~data", "~train=sgd", "~seed", "~study", "~hydra", "~hydra.job", "~hydra/launcher", "~model@x"),
    *("++model=vgg16", "+model=vgg16", "model=[resnet18,vgg16]", "model={width:8}", "model=null", "model=1"),
    *("+study=1", "+study=nan", "study=quickstart", "study=nope", "study.seeds=3", "+study=", "+study=a.b"),
    *("+study=../x", "+study=a,b", "+study", "study.design=nope", "study.seeds=many", "study.components={}"),
    *("study={}", "++study={a:1}", "~study.seeds", "hydra/launcher=nope", "hydra/launcher=basic"),
    *("hydra/launcher=joblib", "hydra/launcher=slurm", "hydra/launcher=1", "hydra/sweeper=optuna"),
    *("hydra/sweeper=basic", "hydra/sweeper=null", "hydra/job_logging=default", "hydra=default"),
    *("hydra/job_logging=stdout", "hydra/hydra_logging=colorlog", "hydra/help=nope", "hydra/output=x", "hydra/env=x"),
    *("hydra.run.dir=x", "hydra.sweep.dir=x", "hydra.output_subdir=x", "hydra.mode=MULTIRUN", "hydra.mode=RUN"),
    *("hydra.mode=nope", "hydra.job.name=${seed}", "hydra.job.num=3", "hydra.job.num=x", "hydra.job.env_set={A:b}"),
    *("hydra.job.env_copy=[NO_SUCH_VARIABLE]", "hydra.job.chdir=true", "hydra.searchpath=[nowhere]"),
    *("hydra.searchpath=x", "hydra.searchpath=[pkg://nosuch]", "hydra.searchpath=[s3://x]", "hydra.verbose=[a]"),
    *("hydra.callbacks={a:b}", "+hydra.callbacks.a._target_=os.system", "hydra.launcher._target_=os.system"),
    *("hydra.sweeper.params={seed:'0,1'}", "hydra.sweeper.params={model:{width:'4,8'}}", "hydra.sweeper.params={a:1}"),
    *("hydra.sweeper.params=x", "hydra.sweeper.params={seed:[0,1]}", "hydra.help.template=$"),
    *("hydra.help.template=${x}", "hydra.overrides.task=[a]", "hydra.launcher.n_jobs=x", "+hydra.x=1"),
    *("hydra.version=1", "plugins=[own.py]", "plugins=[images]", "plugins=[nope.py]", "plugins=[binary.py]"),
    *("plugins=[broken.py]", "plugins=[deep.py]", "plugins=own.py", "plugins=[own.py,own.py]"),
)
OPTIONS: tuple[tuple[str, ...], ...] = (
    *(("-m",), ("-m",), ("-m",), ("--multirun",), ("-r",), ("--run",), ("--cfg", "job"), ("--cfg", "all")),
    *(("-c", "job"), ("--cfg", "hydra"), ("--cfg", "nope"), ("--cfg",), ("-cjob",), ("--resolve",), ("-p", "model")),
    *(("-p", "x.y"), ("-p", "a["), ("--package", "_global_"), ("--info",), ("--info", "all"), ("--info", "defaults")),
    *(("-i", "config"), ("--info", "nope"), ("--info=searchpath",), ("--help",), ("-h",), ("--help", "model")),
    *(("--help", "nope"), ("--hydra-help",), ("-sc", "install=bash"), ("-sc", "query=bash"), ("-sc", "install=ksh")),
    *(("-sc",), ("-sc", "x"), ("--config-name", "own"), ("--config-name", "nope"), ("--config-name", "bare")),
    *(("-cn", "study/quickstart"), ("--config-name", "model/resnet18"), ("--config-name", "")),
    *(("--config-dir", "configs"), ("--config-dir", "nowhere"), ("--config-dir", "own.py"), ("--config-dir",)),
    *(("-cd", "configs"), ("--config-path", "configs"), ("-cp", "nope"), ("--config-path", "pkg://nosuch")),
    *(("--config-path", ""), ("--experimental-rerun", "x"), ("--conf", "job"), ("--foo",), ("-x",), ("-",), ("--",)),
    *(("---",), ("-mr",), ("--multirun=1",), ("-m=1",), ("--hepl",), ("--list",), ("--measure",), ("--detect", "x")),
    *(("--detect", "0.01"), ("--detect",), ("--detect", "-1"), ("--detect", "nan"), ("--detect", "1e400sd")),
)
COMPARED: tuple[tuple[str, ...], ...] = (
    *(("nowhere",), ("images",), ("own.py",), ("",), (".",), ("\udcff",), ("x" * 5000,), ("/dev/null",), ("-x",)),
    *(("--",), ("--baseline", "x"), ("--metric", "nope"), ("--margin", "x"), ("--margin", "-1"), ("--margin", "nan")),
    *(("--out", ""), ("--select", "nope"), ("--detect", "1e400"), ("--check", "nope.md"), ("--check", "images")),
    *(("--threshold", "x"), ("--x-axis", "nope"), ("--curve", "nope"), ("--study", "nope"), ("--help",)),
    *(("--versoin",), ("--out", "own.py")),
)
COMMANDS = ("ablate",) * 6 + ("ablate-plan",) * 2 + ("ablate-compare",)


@dataclass
class Case:
    """A command line, and the files that it needs below the working folder: text, bytes, or None for a folder."""

    command: str
    words: list[str]
    files: dict[str, bytes | None] = field(default_factory=dict)


def prepare(folder: Path) -> None:
    """Write what command lines name: images, plugin files of all sorts, a folder of configs."""
    for label in ("ant", "bee"):
        (folder / "images" / label).mkdir(parents=True)
        for number in range(4):
            Image.new("L", (8, 8), 20 * number).save(folder / "images" / label / f"{number}.png")
    (folder / "own.py").write_text("def f(x):\n    return x\n\n\nNORMS = {'mine': f}\n")
    (folder / "broken.py").write_text("NORMS = {'mine': ")
    (folder / "deep.py").write_text("NORMS = " + "(" * 3000)
    (folder / "binary.py").write_bytes(b"\0\xff\xfe" + bytes(range(256)))
    (folder / "configs").mkdir()
    (folder / "configs" / "own.yaml").write_text(
        "defaults: [config, _self_]\nhydra:\n  sweeper:\n    params:\n      model.width: 4,8\n"
    )
    (folder / "configs" / "bare.yaml").write_text("seed: 3\n")


def command_line(number: int) -> Case:
    """A command line, by its number."""
    draw = random.Random(f"line {number}")
    command = draw.choice(COMMANDS)
    words: list[str] = []
    if command == "ablate-compare":
        for _ in range(draw.randint(0, 3)):
            words += draw.choice(COMPARED)
        return Case(command, words)
    if command == "ablate-plan" or draw.random() < 0.15:
        words.append(f"+study={draw.choice(STUDIES)}")
    if command == "ablate-plan" and draw.random() < 0.7:
        words.append("--list")
    for _ in range(draw.choice((1, 1, 1, 2, 2, 3, 5))):
        words += draw.choice(PARTS)(draw)
    draw.shuffle(words) if draw.random() < 0.3 else None
    if command == "ablate" and ("+study" in " ".join(words) or draw.random() < 0.3):
        words.insert(0, "-m")
    return Case(command, words)


def _fine(draw: random.Random) -> list[str]:
    """An override that is right by itself."""
    if draw.random() < 0.4:
        group = draw.choice(list(OPTIONS_OF))
        return [f"{group}={draw.choice(OPTIONS_OF[group])}"]
    key = draw.choice(list(DEFAULTS))
    return [f"{key}={key_help.example(key)}"]


def _odd_value(draw: random.Random) -> list[str]:
    prefix = draw.choice(("", "", "", "", "+", "++", "~"))
    return [f"{prefix}{draw.choice([*DEFAULTS, *GROUPS])}={draw.choice(draw.choice(VALUES))}"]


def _odd_key(draw: random.Random) -> list[str]:
    return [f"{draw.choice(('', '', '+', '++', '~'))}{_misspelt(draw, draw.choice([*DEFAULTS, *GROUPS]))}=1"]


def _odd_choice(draw: random.Random) -> list[str]:
    group = draw.choice(list(OPTIONS_OF))
    return [f"{group}={_misspelt(draw, draw.choice(OPTIONS_OF[group]))}"]


def _odd_word(draw: random.Random) -> list[str]:
    return [draw.choice(WORDS)]


def _odd_option(draw: random.Random) -> list[str]:
    return list(draw.choice(OPTIONS))


def _noise(draw: random.Random) -> list[str]:
    """Characters that mean something to Hydra, YAML or the shell, in any order."""
    return ["".join(draw.choice("abm.=+~@/:,[]{}()'\"\\$ 01-_%\t") for _ in range(draw.randint(1, 25)))]


PARTS: tuple[Callable[[random.Random], list[str]], ...] = (
    *(_fine, _fine, _odd_value, _odd_value, _odd_value, _odd_key, _odd_choice, _odd_word, _odd_option, _noise),
)


def _misspelt(draw: random.Random, word: str) -> str:
    position = draw.randrange(len(word))
    before, after = word[:position], word[position:]
    return draw.choice(
        (
            before + after[1:],
            before + draw.choice("abcxyz_.-0 É") + after,
            before + after[:1] * 2 + after[1:],
            before + after[1:2] + after[:1] + after[2:],
            word.upper(),
            word.replace("_", "-"),
            f"{word}s",
        )
    )


# ---------------------------------------------------------------- files

STUDY: dict[str, Any] = {
    "question": "Which part matters?",
    "baseline": ["model=resnet18", "model.width=4", "data=digits", "train=quickstart"],
    "components": {
        "shortcut": ["model.residual=false"],
        "norm": {"remove": ["model.norm=none"], "with": ["train.learning_rate=0.01"]},
        "width": {"alternatives": {"half": ["model.width=2"], "double": ["model.width=8"]}},
        "epochs": {"remove": ["train.epochs=1"], "budget": True},
    },
    "design": "leave_one_out",
    "seeds": 2,
}
CONTENTS: dict[str, dict[str, Any]] = {  # path below the folder of configs: a sound content
    "model/mine.yaml": {
        "defaults": ["resnet18", "_self_"],
        "width": 8,
        "norm": "group",
        "repeats": [2, 2],
        "dropout": 0.5,
    },
    "data/mine.yaml": {
        "defaults": ["digits", "_self_"],
        "augment": "flip",
        "limit": 100,
        "holdout": 0.3,
        "classes": None,
    },
    "train/mine.yaml": {
        "defaults": ["sgd", "_self_"],
        "epochs": 2,
        "schedule": "step",
        "lr_milestones": [0.5],
        "lr_gamma": 0.1,
    },
    "study/mine.yaml": {"study": STUDY},
    "mine.yaml": {
        "defaults": ["config", "_self_"],
        "seed": 1,
        "tags": ["a"],
        "hydra": {"sweeper": {"params": {"model.width": "4,8"}}},
    },
    "extra/mine.yaml": {"seed": 2, "outputs": "out", "model": {"width": 8}, "hydra": {"job": {"env_set": {}}}},
    "hydra/launcher/mine.yaml": {"defaults": ["joblib"], "n_jobs": 2},
}
CHOSEN_BY = {  # the words that make a command read the file
    "model/mine.yaml": ["model=mine"],
    "data/mine.yaml": ["data=mine"],
    "train/mine.yaml": ["train=mine"],
    "study/mine.yaml": ["+study=mine"],
    "mine.yaml": ["--config-name", "mine"],
    "extra/mine.yaml": ["+extra=mine"],
    "hydra/launcher/mine.yaml": ["hydra/launcher=mine"],
}
GLOBAL = ("study/mine.yaml", "extra/mine.yaml")  # with a package line
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, float("nan"), float("inf"), 10**400, "", " ", "no", "2, 2", "???", "${seed}"),
    *("${", "${x}", "${oc.env:NO_SUCH_VARIABLE}", "a b", "é学🙂", "\x85", "x" * 3000, [], [[]], [None]),
    *([1, "a", None, True], {}, {"a": {"b": [1]}}, {1: 2}, {None: 1}, {True: False}, [{}], "[1", "{a", "-", "*", "&x"),
    *("_target_", {"_target_": "os.system"}),
)
ODD_KEYS: tuple[Any, ...] = (
    *(None, True, 1, 1.5, -1, "", " ", "a b", "a.b", "model.width", "${x}", "é", "_target_", "defaults", "???"),
    *("x" * 2000, "hydra", "study", "model", "+a", "~a", "@", "a@b", "nul\u2028", 10**30),
)
ENCODINGS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "latin-1", "cp037")
DAMAGE = b" \t\n:[]{},'\"#&*!|>%@`\0\xff-9a"
DAMAGE = b" \t\n:[]{},'\"#&*!|>%@`\0\xff-9a"
TEXT_FILES = (
    *("", "\n", "# only a comment\n", "---\n", "--- a\n--- b\n", "null\n", "~", "[]", "{}", "1", "a", '"', "'"),
    *("a: [", "{", "a: b: c", "a:\n\tb: 1", "- a\n- b\n", "? a\n", "!!python/object/apply:os.system [x]"),
    *("a: !!python/name:os.system", "a: !!binary x", "a: !!set {b}", "a: !nosuch b", "a: 2024-01-01", "a: 12:30:45"),
    *("a: &b 1\nc: *b\n", "a: *nope", "<<: {a: 1}", "<<: 1", "a: 1\na: 2", "a: 0o17", "a: 0x1F", "a: 1_000"),
    *("a: .inf", "a: |\n  b", "%YAML 9.9\n---\na: 1", "defaults: mine", "defaults: 1", "defaults: {a: b}"),
    *("defaults: [mine]", "defaults: [null]", "defaults: [1]", "defaults: [[a]]", "defaults: [{model: mine}]"),
    *("defaults: [{a: b, c: d}]", "defaults: [{override model: vgg16}]", "defaults: [{override nope: x}]"),
    *("defaults: [{optional model: nope}]", "defaults: [nope]", "defaults: [_self_, _self_]"),
    *("defaults: [{model: null}]", "defaults: [{model: [a, b]}]", "defaults: ['${x}']", "defaults: [../../x]"),
    *("defaults: ['']", "defaults: [{model@a.b: resnet18}]", "defaults: [/model/resnet18]"),
    *("defaults: [{hydra/sweeper: optuna}]", "\0", "\x01", "# @package\na: 1", "# @package a.b\nc: 1"),
    *("# @package _group_\na: 1", "# @package ${x}\na: 1", "# @package _global_\n", "[" * 500, "[" * 500 + "]" * 500),
    *("a: " + "{b: " * 300 + "1" + "}" * 300, "a" * 100_000, "a: " + "9" * 5000),
)


def file(number: int) -> Case:
    """A command with `--config-dir`, and a file in that folder that is wrong in some way, by its number."""
    draw = random.Random(f"file {number}")
    path = draw.choice(list(CONTENTS))
    content = draw.choice(CHANGES)(draw, path)
    words = ["--config-dir", "given", *CHOSEN_BY[path]]
    is_sweep = path in ("study/mine.yaml", "mine.yaml", "hydra/launcher/mine.yaml") or draw.random() < 0.2
    if is_sweep:
        words.append("-m")
    if draw.random() < 0.1:
        words = [*words[:-1], "--cfg", "job"] if is_sweep else [*words, "--info", "defaults"]
    if path == "study/mine.yaml" and "-m" in words and draw.random() < 0.5:
        return Case("ablate-plan", [*words, "--list"], {f"given/{path}": content})
    return Case("ablate", words, {f"given/{path}": content})


def _text(path: str, content: Any) -> bytes:
    head = "# @package _global_\n" if path in GLOBAL else ""
    return (head + yaml.safe_dump(content, allow_unicode=True, sort_keys=False)).encode("utf-8", "surrogatepass")


def _encoded(draw: random.Random, path: str) -> bytes:
    text = _text(path, CONTENTS[path]).decode() + "# ß"
    return text.encode(draw.choice(ENCODINGS), "replace")


def _changed(draw: random.Random, path: str) -> bytes:
    """A value or a key anywhere in the content is another one."""
    content = yaml.safe_load(yaml.safe_dump(CONTENTS[path]))
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        node = draw.choice(list(_nodes(content)))
        if isinstance(node, dict) and (not node or draw.random() < 0.35):
            node[draw.choice(ODD_KEYS)] = copy.deepcopy(draw.choice(ODD))
        elif isinstance(node, dict):
            node[draw.choice(list(node))] = copy.deepcopy(draw.choice(ODD))
        elif node:
            node[draw.randrange(len(node))] = copy.deepcopy(draw.choice(ODD))
    return _text(path, content)


def _nodes(node: Any) -> Iterator[Any]:
    """The mappings and lists of a content."""
    if isinstance(node, dict | list):
        yield node
        for value in node.values() if isinstance(node, dict) else node:
            yield from _nodes(value)


def _damaged(draw: random.Random, path: str) -> bytes:
    content = bytearray(_text(path, CONTENTS[path]))
    for _ in range(draw.randint(1, 4)):
        position = draw.randrange(len(content))
        content[position : position + draw.randint(0, 3)] = bytes(
            draw.choice(b" \t\n:[]{},'\"#&*!|>%@`\0\xff-9a") for _ in range(2)
        )
    return bytes(content)


def _cut(draw: random.Random, path: str) -> bytes:
    content = _text(path, CONTENTS[path])
    return content[: draw.randrange(len(content))]


def _other_text(draw: random.Random, path: str) -> bytes:
    return draw.choice(TEXT_FILES).encode()


def _folder(draw: random.Random, path: str) -> None:
    return None


CHANGES: tuple[Callable[[random.Random, str], bytes | None], ...] = (
    *(_changed, _changed, _changed, _changed, _other_text, _other_text, _damaged, _damaged, _encoded, _cut, _folder),
)


if __name__ == "__main__":
    case = {"lines": command_line, "files": file}[sys.argv[1]](int(sys.argv[2]))
    print(case.command, case.words)
    for name, data in case.files.items():
        print(f"{name}:\n{data!r}")

"""The commands. With `hydra_plugins/` the only place that knows Hydra; nothing heavy is imported before its time."""

import argparse
import contextlib
import copy
import dataclasses
import functools
import itertools
import os
import re
import signal
import sys
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import hydra
import hydra._internal.hydra
import yaml
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.utils import get_args_parser
from hydra.core.config_loader import ConfigLoader
from hydra.core.config_store import ConfigStore
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, OverrideType
from hydra.errors import HydraException, OverrideParseException
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException
from omegaconf.resolvers import oc

from ablation import messages, plugins, usage
from ablation.check import check, normalise
from ablation.config import Config
from ablation.errors import HIDDEN, AblateError, nearest, public
from ablation.identity import flat
from ablation.job import Job
from ablation.safety import refuse_calls
from ablation.signals import CODES
from ablation.study import language
from ablation.study.language import Study


@dataclasses.dataclass
class Root(Config):
    """What a command composes: a run, or beside it a study, which no run sees."""

    study: Any = None


ConfigStore.instance().store(name="schema", node=Root)
# conf/hydra/launcher/ has files of the names that the plug-ins give to their schemas, which is meant
warnings.filterwarnings("ignore", r"\s*'hydra/launcher/", UserWarning)


def _environment(name: str, *default: Any) -> Any:
    """`${oc.env:NAME}`, whose value no message repeats."""
    value = oc.env(name, *default)
    if name in os.environ and len(os.environ[name]) > 3:
        HIDDEN.hide({os.environ[name]: f"${{oc.env:{name}}}"})
    return value


OmegaConf.register_new_resolver("oc.env", _environment, replace=True)
OmegaConf.register_new_resolver("help_on_keys", lambda *, _root_: messages.help_on_keys(_root_), replace=True)
KEYS = frozenset(flat(Config()))
REFUSALS = (HydraException, OmegaConfBaseException, AblateError, yaml.YAMLError, UnicodeDecodeError, RecursionError)
FREE = re.compile(r"(\+{0,2}(name|outputs|data\.root|data\.dir)=)(.*)", re.DOTALL)  # keys whose values are free text
QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
FOR_HYDRA_HELP = (  # Hydra composes its help without our config, and its own defaults are places that safety refuses
    *("hydra.run.dir=.", "hydra.sweep.dir=.", "hydra.sweep.subdir=.", "hydra.output_subdir=null"),
    *("hydra/job_logging=none", "hydra/hydra_logging=none"),
)
_exit_codes: list[int] = []  # of this command's runs; Hydra's main returns nothing
_looks: list[dict[str, Any]] = []  # what ablate-plan is asked for, while it runs


def conf_dir() -> Path:
    """Where the YAML lies: beside the package in a checkout or an editable install, inside it in a wheel."""
    package = Path(__file__).resolve().parent
    beside = package.parent / "conf"
    return beside if (beside / "config.yaml").is_file() else package / "conf"


def checked(cfg: DictConfig, overrides: Sequence[str]) -> Config:
    """Turn a composed config into a plain value that can run. Raises AblateError."""
    return _normal(_unchecked(cfg), overrides)


def _normal(config: Config, overrides: Sequence[str]) -> Config:
    check(config, _keys(overrides))
    return normalise(config)


def _keys(overrides: Sequence[str]) -> set[str]:
    return {o.lstrip("+~").partition("=")[0] for o in overrides}


def _unchecked(cfg: DictConfig) -> Config:
    """A composed config as a plain value. Raises AblateError for a key that the schema does not have."""
    known = [f.name for f in dataclasses.fields(Config)]
    extra = [k for k in cfg if k not in (*known, "hydra", "study")]
    for group in messages.GROUPS:
        extra += [f"{group}.{k}" for k in cfg[group] if k not in messages.keys(group)]
    if extra:
        raise AblateError(messages.unknown_key(extra[0]))
    values = {k: _plain(cfg[k]) for k in known}
    values["rerun"] = str(values["rerun"]).lower()  # `true` as YAML reads it
    return Config(**values)


def job(cfg: DictConfig, overrides: Sequence[str]) -> Job:
    """The same with what goes into the record. Raises AblateError."""
    config = checked(cfg, overrides)
    root = OmegaConf.masked_copy(cfg, [f.name for f in dataclasses.fields(Config)])
    record = _without_secrets(dataclasses.asdict(config), _texts(root))
    return Job(config, record, tuple(map(public, overrides)), public(OmegaConf.to_yaml(root)))


def _plain(node: Any) -> Any:
    return OmegaConf.to_object(node) if OmegaConf.is_config(node) else node


def _without_secrets(values: Any, texts: Any) -> Any:
    """The values, but the text where `${oc.env:…}` went into one, and no password in a URL."""
    if isinstance(values, dict):
        return {k: _without_secrets(v, texts[k]) for k, v in values.items()}
    if isinstance(values, list) and isinstance(texts, list):
        return [_without_secrets(v, t) for v, t in zip(values, texts, strict=True)]
    values = texts if "oc.env" in str(texts) else values
    return public(values) if isinstance(values, str) else values


def _texts(root: DictConfig) -> Any:
    """The config with every `${oc.env:…}` as it was written, also behind other interpolations."""
    untyped = OmegaConf.create(OmegaConf.to_container(root, resolve=False))
    try:
        OmegaConf.register_new_resolver(
            "oc.env", lambda *words: f"${{oc.env:{','.join(map(str, words))}}}", replace=True
        )
        return OmegaConf.to_container(untyped, resolve=True)
    finally:
        OmegaConf.register_new_resolver("oc.env", _environment, replace=True)


class Quick:
    """Composes the cells of a sweep as Hydra does, at a hundredth of its time.

    Hydra chooses the files first and sets values after: each choice of files is composed once, and a cell's values are
    set on a copy of it. What one word makes of one key is found out once. What is more than that is left to Hydra.
    """

    def __init__(self, loader: ConfigLoader, master: DictConfig):
        self.loader, self.master = loader, master
        self.parse = functools.cache(OverridesParser.create(config_loader=loader).parse_override)
        self.bases: dict[tuple[str, ...], DictConfig] = {}
        self.plains: dict[tuple[str, ...], Config] = {}
        self.patches: dict[tuple[tuple[str, ...], str], tuple[str, Any] | None] = {}

    def config(self, overrides: Sequence[str]) -> Config:
        """One cell, checked. Raises AblateError."""
        with _explained():
            made = self._patched(overrides)
            return checked(self._compose(overrides), overrides) if made is None else _normal(made, overrides)

    def job(self, overrides: Sequence[str]) -> Job:
        """One cell, ready to run. Raises AblateError."""
        with _explained():
            return job(self._compose(overrides), overrides)

    def told(self, overrides: Sequence[str]) -> dict[str, Any]:
        """Every key of one cell with its value, before any check. Raises AblateError."""
        with _explained():
            cfg = self._compose(overrides)
            return {k: OmegaConf.select(cfg, k) for k in KEYS}

    def plain(self, word: str) -> bool:
        """Is it an override of one key by one value, or a choice of one file?"""
        try:
            parsed = self.parse(word)
        except (HydraException, ValueError):
            return False
        if parsed.type != OverrideType.CHANGE or parsed.is_sweep_override() or parsed.package is not None:
            return False
        return isinstance(parsed.value(), str) if parsed.key_or_group in messages.GROUPS else _scalar(parsed.value())

    def _compose(self, overrides: Sequence[str]) -> DictConfig:
        chosen, values = self._parted(overrides)
        if chosen is None:
            return self.loader.load_sweep_config(self.master, list(overrides))
        cfg = copy.deepcopy(self._base(chosen))
        ConfigLoaderImpl._apply_overrides_to_config(values, cfg)
        return cfg

    def _parted(self, overrides: Sequence[str]) -> tuple[tuple[str, ...] | None, list[Override]]:
        """The words that choose files, and those that set values; None for the first where some do neither."""
        parsed = [self.parse(word) for word in overrides]
        values = [o for o in parsed if o.key_or_group in KEYS and o.type == OverrideType.CHANGE]
        files = [o for o in parsed if o not in values]
        plain = all(o.key_or_group in messages.GROUPS and isinstance(o.value(), str) for o in files)
        return (tuple(o.input_line for o in files) if plain else None), values

    def _base(self, chosen: tuple[str, ...]) -> DictConfig:
        if chosen not in self.bases:
            self.bases[chosen] = self.loader.load_sweep_config(self.master, list(chosen))
            with open_dict(self.bases[chosen]):
                del self.bases[chosen]["hydra"]
        return self.bases[chosen]

    def _patched(self, overrides: Sequence[str]) -> Config | None:
        """The files' config with each word's value set; None where a word does more than set its own key."""
        chosen, values = self._parted(overrides)
        if chosen is None:
            return None
        if chosen not in self.plains:
            self.plains[chosen] = _unchecked(self._base(chosen))
        made = copy.deepcopy(self.plains[chosen])
        for override in values:
            patch = self._patch(chosen, override)
            if patch is None:
                return None
            group, _, name = patch[0].rpartition(".")
            setattr(getattr(made, group) if group else made, name, copy.copy(patch[1]))
        return made

    def _patch(self, chosen: tuple[str, ...], override: Override) -> tuple[str, Any] | None:
        place = chosen, override.input_line
        if place not in self.patches:
            cfg = copy.deepcopy(self._base(chosen))
            ConfigLoaderImpl._apply_overrides_to_config([override], cfg)
            before, after = flat(self.plains[chosen]), flat(_unchecked(cfg))
            key = override.key_or_group
            alone = key in after and all(before[k] == after[k] for k in after if k != key)
            self.patches[place] = (key, after[key]) if alone and "${" not in override.input_line else None
        return self.patches[place]


def _scalar(value: Any) -> bool:
    return not isinstance(value, dict) and all(map(_scalar, value if isinstance(value, list) else []))


def study(quick: Quick, arguments: Sequence[str]) -> Study | None:
    """The study that a command asks for; None where it asks for none. Raises AblateError for one that is none."""
    parsed = [quick.parse(word) for word in arguments]
    mine = [o for o in parsed if re.split(r"[./@]", o.key_or_group)[0] == "study"]
    if not mine:
        return None
    files = [o for o in mine if o.key_or_group == "study" and isinstance(o.value(), str)]
    if len(files) != 1 or any(o.is_sweep_override() for o in mine):
        raise AblateError(
            f"One study at a time. Received {' '.join(o.input_line for o in mine)}. Allowed: +study= and one name, and "
            f"single values of its keys. Type for example ablate -m +study={(_studies(quick.loader) or ['NAME'])[0]}"
        )
    name = files[0].value()
    if not re.fullmatch(r"[\w-]+(/[\w-]+)*", name):
        raise AblateError(
            f"A study is named by its file, without its ending. Received +study={name}. Allowed: letters, digits, -, _ "
            f"and / for a folder below study/. Type for example +study={(_studies(quick.loader) or ['NAME'])[0]}"
        )
    source = quick.loader.repository.load_config(f"study/{name}")
    beside = [*(k for k in source.config if k != "study"), *(["defaults"] if source.defaults_list else [])]
    if beside and "study" in source.config:
        raise AblateError(
            f"Nothing but study: stands in the file of a study. Received {beside[0]}: in study/{name}.yaml. Allowed: "
            f"what is below study:. What every run of it shares is typed behind it, or stands in its baseline. Leave "
            f"{beside[0]}: out"
        )
    told = OmegaConf.to_container(quick.master, resolve=False).get("study")
    typed = [o.input_line for o in parsed if o not in mine]
    return language.read(name, told, typed, quick.plain)


def no_study(quick: Quick) -> AblateError:
    """The paragraph for ablate-plan without a study."""
    known = _studies(quick.loader)
    return AblateError(
        f"No study is named. Received ablate-plan without +study=. Allowed: {', '.join(known)}. "
        f"Type for example ablate-plan +study={nearest('quickstart', known)}"
    )


def looking() -> dict[str, Any] | None:
    """What ablate-plan is asked for, as `conduct.look` takes it; None where the command is ablate."""
    return _looks[-1] if _looks else None


def _studies(loader: ConfigLoader) -> list[str]:
    return loader.get_group_options("study")


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """Turn what Hydra and OmegaConf raise into the paragraph about it."""
    try:
        yield
    except AblateError:
        raise
    except REFUSALS as error:
        raise AblateError(messages.explain(error)) from error


def compose(overrides: Sequence[str]) -> Job:
    """Compose a job outside of `hydra.main`, for notebooks and tests. Raises AblateError."""
    with hydra.initialize_config_dir(str(conf_dir()), version_base="1.3"), _explained():
        return job(hydra.compose("config", list(overrides)), overrides)


def build(overrides: Sequence[str], input_shape: tuple[int, int, int] | None, classes: int | None):
    """See `ablation.build`."""
    from ablation import data

    if input_shape is not None:  # what the data's own size would be refused for does not matter then
        overrides = [*overrides, f"data.image_size={min(*input_shape[:2], 1024)}"]
    if input_shape and classes:  # and whether its folder is there does not matter either
        overrides = ["data.root=.", *overrides] if "data=folder" in overrides else overrides
    config = compose(overrides).config
    if input_shape is None or classes is None:
        shape, names = data.describe(config.data)
        input_shape, classes = input_shape or shape, classes or len(names)
    from ablation import environment, network

    plugins.take(config.plugins)
    with environment.neutral():
        return network.build(config.model, input_shape, classes, config.seed)


def task(cfg: DictConfig) -> int:
    """Run one cell: in this process, or in one of its own where it is a launcher's job.

    What went wrong is printed, never raised: one bad cell is not the sweep's end.
    """
    from ablation import run
    from ablation.sweep import launcher

    hydra_config = HydraConfig.get()
    try:
        _refuse_study(cfg, hydra_config)
        cell = job(cfg, OmegaConf.to_container(hydra_config.overrides.task, resolve=False))
        if "num" in hydra_config.job:
            code = launcher.alone(cell, OmegaConf.to_container(hydra_config.launcher, resolve=True))
        else:
            code = run.execute(cell)
    except REFUSALS as error:
        code = _complain(error)
    _exit_codes.append(code)
    return code


def _refuse_study(cfg: DictConfig, hydra_config: DictConfig) -> None:
    if cfg.study is not None:
        words = " ".join(OmegaConf.to_container(hydra_config.overrides.task, resolve=False))
        raise AblateError(
            f"A study is many runs. Received {words} without -m. Allowed: ablate -m, which runs it, and ablate-plan, "
            f"which only looks. Type ablate -m {words}"
        )


def report(code: int) -> None:
    """Let a sweeper say how its sweep ended."""
    _exit_codes.append(code)


class SafeLoader(ConfigLoaderImpl):
    """What every configuration of Hydra's comes through: nothing that it names is called but plug-ins."""

    def load_configuration(self, *args: Any, **kwargs: Any) -> DictConfig:
        cfg = super().load_configuration(*args, **kwargs)
        refuse_calls(cfg)
        return cfg


def _options() -> argparse.ArgumentParser:
    """Hydra's options as `--hydra-help` shows them; `--version` is answered before Hydra is imported."""
    made = get_args_parser()
    (version,) = (action for action in made._actions if "--version" in action.option_strings)
    version.help = "Show the versions of ablate, Keras and TensorFlow"
    return made


hydra._internal.hydra.ConfigLoaderImpl = SafeLoader
sys.modules["hydra.main"].get_args_parser = _options
hydra_main = hydra.main(config_path=str(conf_dir()), config_name="config", version_base="1.3")(task)


def literal(word: str, sweep: bool = False) -> str:
    """Quote a name or a path as a person types it: `name=it's 5 $, all in`. What is quoted and `${oc.env:…}` stay.

    sweep: commas part a list of paths. Raises AblateError for a name that is no text.
    """
    try:
        word.encode()
    except UnicodeEncodeError:
        raise AblateError(
            f"A word is no UTF-8 text, which no record can hold. Received {word!r}. Allowed: UTF-8. Rename what it "
            "names, or type the path through a link whose name is text"
        ) from None
    found = FREE.fullmatch(word)
    if not found or QUOTED.fullmatch(found[3]) or (found[3] == "null" and found[2] != "outputs"):
        return word
    parts = found[3].split(",") if sweep and found[2] != "name" else [found[3]]
    return found[1] + ",".join(_quoted(part) for part in parts)


def _quoted(text: str) -> str:
    text = re.sub(r"(\\*)('|$)", lambda end: end[1] * 2 + ("\\'" if end[2] else ""), text)
    return "'" + re.sub(r"(\\*)\$\{(?!oc\.env:)", r"\1\1\\${", text) + "'"


def main() -> int:
    """`ablate`: 0 done, 1 nothing was started, 2 something failed, 75 being run elsewhere, 130/143 interrupted."""
    debug = os.environ.get("HYDRA_FULL_ERROR") == "1"
    os.environ["HYDRA_FULL_ERROR"] = "1"  # makes Hydra raise to us instead of printing and exiting
    _exit_codes.clear()
    sweep = not {"-m", "--multirun"}.isdisjoint(sys.argv)
    try:
        sys.argv[1:] = _of_study(options_first([literal(word, sweep) for word in sys.argv[1:]]))
        if "--hydra-help" in sys.argv:
            sys.argv[1:] = [*_apart(sys.argv[1:])[0], *FOR_HYDRA_HELP]
        hydra_main()
    except REFUSALS as error:
        if debug:
            raise
        return _complain(error)
    except (ValueError, RuntimeError) as error:
        if debug or not messages.knows(error):
            raise
        return _complain(error)
    except KeyboardInterrupt:
        return CODES[signal.SIGINT]
    finally:
        if not debug:
            del os.environ["HYDRA_FULL_ERROR"]
    return max(_exit_codes, default=0)


def _of_study(words: list[str]) -> list[str]:
    """A key of the named study is typed alike, whether or not its file has it."""
    named = any(word.lstrip("+").startswith("study=") for word in words)
    return [f"++{word}" if named and word.startswith("study.") else word for word in words]


def plan() -> int:
    """`ablate-plan`: look at a study and run nothing. 0 it is sound, 1 it is not, or is none."""
    asked, words = _plan_parser().parse_known_args()
    sys.argv[1:] = words if {"-m", "--multirun"} & set(words) else ["-m", *words]
    _looks.append(vars(asked))
    try:
        return main()
    finally:
        _looks.clear()


def _plan_parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="ablate-plan",
        usage="ablate-plan +study=NAME [overrides] [--list] [--measure] [--detect X]",
        allow_abbrev=False,
        description="Show what a study will run and what it can tell, check that each of its cells is an ablation, and "
        "freeze its plan. Nothing is trained but three steps of each cell.",
        epilog="Other options and overrides are those of ablate: --config-dir DIR, study.seeds=5, model.width=8, …",
    )
    made.add_argument(
        "--list", dest="listed", action="store_true", help="the cells and what they can tell; without TensorFlow"
    )
    made.add_argument("--measure", action="store_true", help="time a step of each cell here, and so the study's hours")
    made.add_argument(
        "--detect", metavar="X", help="seeds needed to detect a difference: accuracy (0.01, 1%%) or deviations (1.5sd)"
    )
    usage.add_version(made)
    return made


def options_first(words: Sequence[str]) -> list[str]:
    """Options before overrides, as typed otherwise: argparse takes one block of overrides only."""
    return [word for part in _apart(words) for word in part]


def _apart(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Options with their values, and overrides."""
    valued = {o for action in get_args_parser()._actions if action.nargs is None for o in action.option_strings}
    options, overrides, rest = [], [], iter(words)
    for word in rest:
        (options if word.startswith("-") else overrides).append(word)
        if word in valued:
            options.extend(itertools.islice(rest, 1))
    return options, overrides


def _complain(error: Exception) -> int:
    text = str(error) if isinstance(error, AblateError) else messages.explain(error)
    if isinstance(error, OverrideParseException) or "LexerNoViableAlt" in text:
        text = next((messages.unreadable(word) for word in _apart(sys.argv[1:])[1] if not _reads(word)), text)
    print(f"{'ablate-plan' if _looks else 'ablate'}: {text}", file=sys.stderr)
    return getattr(error, "code", 1)


def _reads(word: str) -> bool:
    try:
        return bool(OverridesParser.create().parse_override(word))
    except (HydraException, ValueError):
        return False

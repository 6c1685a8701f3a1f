"""The variant, the seed and settings that names of folders and files say: `full/seed=0`, `lr=0.1,seed=3/version_0`."""

import re
from dataclasses import dataclass, field

SETTING = re.compile(r"([A-Za-z][\w.]*?)=([^,=;&/\\]+)")
NUMBER = r"(?<![A-Za-z])(?:seed[_\-=]?(\d+)|s(\d+))(?![A-Za-z0-9])"
SEED = re.compile(NUMBER, re.IGNORECASE)
SURROUNDED = re.compile(rf"([ _\-.,;&]*){NUMBER}([ _\-.,;&]*)", re.IGNORECASE)
VERSION = re.compile(r"version_\d+")  # of Lightning's loggers
CONTAINERS = frozenset(
    {"lightning_logs", "tb", "tensorboard", "logs", "runs", "csv", "metrics", "history", "training", "log"}
)


@dataclass(frozen=True)
class Name:
    """What a path says. variant, seed: None if it does not say so. settings: by key."""

    variant: str | None
    seed: int | None
    settings: dict[str, str] = field(default_factory=dict)


def read_name(path: str) -> Name:
    """Read the relative path of a run, with slashes.

    The seed is the only number after `seed` or a lone `s`; what remains without it, version numbers and usual names of
    containers is the variant.
    """
    settings = {key: value for key, value in SETTING.findall(path) if not key.lower().endswith("seed")}
    seeds = {int(match[1] or match[2]) for match in SEED.finditer(path)}
    seed = seeds.pop() if len(seeds) == 1 else None
    parts = []
    for part in path.split("/"):
        if VERSION.fullmatch(part) or part.lower() in CONTAINERS:
            continue
        rest = SURROUNDED.sub(_separator, part) if seed is not None else part
        if rest:
            parts.append(rest)
    return Name("/".join(parts) or None, seed, settings)


def _separator(match: re.Match[str]) -> str:
    """What remains of a seed within a name: a separator, if there is something on both sides."""
    is_inside = match.start() > 0 and match.end() < len(match.string)
    return match[1][:1] or match[4][:1] if is_inside else ""

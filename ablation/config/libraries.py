"""The libraries that a choice needs. A missing one is reported before anything is written, with the line to type."""

import importlib.util
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ablation.errors import AblateError

DISTRIBUTION = "ablation-study"


@dataclass(frozen=True)
class Library:
    """Modules that a choice imports. extra: the extra of this distribution that installs them; None if all do."""

    modules: tuple[str, ...]
    extra: str | None = None

    @property
    def requirement(self) -> str:
        """The argument of `pip install`."""
        return f"'{DISTRIBUTION}[{self.extra}]'" if self.extra else DISTRIBUTION

    def missing(self) -> list[str]:
        """The modules that are not installed. Imports none of them."""
        return [module for module in self.modules if not _is_installed(module)]


BACKENDS: Mapping[str, Library] = MappingProxyType(
    {"tensorflow": Library(("keras", "tensorflow")), "jax": Library(("keras", "jax", "jaxlib"), "jax")}
)
SOURCES: Mapping[str, Library] = MappingProxyType(
    {"tfds": Library(("tensorflow", "tensorflow_datasets", "importlib_resources")), "digits": Library(("sklearn",))}
)
LAUNCHERS: Mapping[str, Library] = MappingProxyType(  # by the name in `hydra_plugins.hydra_NAME_launcher`
    {
        "joblib": Library(("joblib", "hydra_plugins.hydra_joblib_launcher"), "joblib"),
        "submitit": Library(("submitit", "hydra_plugins.hydra_submitit_launcher"), "slurm"),
        "ray": Library(("ray", "hydra_plugins.hydra_ray_launcher"), "ray"),
    }
)


def launcher(target: str) -> Library | None:
    """The library of a launcher; None if it is our own or Hydra's. target: its class, with the module's full name."""
    match = re.fullmatch(r"hydra_plugins\.hydra_(\w+?)_launcher\..*", target)
    return LAUNCHERS.get(match[1]) if match else None


def require(choice: str, library: Library) -> None:
    """Raise AblateError if a library is not installed. choice: what needs it, as typed, such as `backend=jax`."""
    missing = library.missing()
    if missing:
        names = " and ".join(missing)
        remedy = f"Type pip install {library.requirement}"
        if library.extra:
            remedy += f", or leave {choice.partition('=')[0]}= out"
        raise AblateError(
            f"{choice} needs a library that is not installed: {names}. Received {choice}. Allowed: an environment with "
            f"{names}. {remedy}"
        )


def require_backends(backends: Iterable[str]) -> None:
    """Raise AblateError if one of these backends is not installed."""
    for backend in sorted(set(backends)):
        require(f"backend={backend}", BACKENDS[backend])


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):  # its package is not installed, or another module has taken its place
        return False

"""The folder of the shipped configuration files."""

from pathlib import Path


def conf_dir() -> Path:
    """The folder of YAML files: beside the package in a checkout or an editable install, inside it in a wheel."""
    package = Path(__file__).resolve().parents[2]
    beside = package.parent / "conf"
    return beside if (beside / "config.yaml").is_file() else package / "conf"

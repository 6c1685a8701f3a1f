"""Two versions of the project side by side: the working tree, and an earlier one in a temporary git worktree."""

import contextlib
import subprocess
import sys
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench import processes

COMMANDS = {"ablate": "ablation.__main__", "ablate-compare": "ablation.cli.ablate_compare"}
SCRIPT = "#!{python}\nimport sys\n\nfrom {module} import main\n\nif __name__ == '__main__':\n    sys.exit(main())\n"


@dataclass(frozen=True)
class Tree:
    """A version of the project with commands of its own. bin: the folder of these commands."""

    name: str
    root: Path
    bin: Path


@contextlib.contextmanager
def before_and_after(revision: str, place: Path) -> Iterator[list[Tree]]:
    """The tree of a git commit and the working tree, both installed alike. Raises SystemExit without git."""
    checkout = place / "before"
    git = ["git", "-C", processes.ROOT, "worktree"]
    added = subprocess.run([*git, "add", "--detach", checkout, revision], capture_output=True, text=True)
    if added.returncode:
        raise SystemExit(f"git worktree add {revision} failed: {added.stderr}")
    try:
        yield [install("before", checkout, place), install("after", processes.ROOT, place)]
    finally:
        subprocess.run([*git, "remove", "--force", checkout], capture_output=True)


def install(name: str, root: Path, place: Path) -> Tree:
    """Make an environment with the packages of this one and the project at `root`, compiled to byte code.

    The packages are named in a .pth file, whose folders' own .pth files Python does not read: the project that is
    installed here cannot be imported by mistake, which is checked.
    """
    environment = place / f"{name}_environment"
    venv.EnvBuilder(symlinks=True).create(environment)
    folder = environment / "bin"
    packages = [path for path in sys.path if path.endswith("site-packages")]
    (site,) = environment.glob("lib/python*/site-packages")
    (site / "trees.pth").write_text("\n".join([str(root), *packages]) + "\n")
    for command, module in COMMANDS.items():
        script = folder / command
        script.write_text(SCRIPT.format(python=folder / "python", module=module))
        script.chmod(0o755)
    processes.run([folder / "python", "-m", "compileall", "-q", root / "ablation", root / "hydra_plugins"])
    imported = processes.run([folder / "python", "-c", "import ablation; print(ablation.__file__)"], place).output
    if Path(imported.strip()).parent.parent != root:
        raise SystemExit(f"the tree {name} imports {imported.strip()}. Expected: a file below {root}")
    return Tree(name, root, folder)

"""Secrets planted where a machine keeps them: none is found in anything that runs, sweeps and comparisons write."""

import os
import subprocess
from pathlib import Path

import pytest
from support import forked
from support.commands import BIN, TINY

pytestmark = pytest.mark.integration

ENVIRONMENT = (
    *("AWS_SECRET_ACCESS_KEY", "WANDB_API_KEY", "HF_TOKEN", "GITHUB_TOKEN", "KAGGLE_KEY", "PIP_INDEX_URL"),
    *("UV_INDEX_URL", "DATABASE_URL", "TF_API_TOKEN", "CUDA_LICENSE_KEY", "KERAS_TOKEN", "JAX_SECRET"),
)
FILES = (".netrc", ".pypirc", ".config/pip/pip.conf", ".pip/pip.conf", ".aws/credentials", ".git-credentials")
SMALL = [*TINY[:3], "train=quickstart", "train.epochs=1", "data.limit=100"]


class Planter:
    """Makes secrets and remembers them."""

    def __init__(self):
        self.planted: list[str] = []

    def __call__(self) -> str:
        self.planted.append(f"s3cr3t{len(self.planted):02d}x")
        return self.planted[-1]

    def url(self) -> str:
        return f"https://somebody:{self()}@example.org/data"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A checkout, a home and an environment full of secrets, and all that was said and written from there."""
    folder, secret = tmp_path_factory.mktemp("secrets"), Planter()
    home, work = folder / "home", folder / "work"
    for name in FILES:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(f"[x]\nmachine example.org login me password {secret()}\nindex-url = {secret.url()}\n")
    work.mkdir()
    for words in (["init", "-q"], ["remote", "add", "origin", secret.url()], ["config", "http.extraheader", secret()]):
        subprocess.run(["git", *words], cwd=work, check=True)
    values = {name: secret.url() if name.endswith("URL") else secret() for name in (*ENVIRONMENT, "MINE")}
    inherited = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "TFDS_DATA_DIR")}
    env = {**inherited, **values, "HOME": str(home)}
    said = []

    def call(*words: str, code: int, command: str = "ablate") -> None:
        if command == "ablate" and "-m" not in words:
            done = forked.run(work, command, words, env)
        else:
            done = subprocess.run([BIN / command, *words], cwd=work, env=env, capture_output=True, text=True)
        assert done.returncode == code, done.stdout + done.stderr
        said.append(done.stdout + done.stderr)

    hydra = [f"+hydra.job.env_set.{name}={secret()}" for name in ("A_TOKEN", "WANDB_API_KEY", "TF_KEY")]
    hydra.append("hydra.job.env_copy=[HF_TOKEN]")
    named = ["name='${oc.env:MINE} and more'", "tags=['${oc.env:HF_TOKEN}']"]
    call(*SMALL, *hydra, *named, code=0)
    call(*SMALL, f"name={secret.url()}", f"tags=['{secret.url()}']", "seed=1", code=0)
    call("-m", *SMALL, *hydra, *named, "seed=2", code=0)
    call("-m", *SMALL, f"name={secret.url()}", "seed=4,5", "n_jobs=2", code=0)
    call("-m", *SMALL, *hydra, *named, "seed=6", "hydra/launcher=joblib", code=0)
    missing = ["data=cifar10", f"data.dir={secret.url()}"]
    call(*missing, code=1)
    call("-m", *missing, "seed=0,1", code=1)
    call("data=folder", f"data.root={secret.url()}", code=1)
    call("data=folder", "data.root=${oc.env:MINE}", code=1)
    call("-m", *SMALL[:3], "train.epochs=1", "data=folder", "data.root=${oc.env:MINE},${oc.env:HF_TOKEN}", code=1)
    call(
        *SMALL, f"name=https://me:p@{secret()}@example.org/x", f"tags=['https://u:{secret()}/z@host']", "seed=7", code=0
    )
    call("--cfg", "job", *SMALL, f"+anything={secret.url()}", code=0)
    said.pop()  # shows what was typed, and writes nothing
    call("outputs", command="ablate-compare", code=0)
    return folder, secret.planted, "".join(said)


def test_thirty_secrets_are_planted_and_none_is_written(place):
    folder, planted, said = place
    kept = {folder / "home" / name for name in FILES} | {folder / "work" / ".git" / "config"}
    written = [p for p in folder.rglob("*") if p.is_file() and p not in kept]
    assert len(planted) >= 30 and len(written) > 50
    for path in written:
        content = path.read_bytes() + str(path).encode()
        assert [s for s in planted if s.encode() in content] == [], path
    assert [s for s in planted if s in said] == []


def test_what_stands_in_their_place(place):
    records = [p.read_text() for p in Path(place[0]).glob("work/outputs/*/run.json")]
    assert any("${oc.env:MINE} and more" in text for text in records)
    assert any("https://example.org/data" in text for text in records)

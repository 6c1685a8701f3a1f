"""What libraries would trip over is settled before they are imported."""

import io
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from ablation.errors import AblateError
from ablation.runtime import environment


@pytest.fixture
def variables(monkeypatch, tmp_path):
    """The environment variables of this process, as few as in a container, put back afterwards. HOME is writable."""
    kept = {name: os.environ[name] for name in ("PATH",)}
    monkeypatch.setattr(os, "environ", os.environ.copy())
    for name in list(os.environ):
        if name not in kept:
            monkeypatch.delenv(name)
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return os.environ


@pytest.fixture
def nobody(variables, monkeypatch):
    """A user whom the system does not know, without HOME."""
    import pwd

    def unknown(uid):
        raise KeyError(uid)

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    monkeypatch.delenv("HOME")
    return variables


def test_a_usual_environment_is_left_alone(variables, tmp_path):
    before = dict(variables)
    environment.settle()
    assert dict(variables) == before


@pytest.mark.parametrize("name", environment.FOLDERS)
@pytest.mark.parametrize(
    ("typed", "settled"),
    [
        ("rel/x", "{work}/rel/x"),
        ("~/x", "{home}/x"),
        ("", None),
        ("/abs/x y/ü", "/abs/x y/ü"),
        ("~no_such_user/x", None),
    ],
)
def test_folders_are_absolute_or_unset(variables, monkeypatch, tmp_path, name, typed, settled):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(name, typed)
    environment.settle()
    expected = settled and settled.format(work=tmp_path, home=tmp_path / "home")
    assert os.environ.get(name) == expected


def test_an_empty_home_is_none(variables, monkeypatch):
    monkeypatch.setenv("HOME", "")
    environment.settle()
    assert "HOME" not in os.environ and os.path.expanduser("~") != "/"


def test_without_a_home_folder_nothing_is_named_after_it(nobody, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "~/cache")
    environment.settle()
    assert "XDG_CACHE_HOME" not in os.environ
    assert os.environ["KERAS_HOME"] == environment.NO_KERAS_HOME


def test_keras_s_home_cannot_be_made():
    with pytest.raises(OSError):
        os.makedirs(environment.NO_KERAS_HOME)
    assert not os.access(environment.NO_KERAS_HOME, os.W_OK)  # where Keras itself then keeps downloads elsewhere


def test_a_read_only_home_is_not_keras_s(variables, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    environment.settle()
    assert os.environ["KERAS_HOME"] == environment.NO_KERAS_HOME


DAMAGED = ["[]", "null", "{", '{"floatx": "bfloat16"}', '{"floatx": []}', '{"epsilon": 1}', '{"image_data_format": 1}']


@pytest.mark.parametrize("content", [*DAMAGED, "[" * 100_000, b"\xff\xfe", "folder"], ids=lambda text: repr(text[:12]))
@pytest.mark.parametrize("place", [".keras", "elsewhere"])
def test_a_damaged_keras_json_is_not_read(variables, monkeypatch, tmp_path, content, place):
    file = tmp_path / "home" / place / "keras.json"
    file.parent.mkdir()
    if content == "folder":
        file.mkdir()
    else:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    if place == "elsewhere":
        monkeypatch.setenv("KERAS_HOME", "~/elsewhere")
    environment.settle()
    assert os.environ["KERAS_HOME"] == environment.NO_KERAS_HOME


@pytest.mark.parametrize(
    "settings", [{}, {"floatx": "float16", "epsilon": 1e-3, "image_data_format": "channels_first"}]
)
def test_a_sound_keras_json_stays(variables, tmp_path, settings):
    (tmp_path / "home" / ".keras").mkdir()
    (tmp_path / "home" / ".keras" / "keras.json").write_text(json.dumps(settings))
    environment.settle()
    assert "KERAS_HOME" not in os.environ


def test_a_deleted_working_folder_is_said(variables, monkeypatch, tmp_path):
    def gone():
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(os, "getcwd", gone)
    with pytest.raises(AblateError, match="working folder does not exist.*Received.*Allowed.*Type"):
        environment.settle()


def test_no_folder_for_temporary_files_is_said(variables, monkeypatch):
    def none():
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    monkeypatch.setenv("TMPDIR", "/nowhere")
    with pytest.raises(AblateError, match="Received TMPDIR=/nowhere.*Allowed.*Type for example TMPDIR=/path"):
        environment.require_temporary_folder()


@pytest.mark.parametrize("typed", ["missing", "a file", "x" * 5000, "näme with späces"])
def test_a_folder_for_temporary_files_that_fails_is_replaced(variables, monkeypatch, tmp_path, typed):
    (tmp_path / "a file").touch()
    (tmp_path / "näme with späces").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / typed))
    monkeypatch.setattr(tempfile, "tempdir", None)
    environment.settle()
    environment.require_temporary_folder()
    used = tempfile.gettempdir()
    assert Path(used).is_dir() and (used == str(tmp_path / typed)) == (typed == "näme with späces")


PRINTING = """
import os, sys
from ablation.runtime import environment
environment.settle_streams()
print("± out", flush=True)
print("err", file=sys.stderr, flush=True)
assert all(os.get_inheritable(number) for number in range(3))
assert open(os.devnull).fileno() > 2
"""


def printed(encoding: str, before: tuple[str, ...] = ()) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a process that prints."""
    variables = {**os.environ, "PYTHONIOENCODING": encoding}
    command = [*before, sys.executable, "-c", PRINTING]
    done = subprocess.run(command, env=variables, capture_output=True, encoding="utf-8", check=False)
    return done.returncode, done.stdout, done.stderr


def test_a_character_that_the_encoding_lacks_stops_nothing():
    assert printed("ascii") == (0, "? out\n", "err\n")


@pytest.mark.parametrize(
    ("closing", "out", "err"), [("0<&-", "± out\n", "err\n"), ("1>&-", "", "err\n"), ("2>&-", "± out\n", "")]
)
def test_a_closed_stream_stops_nothing(closing, out, err):
    """As `ablate … >&-` and some schedulers do."""
    assert printed("utf-8", ("sh", "-c", f'exec "$@" {closing}', "sh")) == (0, out, err)


def test_a_stream_that_a_notebook_has_replaced_is_left_alone(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    environment.settle_streams()
    assert isinstance(sys.stdout, io.StringIO)


def test_temporary_files_of_a_run_are_deleted_after_the_exit_handlers_of_libraries(tmp_path):
    script = """
import atexit, tempfile
from ablation.runtime import environment
environment.use_own_temporary_folder()
file = tempfile.mkstemp()[1]
atexit.register(lambda: print(open(file).read(), "read"))
tempfile.mkdtemp()
"""
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["read"] and list(tmp_path.iterdir()) == []


def test_a_full_folder_for_temporary_files_stops_no_run(monkeypatch):
    def full(prefix):
        raise OSError(28, "No space left on device")

    before = tempfile.tempdir
    monkeypatch.setattr(tempfile, "mkdtemp", full)
    environment.use_own_temporary_folder()
    assert tempfile.tempdir == before


@pytest.mark.parametrize(("typed", "settled"), [("abc", None), ("", None), ("1700000000", "1700000000"), (None, None)])
def test_a_date_that_is_no_number_is_no_date(variables, monkeypatch, typed, settled):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    if typed is not None:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", typed)
    environment.settle()
    assert os.environ.get("SOURCE_DATE_EPOCH") == settled

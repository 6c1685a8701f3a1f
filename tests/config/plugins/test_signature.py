"""The keys of a plugin's function, as its text gives them: never by running it."""

import pytest

from ablation.config.plugins.signature import Parameter, fits, parameters
from ablation.config.plugins.source_text import PluginFile
from ablation.errors import AblateError


def keys(tmp_path, text, entry="build", positional=("input_shape", "classes")):
    path = tmp_path / "net.py"
    path.write_text(text)
    file = PluginFile(str(path))
    return parameters(file, file.table("NETWORKS")["mine"], "NETWORKS", positional)


def function(parameter, body="return {name}", before=""):
    name = parameter.partition(":")[0].partition("=")[0].strip()
    return (
        f"raise RuntimeError('run')\n{before}\ndef build(input_shape, classes, *, {parameter}):\n"
        f"    {body.format(name=name)}\nNETWORKS = {{'mine': build}}\n"
    )


@pytest.mark.parametrize(
    ("parameter", "kind", "default", "optional", "choices"),
    [
        ("width: int = 32", int, 32, False, None),
        ("width: 'int' = -1", int, -1, False, None),
        ("rate: float = 0", float, 0.0, False, None),
        ("rate: int | float = 1", float, 1.0, False, None),
        ("rate: float | None = None", float, None, True, None),
        ("rate: Optional[float] = 0.5", float, 0.5, True, None),
        ("rate: typing.Union[float, None] = 0.5", float, 0.5, True, None),
        ("name: str = 'a b'", str, "a b", False, None),
        ("on: bool = True", bool, True, False, None),
        ("pool: Literal['avg', 'max'] = 'avg'", str, "avg", False, ("avg", "max")),
        ("pool: typing.Literal['avg', None] = None", str, None, True, ("avg",)),
        ("pool: Literal['avg'] | Literal['max'] | None = 'max'", str, "max", True, ("avg", "max")),
        ("size: Literal[3, 5] = 3", int, 3, False, (3, 5)),
        ("width: Final[int] = 3", int, 3, False, None),
        ("width=32", int, 32, False, None),
        ("on=True", bool, True, False, None),
        ("rate=0.5", float, 0.5, False, None),
    ],
)
def test_types_and_defaults(tmp_path, parameter, kind, default, optional, choices):
    (key,) = keys(tmp_path, function(parameter))
    assert (key.kind, key.default, key.optional, key.choices) == (kind, default, optional, choices)
    assert type(key.default) is kind or key.default is None


def test_names_at_the_top_of_the_file_stand_for_types_and_defaults(tmp_path):
    before = "Pool = Literal['avg', 'max']\nWIDTH: int = 8\nSIZE = WIDTH"
    assert keys(tmp_path, function("pool: Pool = 'max'", before=before))[0].choices == ("avg", "max")
    assert keys(tmp_path, function("width: int = SIZE", before=before))[0].default == 8


@pytest.mark.parametrize(
    ("parameter", "message"),
    [
        ("width: int", "has no default"),
        ("width: int = '32'", "default of another type than int"),
        ("width: int = True", "default of another type than int"),
        ("on: bool = 1", "default of another type than bool"),
        ("width: int = None", "default None, which its type does not allow"),
        ("pool: Literal['avg'] = 'max'", "its Literal does not list. .* Allowed: avg"),
        ("act: str = 'a/b: ${seed} #x'", r"has the text a/b: \$\{seed\} #x, which .* Allowed: texts without"),
        ("act: str = '???'", "has the text ..., which .* as a missing value"),
        ("act: Literal['a', '${b}'] = 'a'", r"has the text \$\{b\}"),
        ("sizes: list[int] = [1]", "default \\[1\\], which cannot be read"),
        ("sizes: list[int] = 3", r"type list\[int\]"),
        ("width: keras.Layer = 3", "type keras.Layer"),
        ("both: int | str = 3", r"type int \| str"),
        ("width: int = len('abc')", "cannot be read without running it"),
        ("width=None", "neither a type nor a default that shows one"),
        ("a: A = 3", "type A"),
    ],
)
def test_what_cannot_be_a_key_is_refused_by_name(tmp_path, parameter, message):
    with pytest.raises(AblateError, match=f"has build with the parameter .*{message}.*Type for example"):
        keys(tmp_path, function(parameter, before="A = A"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (function("width: int = 3", body="return 1"), "width, which is not used in it"),
        ("def build(a, b, width=3, *, n: int = 1): return n\nNETWORKS = {'mine': build}", "width before [*]"),
        ("def build(shape, *, n: int = 1): return n\nNETWORKS = {'mine': build}", "1 parameters before [*]"),
        ("from other import build\nNETWORKS = {'mine': build}", "does not define itself"),
        ("NETWORKS = {'mine': lambda shape, classes: 1}", "does not define itself"),
        ("class Net: pass\nNETWORKS = {'mine': Net}", "class Net without __init__"),
    ],
)
def test_functions_that_give_no_keys(tmp_path, text, message):
    with pytest.raises(AblateError, match=message):
        keys(tmp_path, text)


def test_a_class_has_the_keys_of_its_init(tmp_path):
    text = (
        "class Net:\n    def __init__(self, shape, classes, *, width: int = 3):\n        self.width = width\n"
        "NETWORKS = {'mine': Net}"
    )
    assert keys(tmp_path, text) == (Parameter("width", int, 3),)


def test_docs_come_from_the_docstring(tmp_path):
    docstring = '"""A network.\n\n    width: filters of the first stage.\n    """\n    return width'
    (key,) = keys(tmp_path, function("width: int = 3", body=docstring))
    assert key.doc == "filters of the first stage"


def test_true_is_no_number_and_a_whole_number_is_a_float():
    assert fits(3, float) and fits(0.5, float) and fits(3, int) and fits(True, bool) and fits("a", str)
    assert not any([fits(True, int), fits(True, float), fits(1, bool), fits(0.5, int), fits("3", int), fits(3, str)])

"""The digest of the code that shapes results: of what it does, not of where it lies or how it is explained."""

import re
import shutil
from pathlib import Path

import pytest

import ablation
from ablation.runtime import provenance, source_digest

MATH = '''"""What it is for."""

import numpy as np

from ablation import structure
from ablation.errors import AblateError as Wrong

FACTOR: float = 2.0


def scale(x: np.ndarray) -> np.ndarray:
    """Scale."""
    if structure.depth(x) > 3:
        raise Wrong(f"{x} is too deep")
    y: int = 1
    return x * FACTOR + y
'''
OTHER = "def halve(x):\n    return x / 2\n"


@pytest.fixture()
def digest(tmp_path):
    """Of a package of these files, below one role."""

    def of(files: dict[str, str], places=("math",), only=()) -> str:
        package = tmp_path / "ablation"
        shutil.rmtree(package, ignore_errors=True)
        for name, text in {"structure.py": "", "errors.py": "", **files}.items():
            (package / name).parent.mkdir(parents=True, exist_ok=True)
            (package / name).write_text(text)
        return source_digest.digest(package, {"math": places}, {"math": only} if only else {})

    return of


def changed(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


SAME = {
    "a comment": changed(MATH, "    y: int = 1\n", "    # why\n    y: int = 1  # one\n"),
    "a docstring": changed(MATH, '"""Scale."""', '"""Scale by the factor."""'),
    "no docstring": changed(MATH, '"""What it is for."""\n', ""),
    "blank lines and quotes": changed(MATH, 'f"{x} is too deep"', "(f'{x} '\n        f'is too deep')"),
    "annotations": changed(MATH, "(x: np.ndarray) -> np.ndarray", "(x)").replace("y: int = 1", "y = 1"),
    "an import line": changed(MATH, "import structure", "import structure as shape").replace("structure.d", "shape.d"),
    "an import of the name": changed(
        changed(MATH, "from ablation import structure", "from ablation.structure import depth"),
        "structure.depth",
        "depth",
    ),
    "another alias": changed(MATH, "AblateError as Wrong", "AblateError").replace("raise Wrong", "raise AblateError"),
    "an import for types": changed(MATH, "FACTOR:", "if TYPE_CHECKING:\n    import keras\n\nFACTOR:"),
}
DIFFERENT = {
    "an expression": changed(MATH, "x * FACTOR + y", "x * FACTOR - y"),
    "a number": changed(MATH, "FACTOR: float = 2.0", "FACTOR: float = 2.5"),
    "another type of number": changed(MATH, "FACTOR: float = 2.0", "FACTOR: float = 2"),
    "a default": changed(MATH, "(x: np.ndarray)", "(x: np.ndarray = 0)"),
    "a text": changed(MATH, "is too deep", "is deep"),
    "a function of another name": changed(MATH, "structure.depth", "structure.width"),
    "a decorator": changed(MATH, "def scale", "@cached\ndef scale"),
    "a statement less": changed(MATH, "    y: int = 1\n", ""),
    "a statement before another": changed(
        changed(MATH, "    y: int = 1\n", ""), "    if structure", "    y = 1\n    if structure"
    ),
}


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_what_changes_nothing_keeps_the_digest(digest, text):
    assert digest({"math/one.py": text}) == digest({"math/one.py": MATH})


@pytest.mark.parametrize("text", DIFFERENT.values(), ids=DIFFERENT)
def test_what_code_does_is_in_the_digest(digest, text):
    assert digest({"math/one.py": text}) != digest({"math/one.py": MATH})


def test_a_file_moves_within_its_role_and_a_module_is_renamed(digest):
    before = digest({"math/one.py": MATH, "math/two.py": OTHER})
    assert digest({"math/deep/b.py": MATH, "math/a.py": OTHER}) == before
    assert digest({"x.py": OTHER, "new/y.py": MATH}, places=("x.py", "new")) == before
    assert digest({"math/both.py": f"{OTHER}\n\n{MATH}"}) == before
    renamed = changed(MATH, "from ablation import structure", "from ablation.config import network_structure")
    renamed = changed(renamed, "if structure.depth", "if network_structure.depth")
    assert digest({"math/one.py": renamed, "math/two.py": OTHER, "config/network_structure.py": ""}) == before


def test_a_definition_that_goes_to_another_role_changes_it(digest, tmp_path):
    digest({"math/one.py": MATH, "math/two.py": OTHER})
    one = {"math": ("math/one.py",), "more": ("math/two.py",)}
    other = {"math": ("math/two.py",), "more": ("math/one.py",)}
    package = tmp_path / "ablation"
    assert source_digest.digest(package, one, {}) != source_digest.digest(package, other, {})


def test_an_annotation_makes_a_field_of_a_class(digest):
    field, attribute = (f"@dataclass\nclass A:\n    x{annotation} = 1\n" for annotation in (": int", ""))
    assert digest({"math/one.py": field}) != digest({"math/one.py": attribute})
    assert digest({"math/one.py": field}) == digest({"math/one.py": field.replace("int", "float")})


def test_of_some_roles_some_definitions_count(digest):
    text = f"{MATH}\n\n{OTHER}"
    one = digest({"math/one.py": text}, only=("scale", "FACTOR"))
    assert digest({"math/one.py": changed(text, "x / 2", "x / 3")}, only=("scale", "FACTOR")) == one
    assert digest({"math/one.py": changed(text, "2.0", "3.0")}, only=("scale", "FACTOR")) != one


@pytest.mark.parametrize(("places", "only"), [(("gone.py",), ()), (("math",), ("gone",))])
def test_what_is_not_there_is_refused(digest, places, only):
    with pytest.raises(LookupError, match="gone"):
        digest({"math/one.py": MATH}, places, only)


def test_of_this_package_moved_and_renamed_modules_keep_it_and_other_code_does_not(tmp_path):
    package, copy = Path(ablation.__file__).parent, tmp_path / "ablation"
    shutil.copytree(package, copy, ignore=shutil.ignore_patterns("__pycache__", "page"))
    here = source_digest.digest(package, provenance.CODE, provenance.SHAPING_CODE)
    (copy / "random_streams.py").rename(copy / "keyed_streams.py")
    (copy / "model" / "blocks").rename(copy / "parts")
    moved = {**provenance.CODE, "randomness": ("keyed_streams.py",), "blocks": ("parts",)}
    for path in copy.rglob("*.py"):
        text = path.read_text().replace("ablation.model.blocks", "ablation.parts")
        path.write_text(re.sub(r"\brandom_streams\b", "keyed_streams", text))
    assert source_digest.digest(copy, moved, provenance.SHAPING_CODE) == here
    for place, old, new in (
        ("parts/shortcut.py", "strides", "stride"),
        ("training/recipe.py", "warmup", "heating"),
        ("model/initialization.py", "TRUNCATED_SD = 0.87962566103423978", "TRUNCATED_SD = 0.88"),
        ("config/normalisation.py", '"m": 60', '"m": 61'),
        ("runtime/backend.py", "set_epsilon(1e-7)", "set_epsilon(1e-6)"),
    ):
        whole = (copy / place).read_text()
        assert old in whole, place
        (copy / place).write_text(whole.replace(old, new))
        assert source_digest.digest(copy, moved, provenance.SHAPING_CODE) != here, place
        (copy / place).write_text(whole)


def test_it_is_computed_once():
    assert len(provenance.code()) == 16 and provenance.code() is provenance.code()
    before = provenance.versions()
    provenance.versions().clear()
    assert provenance.versions() == before != {}

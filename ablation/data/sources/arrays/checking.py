"""Check arrays of examples and labels, as an npz file or a plugin gives them, and bring them into the stored form."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ablation.data.sources.base import Form
from ablation.data.sources.image_reading import white_level
from ablation.errors import AblateError
from ablation.text import list_with_more

PARTS = {"train": "train", "validation": "val", "test": "test"}  # our names, and those of the arrays: x_val, y_val
NAMES = tuple(f"{kind}_{short}" for short in PARTS.values() for kind in "xy")
IMAGE_AXES, CHANNELS = 4, (1, 3)
WHITE = 255
LARGEST_LABEL = 2**53
DARKEST_WHITE = 0.1  # of images from 0 to 1: the brightest value of all is at least this
ROUNDING = 1e-5  # of white: values may be beyond black and white by this, as resizing in floating point leaves them


@dataclass(frozen=True)
class Arrays:
    """Checked arrays.

    examples, labels: by part, (n, *shape) in the form of `form`, and int64 (n,). classes: the names, by label. notes:
    how the values were converted, for the line about the data.
    """

    form: Form
    examples: Mapping[str, np.ndarray]
    labels: Mapping[str, np.ndarray]
    classes: tuple[str, ...]
    notes: tuple[str, ...]


class Checker:
    """Checks the arrays of one source. origin: where they are from, as typed, such as `data.file=x.npz`."""

    def __init__(self, origin: str):
        self.origin = origin

    def error(self, problem: str, allowed: str, remedy: str) -> AblateError:
        """The error for arrays that cannot be used. problem: a sentence without its stop."""
        return AblateError(f"{problem}. Received {self.origin}. Allowed: {allowed}. {remedy}, and see docs/own_data.md")

    def checked(self, arrays: Mapping[str, Any]) -> Arrays:
        """Check all arrays. Raises AblateError that names the first one that cannot be used."""
        examples = {part: self._examples(f"x_{short}", arrays) for part, short in self._parts(arrays).items()}
        labels = {part: self._labels(f"y_{short}", arrays) for part, short in self._parts(arrays).items()}
        self._check_lengths(examples, labels)
        form, white, notes = self._form(examples)
        stored = {part: self._stored(part, values, form, white) for part, values in examples.items()}
        numbered, classes = self._numbered(labels, arrays.get("classes"))
        return Arrays(form, stored, numbered, classes, notes)

    def _parts(self, arrays: Mapping[str, Any]) -> dict[str, str]:
        unknown = [name for name in arrays if name not in (*NAMES, "classes")]
        if "x_train" not in arrays or unknown:
            received = list_with_more([str(name) for name in arrays], 8) or "none"
            problem = "There is no array x_train" if "x_train" not in arrays else f"An array is unknown: {unknown[0]}"
            raise self.error(
                f"{problem}. It has {received}",
                "x_train and y_train and, if present, x_val and y_val, x_test and y_test, and classes",
                "Type np.savez('data.npz', x_train=…, y_train=…)",
            )
        return {part: short for part, short in PARTS.items() if f"x_{short}" in arrays or f"y_{short}" in arrays}

    def _array(self, name: str, arrays: Mapping[str, Any]) -> np.ndarray:
        if name not in arrays:
            raise self.error(f"There is no array {name}", "an array y for each x", f"Add {name}")
        try:
            values = np.asarray(arrays[name])
        except ValueError as error:
            raise self.error(f"{name} is no array ({error})", "numbers of one shape", f"Correct {name}") from error
        if values.dtype.kind == "O" and all(isinstance(value, str) for value in values.flat):
            values = values.astype(str)  # text labels of pandas
        if values.dtype.kind == "O":
            raise self.error(f"{name} holds Python objects, not numbers", "numbers in one array", f"Convert {name}")
        return values

    # ---------------------------------------------------------------- examples

    def _examples(self, name: str, arrays: Mapping[str, Any]) -> np.ndarray:
        values = self._array(name, arrays)
        if values.dtype.kind not in "buif":
            raise self.error(f"{name} has values of type {values.dtype}", "numbers", f"Convert {name} to numbers")
        if values.ndim < 2 or 0 in values.shape:
            raise self.error(
                f"{name} has the shape {values.shape}",
                "at least one example, and two axes: (examples, features), (examples, height, width, channels), …",
                f"Type {name}[:, None] for examples of one number",
            )
        if values.dtype.kind == "f":
            wrong = np.count_nonzero(~np.isfinite(values))
            if wrong:
                raise self.error(
                    f"{name} has {wrong:,} values that are not finite", "finite numbers", f"Type np.nan_to_num({name})"
                )
        return values

    def _check_lengths(self, examples: Mapping[str, np.ndarray], labels: Mapping[str, np.ndarray]) -> None:
        shape = examples["train"].shape[1:]
        for part, short in PARTS.items():
            if part not in examples:
                continue
            if len(examples[part]) != len(labels[part]):
                raise self.error(
                    f"x_{short} has {len(examples[part]):,} examples, and y_{short} {len(labels[part]):,} labels",
                    "one label per example",
                    "Correct the arrays",
                )
            if examples[part].shape[1:] != shape:
                raise self.error(
                    f"The examples of x_train have the shape {shape}, and those of x_{short} "
                    f"{examples[part].shape[1:]}",
                    "one shape",
                    "Correct the arrays",
                )

    def _form(self, examples: Mapping[str, np.ndarray]) -> tuple[Form, float, tuple[str, ...]]:
        """The form in which to store the examples, the value of white in them, and what to say about it."""
        train = examples["train"]
        if not _look_like_images(train):
            is_exact = all(values.dtype in ("uint8", "float32", "float16") for values in examples.values())
            dtype = "uint8" if all(values.dtype == "uint8" for values in examples.values()) else "float32"
            notes = () if is_exact else (f"{train.dtype} stored as float32",)
            return Form(train.shape[1:], dtype, is_image=False), 1.0, notes
        shape = train.shape[1:] if train.ndim == IMAGE_AXES else (*train.shape[1:], 1)
        whites = self._whites(examples)
        if len(set(whites.values())) > 1:
            ranges = [f"{white:g} in x_{PARTS[part]}" for part, white in whites.items()]
            raise self.error(f"White is {list_with_more(ranges)}", "one range of values", "Bring them into one range")
        if all(values.dtype == "uint8" for values in examples.values()):
            return Form(shape), float(WHITE), ()
        (white,) = set(whites.values())
        return Form(shape), white, (f"values from 0 to {white:g} stored in 8 bits",)

    def _whites(self, examples: Mapping[str, np.ndarray]) -> dict[str, float]:
        """The value of white in each part, which is decided once for all parts of a type, since one may be darker.

        A part within 0 to 1 beside brighter ones is an exception: only one of them is normalised. Raises AblateError if
        white is not certain.
        """
        is_of_bytes = any(values.dtype == "uint8" for values in examples.values())
        by_type: dict[str, dict[str, np.ndarray]] = {}
        for part, values in examples.items():
            kind = values.dtype.name if values.dtype.name in ("uint8", "bool", "uint16") else "any"  # in any byte order
            by_type.setdefault(kind, {})[part] = values
        whites = {}
        for kind, parts in by_type.items():
            common = {"uint8": float(WHITE), "bool": 1.0}.get(kind) or self._white(kind, parts, is_of_bytes)
            for part, values in parts.items():
                is_darker = kind != "uint8" and 0 < float(values.max()) <= 1 + ROUNDING
                whites[part] = 1.0 if is_darker else common
        return {part: whites[part] for part in examples}

    def _white(self, kind: str, parts: Mapping[str, np.ndarray], is_of_bytes: bool) -> float:
        """The value of white in parts of one type. is_of_bytes: whether another part is of uint8."""
        lowest = min(float(values.min()) for values in parts.values())
        highest = max(float(values.max()) for values in parts.values())
        if kind == "uint16" and (white := white_level(lowest, highest)):
            return white
        if lowest >= -ROUNDING and DARKEST_WHITE <= highest <= 1 + ROUNDING:
            return 1.0
        if lowest >= -ROUNDING * WHITE and 1 < highest <= WHITE * (1 + ROUNDING):
            is_whole = all(np.array_equal(values, np.rint(values)) for values in parts.values())
            if is_whole or is_of_bytes or highest > 0.75 * WHITE:
                return float(WHITE)
        names = list_with_more([f"x_{PARTS[part]}" for part in parts])
        raise self.error(
            f"The images in {names} have values from {lowest:g} to {highest:g}, so black and white are not certain",
            "images of uint8, from 0 to 1, or from 0 to 255",
            "Undo their normalisation, which ablate does itself; or add an axis to x, for examples that are no images",
        )

    def _stored(self, part: str, values: np.ndarray, form: Form, white: float) -> np.ndarray:
        values = values.reshape(len(values), *form.shape)
        if not form.is_image:
            with np.errstate(over="ignore"):
                stored = values.astype(form.dtype)
            if stored.dtype.kind == "f" and not np.isfinite(stored).all():
                raise self.error(f"x_{PARTS[part]} has values beyond float32", "up to 3.4e38", "Divide them")
            return stored
        if values.dtype == "uint8":
            return values
        return np.rint(values.astype("float64") * (WHITE / white)).clip(0, WHITE).astype("uint8")

    # ---------------------------------------------------------------- labels

    def _labels(self, name: str, arrays: Mapping[str, Any]) -> np.ndarray:
        """The labels as integers or texts, (n,)."""
        values = self._array(name, arrays)
        if values.ndim == 2 and values.shape[1] == 1:
            values = values[:, 0]
        if values.ndim == 2 and values.dtype.kind in "buif":
            if not (np.isin(values, (0, 1)).all() and (values.sum(axis=1) == 1).all()):
                raise self.error(
                    f"{name} has the shape {values.shape}, and its rows do not mark one class each",
                    "one label per example, or rows with a single 1",
                    "Type for example y.argmax(axis=1)",
                )
            values = values.argmax(axis=1)
        if values.ndim != 1:
            raise self.error(f"{name} has the shape {values.shape}", "(examples,)", f"Correct {name}")
        if values.dtype.kind == "f":
            if not np.array_equal(values, np.rint(values)):
                raise self.error(
                    f"{name} has fractions, such as {values[values != np.rint(values)][0]:g}, so nothing can be "
                    "classified",
                    "whole numbers or texts",
                    "Divide them into classes",
                )
            if np.abs(values).max(initial=0) > LARGEST_LABEL:
                raise self.error(f"{name} has labels beyond 2^53", "whole numbers", f"Number the classes in {name}")
            values = values.astype("int64")
        if str(values.dtype) == "uint64" and values.max(initial=0) > LARGEST_LABEL:
            raise self.error(f"{name} has labels beyond 2^53", "whole numbers", f"Number the classes in {name}")
        if values.dtype.kind == "S":
            values = np.char.decode(values, "utf-8", "replace")
        if values.dtype.kind not in "buiU":
            raise self.error(f"{name} has labels of type {values.dtype}", "whole numbers or texts", f"Convert {name}")
        return values.astype("int64") if values.dtype.kind in "bui" else values

    def _numbered(self, labels: Mapping[str, np.ndarray], given: Any) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
        """The labels as positions in the class names, and these names."""
        kinds = {values.dtype.kind for values in labels.values()}
        if len(kinds) > 1:
            raise self.error("Some labels are numbers, and others are texts", "one kind", "Convert one of them")
        present = np.unique(np.concatenate(list(labels.values())))
        names = None if given is None else [_text(name) for name in np.asarray(given).reshape(-1)]
        if names is not None and kinds != {"U"}:
            if present[0] < 0 or present[-1] >= len(names):
                raise self.error(
                    f"classes has {len(names)} names, and the labels are from {present[0]} to {present[-1]}",
                    "labels from 0 to one less than the number of names",
                    "Correct classes, or leave it out",
                )
            return dict(labels), self._distinct(names)
        if names is not None:
            self._check_known(present, names, "classes")
            order = {name: position for position, name in enumerate(self._distinct(names))}
            return {part: np.array([order[value] for value in values]) for part, values in labels.items()}, tuple(names)
        known = np.unique(labels["train"])
        self._check_known(present, known, "y_train")
        if len(known) < 2:
            raise self.error(f"There is one class only: {known[0]}", "two classes or more", "Correct y_train")
        positions = {part: np.searchsorted(known, values) for part, values in labels.items()}
        return positions, tuple(map(str, known))

    def _check_known(self, present: Iterable[Any], known: Iterable[Any], where: str) -> None:
        unknown = [str(label) for label in present if label not in set(known)]
        if unknown:
            raise self.error(
                f"Some labels are not in {where}: {list_with_more(unknown, 4)}",
                f"labels that {where} has",
                "Correct the labels",
            )

    def _distinct(self, names: list[str]) -> tuple[str, ...]:
        if len(set(names)) != len(names) or len(names) < 2:
            raise self.error("classes does not have two or more different names", "each name once", "Correct classes")
        return tuple(names)


def _text(name: Any) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)


def _look_like_images(values: np.ndarray) -> bool:
    """Whether examples are (h, w, 1) or (h, w, 3), or (h, w) of uint8."""
    if values.ndim == IMAGE_AXES:
        return values.shape[-1] in CHANNELS
    return values.ndim == IMAGE_AXES - 1 and values.dtype == "uint8"

"""The keyword-only parameters of a function in a plugin file, which are the keys of a network or data set."""

import ast
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ablation.config.plugins.source_text import Function, PluginFile, plugin_error
from ablation.errors import AblateError
from ablation.text import list_with_more

KINDS: dict[str, type] = {"bool": bool, "int": int, "float": float, "str": str}
DEEPEST = 20  # names that stand for other names
EXAMPLE = "width: int = 32"


@dataclass(frozen=True)
class Parameter:
    """A parameter.

    kind: bool, int, float or str. optional: whether None is allowed. choices: the only values, for a `Literal`. doc:
    its line in the docstring of the function, as `name: doc`; else empty.
    """

    name: str
    kind: type
    default: Any
    optional: bool = False
    choices: tuple[Any, ...] | None = None
    doc: str = ""


@dataclass(frozen=True)
class _Type:
    """A parsed annotation. kind: None only for `None` alone."""

    kind: type | None
    optional: bool = False
    choices: tuple[Any, ...] | None = None


def fits(value: Any, kind: type) -> bool:
    """Whether a value has a type: true and false are no numbers, and a whole number is also a float."""
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is kind


def parameters(file: PluginFile, entry: ast.expr, table: str, positional: tuple[str, ...]) -> tuple[Parameter, ...]:
    """The keyword-only parameters of a function.

    entry: the function's name, as in the dict literal `table`. positional: the names of the arguments that it is called
    with besides. Raises AblateError for a function that is not defined in the file, or whose parameters cannot be keys.
    """
    function = file.functions.get(entry.id) if isinstance(entry, ast.Name) else None
    if function is None:
        raise plugin_error(
            file.path,
            f"has {ast.unparse(entry)} in {table}, which it does not define itself with def or class at its top, so "
            "its keys cannot be read",
            "functions that the file defines",
            _head(positional),
        )
    return _Signature(file, function, positional).parameters()


def _head(positional: tuple[str, ...]) -> str:
    return f"def build({', '.join([*positional, '*', EXAMPLE])}):"


class _Signature:
    """The signature of one function."""

    def __init__(self, file: PluginFile, function: Function, positional: tuple[str, ...]):
        self.file, self.function, self.positional = file, function, positional
        self.name = function.name
        self.docs = _docs(ast.get_docstring(function) or "")

    def parameters(self) -> tuple[Parameter, ...]:
        arguments, body = self._arguments_and_body()
        self._check_positional(arguments)
        used = {node.id for node in body if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        collected = []
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            if argument.arg not in used and not {"locals", "vars"} & used:
                raise self._error(argument.arg, "is not used in it, so changing it has no effect", "parameters in use")
            collected.append(self._parameter(argument, default))
        return tuple(collected)

    def _arguments_and_body(self) -> tuple[ast.arguments, list[ast.AST]]:
        """The arguments, without `self`, and every node of the body."""
        function = self.function
        if isinstance(function, ast.FunctionDef):
            return function.args, _nodes(function.body)
        for node in function.body:
            if isinstance(node, ast.FunctionDef) and node.name == "__init__":
                arguments = ast.arguments(**{name: getattr(node.args, name) for name in node.args._fields})
                arguments.args = arguments.args[1:]
                return arguments, _nodes(node.body)
        raise plugin_error(
            self.file.path,
            f"has the class {self.name} without __init__",
            "a class with __init__",
            _head(("self", *self.positional)).replace("build", "__init__"),
        )

    def _check_positional(self, arguments: ast.arguments) -> None:
        plain = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
        wanted = len(self.positional)
        if len(plain) > wanted:
            extra = plain[wanted:]
            raise plugin_error(
                self.file.path,
                f"has {self.name} with the parameter {extra[0]} before *, and only those behind it are keys",
                f"{', '.join(self.positional) or 'no parameter'} before *",
                _head(self.positional),
            )
        if len(plain) < wanted and arguments.vararg is None:
            raise plugin_error(
                self.file.path,
                f"has {self.name} with {len(plain)} parameters before *",
                f"two: {', '.join(self.positional)}",
                _head(self.positional),
            )

    def _parameter(self, argument: ast.arg, default: ast.expr | None) -> Parameter:
        if default is None:
            raise self._error(argument.arg, "has no default", "a default for every key")
        value = self._constant(argument.arg, default)
        if argument.annotation is None:
            if type(value) not in KINDS.values():
                raise self._error(argument.arg, "has neither a type nor a default that shows one", _allowed_types())
            kind = _Type(type(value))
        else:
            kind = self._type(argument.arg, argument.annotation)
        parameter = Parameter(
            argument.arg, kind.kind or str, value, kind.optional, kind.choices, self.docs.get(argument.arg, "")
        )
        self._check_default(parameter)
        return replace(parameter, default=float(value)) if parameter.kind is float and value is not None else parameter

    def _check_default(self, parameter: Parameter) -> None:
        value, name = parameter.default, parameter.name
        if value is None:
            if not parameter.optional:
                raise self._error(name, "has the default None, which its type does not allow", "its type | None")
        elif isinstance(value, float) and not math.isfinite(value):
            raise self._error(name, "has a default that is no finite number", "a finite number")
        elif not fits(value, parameter.kind):
            raise self._error(name, f"has a default of another type than {parameter.kind.__name__}", "one type")
        elif parameter.choices is not None and value not in parameter.choices:
            allowed = list_with_more(list(map(str, parameter.choices)))
            raise self._error(name, "has a default that its Literal does not list", allowed)
        for text in (value, *(parameter.choices or ())):
            if isinstance(text, str) and ("${" in text or text == "???"):
                problem = f"has the text {text}, which a config reads as a reference to a key or as a missing value"
                raise self._error(name, problem, "texts without ${, and not ???")

    def _constant(self, parameter: str, value: ast.expr, depth: int = 0) -> Any:
        """The value of a default: a constant, or the name of one at the top of the file. Raises AblateError."""
        if isinstance(value, ast.Name) and value.id in self.file.values and depth < DEEPEST:
            return self._constant(parameter, self.file.values[value.id], depth + 1)
        try:
            constant = ast.literal_eval(value)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            constant = ...
        if constant is None or type(constant) in KINDS.values():
            return constant
        raise self._error(
            parameter, f"has the default {ast.unparse(value)}, which cannot be read without running it", "a constant"
        )

    def _type(self, parameter: str, annotation: ast.expr, depth: int = 0) -> _Type:
        """The parsed type. Raises AblateError for a type that no key has."""
        wrong = self._error(parameter, f"has the type {ast.unparse(annotation)}", _allowed_types())
        if depth > DEEPEST:
            raise wrong
        match annotation:
            case ast.Constant(value=None):
                return _Type(None, optional=True)
            case ast.Constant(value=str() as text):
                try:
                    return self._type(parameter, ast.parse(text, mode="eval").body, depth + 1)
                except SyntaxError:
                    raise wrong from None
            case ast.Name(id=name) if name in KINDS and name not in self.file.values:
                return _Type(KINDS[name])
            case ast.Name(id=name) if name in self.file.values:
                return self._type(parameter, self.file.values[name], depth + 1)
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return self._union(parameter, [left, right], wrong, depth)
            case ast.Subscript(value=ast.Name(id=form) | ast.Attribute(attr=form), slice=inner):
                items = inner.elts if isinstance(inner, ast.Tuple) else [inner]
                return self._subscript(parameter, form, items, wrong, depth)
        raise wrong

    def _subscript(self, parameter: str, form: str, items: list[ast.expr], wrong: AblateError, depth: int) -> _Type:
        if form == "Literal":
            return _literal([self._constant(parameter, item) for item in items], wrong)
        if form == "Optional":
            return replace(self._type(parameter, items[0], depth + 1), optional=True)
        if form == "Union":
            return self._union(parameter, items, wrong, depth)
        if form in ("Annotated", "Final"):
            return self._type(parameter, items[0], depth + 1)
        raise wrong

    def _union(self, parameter: str, items: list[ast.expr], wrong: AblateError, depth: int) -> _Type:
        types = [self._type(parameter, item, depth + 1) for item in items]
        optional = any(each.optional for each in types)
        named = [each for each in types if each.kind is not None]
        kinds = {each.kind for each in named}
        if kinds == {int, float}:
            kinds = {float}
        if len(kinds) != 1:
            raise wrong
        choices: tuple[Any, ...] | None = ()
        for each in named:
            choices = None if each.choices is None or choices is None else (*choices, *each.choices)
        return _Type(kinds.pop(), optional, choices)

    def _error(self, parameter: str, problem: str, allowed: str) -> AblateError:
        return plugin_error(
            self.file.path, f"has {self.name} with the parameter {parameter}, which {problem}", allowed, EXAMPLE
        )


def _literal(values: list[Any], wrong: AblateError) -> _Type:
    optional = None in values
    choices = tuple(value for value in values if value is not None)
    kinds = {type(value) for value in choices}
    if len(kinds) != 1:
        raise wrong
    return _Type(kinds.pop(), optional, choices)


def _nodes(body: list[ast.stmt]) -> list[ast.AST]:
    collected: list[ast.AST] = []
    for statement in body:
        collected += ast.walk(statement)
    return collected


def _docs(docstring: str) -> dict[str, str]:
    """The lines `name: text` of a docstring."""
    return dict(_doc_lines(docstring))


def _doc_lines(docstring: str) -> Iterator[tuple[str, str]]:
    for line in docstring.splitlines():
        match = re.match(r"\s*:?(?:param\s+)?(\w+)\s*(?:\([^)]*\))?:\s+(\S.*)", line)
        if match:
            yield match[1], match[2].strip().rstrip(".")


def _allowed_types() -> str:
    return "bool, int, float, str or Literal[…], each also with | None"

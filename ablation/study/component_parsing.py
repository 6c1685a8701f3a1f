"""Parse the components of a study file, with the overrides that remove them."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ablation.errors import AblateError, Collected, nearest, together
from ablation.study.spec import GROUPS, Component, Removal, key, value
from ablation.text import typed_value

COMPONENT_KEYS = ("remove", "with", "alternatives", "budget")
REMOVAL_KEYS = ("remove", "with")
NAME = re.compile(r"[A-Za-z][\w-]*")
SHOWN = 200  # characters of a value in a message, at most
BOOLEANS = {True: "true (YAML reads yes and on as true)", False: "false (YAML reads no and off as false)"}


@dataclass(frozen=True)
class StudySource:
    """The study file that is being parsed.

    name: of the study, for messages. is_simple: returns whether a text is an override that sets one key to one
    value, or chooses one file.
    """

    name: str
    is_simple: Callable[[str], bool]

    def error(self, problem: str, received: Any, allowed: str, example: str) -> AblateError:
        """The error for an invalid entry."""
        return AblateError(
            f"The study {self.name}: {problem}. Received {shown(received)}. Allowed: {allowed}. Type for example "
            f"{example}"
        )

    def unknown_keys(
        self, owner: str, declared: Mapping[Any, Any], allowed: Sequence[str], path: str
    ) -> list[AblateError]:
        """The errors for unknown keys in a mapping of the file.

        owner: the mapping in words. path: the mapping as a dotted path.
        """
        errors = []
        for name in declared:
            if name not in allowed:
                errors.append(
                    AblateError(
                        f"The study {self.name}: unknown key of {owner}. Received {path}.{shown(name)}. "
                        f"Allowed: {', '.join(allowed)}. Type for example {nearest(str(name), allowed)}:"
                    )
                )
        return errors

    def overrides(self, place: str, declared: Any) -> tuple[str, ...]:
        """Parse a list of overrides, or a single override. Raises AblateError for anything else."""
        texts = [declared] if isinstance(declared, str) else declared
        if texts is None:
            return ()
        if not isinstance(texts, list):
            raise self.error(f"{place} is not a list of overrides", texts, "[key=value]", "[model.residual=false]")
        if not _all_texts(texts):
            problem = f"{place} is not a list of overrides; YAML splits a list at its commas"
            allowed = "[key=value], with quotes around a value that contains commas"
            raise self.error(problem, texts, allowed, '["model.repeats=[2,2]"]')
        errors = Collected()
        for text in texts:
            with errors.collect():
                self._refuse_misplaced(place, text)
        errors.refuse()
        return tuple(texts)

    def is_structured(self, form: Mapping[Any, Any]) -> bool:
        """Return whether a mapping declares a component's keys, such as `remove`, and not its flags."""
        return True

    def refuse_foreign_key(self, place: str, override: str) -> None:
        """Raise AblateError for an override that no removal may have."""
        if key(override).partition(".")[0] not in GROUPS:
            raise AblateError(
                f"The study {self.name}: {place} sets a key that is not part of the experiment. Received {override}. "
                f"Allowed: keys and files of {', '.join(GROUPS)}; {key(override)} belongs to the command"
            )

    def one_removal(self, remove: str, further: Sequence[str]) -> str:
        """How to declare a removal with further changes."""
        return f"{{remove: [{remove}], with: [{', '.join(further)}]}}"

    def no_baseline(self, received: Any) -> AblateError:
        """The error for an empty baseline."""
        return self.error("its baseline is empty", received, "overrides", "baseline: [model=resnet34]")

    @property
    def removal_example(self) -> str:
        return "[model.residual=false]"

    def refuse_interpolation(self, path: str, declared: Any) -> None:
        """Raise AblateError for missing values, and for interpolations of anything but environment variables.

        An override must mean the same in every cell.
        """
        if isinstance(declared, dict):
            for name, item in declared.items():
                self.refuse_interpolation(f"{path}.{name}", item)
        elif isinstance(declared, list):
            for item in declared:
                self.refuse_interpolation(path, item)
        elif declared == "???":
            raise self.error(f"{path} has no value", declared, "a value", f"{path.partition('.')[2]}: …")
        elif isinstance(declared, str) and "${" in declared.replace("${oc.env:", ""):
            allowed = "plain values, and ${oc.env:…}"
            raise self.error(f"{path} has an interpolation", declared, allowed, "model.width=32")

    def _refuse_misplaced(self, place: str, override: str) -> None:
        """Raise AblateError for an override that does not belong in a study file."""
        name = key(override)
        group = re.split(r"[./@]", name.lstrip("+~"))[0]
        if group in ("hydra", "study"):
            allowed = f"overrides of {', '.join(GROUPS)}"
            raise self.error(f"{place} sets a key that belongs to the command", override, allowed, "model.norm=none")
        if "=" not in override or not self.is_simple(override):
            problem = f"{place} has an entry that is not an override with one value"
            raise self.error(problem, override, "key=value", _with_one_value(override))
        if name == "seed":
            allowed = "seeds: in the file, or study.seeds="
            raise self.error(f"{place} sets seed", override, allowed, "study.seeds=")
        if name in ("plugins", "outputs"):
            allowed = f"{name}= on the command line"
            raise self.error(f"{place} sets {name}", override, allowed, allowed)


def parse_components(source: StudySource, declared: Any, errors: Collected) -> tuple[Component, ...]:
    """Parse the components, in the order of the file, without the invalid ones. errors: collects theirs."""
    components: list[Component] = []
    with errors.collect():
        if not isinstance(declared, dict) or not declared:
            allowed = "a name for each component, and how it is removed"
            example = f"components: {{shortcut: {source.removal_example}}}"
            raise source.error("it has no components", declared, allowed, example)
        for name, form in declared.items():
            with errors.collect():
                components.append(_component(source, name, form))
        _refuse_equal_removals(source, components)
    return tuple(components)


def _component(source: StudySource, name: Any, form: Any) -> Component:
    _refuse_name(source, "the name of a component is not a valid name", name, "shortcut:")
    place = f"the component {name}"
    if not isinstance(form, dict) or not source.is_structured(form):
        return Component(name, (_removal(source, place, None, {"remove": form}),))
    errors = Collected()
    errors.errors += source.unknown_keys(place, form, COMPONENT_KEYS, name)
    with errors.collect():
        component = _component_with_keys(source, name, form)
        if not errors.errors:
            return component
    raise together(errors.errors)


def _component_with_keys(source: StudySource, name: str, form: Mapping[str, Any]) -> Component:
    place = f"the component {name}"
    budget = form.get("budget", False)
    if not isinstance(budget, bool):
        raise source.error(f"budget of {place} is neither true nor false", budget, "true or false", "budget: true")
    if "alternatives" not in form:
        return Component(name, (_removal(source, place, None, form),), budget)
    if "remove" in form or "with" in form:
        problem = f"{place} has both alternatives and a removal"
        raise source.error(problem, form, "alternatives, or remove", "alternatives: {…}")
    return Component(name, _alternatives(source, name, form["alternatives"]), budget)


def _alternatives(source: StudySource, component: str, declared: Any) -> tuple[Removal, ...]:
    if not isinstance(declared, dict) or not declared:
        problem = f"the alternatives of the component {component} have no names"
        example = "alternatives: {half: [model.width=32], quarter: [model.width=16]}"
        raise source.error(problem, declared, "a mapping from names to overrides", example)
    removals: list[Removal] = []
    errors = Collected()
    for name, form in declared.items():
        with errors.collect():
            _refuse_name(source, f"an alternative's name in the component {component} is not valid", name, "half:")
            place = f"the component {component}.{name}"
            fields = form if isinstance(form, dict) and source.is_structured(form) else {"remove": form}
            errors.errors += source.unknown_keys(place, fields, REMOVAL_KEYS, f"{component}.{name}")
            removals.append(_removal(source, place, name, fields))
    errors.refuse()
    return tuple(removals)


def _removal(source: StudySource, place: str, name: str | None, fields: Mapping[str, Any]) -> Removal:
    """Parse one way to remove a component. fields: `remove`, and optionally `with`."""
    removing = source.overrides(place, fields.get("remove"))
    if not removing:
        received, example = fields.get("remove"), source.removal_example
        raise source.error(f"{place} has no override that removes it", received, "an override", example)
    remove, *further = removing
    if further:
        raise AblateError(
            f"The study {source.name}: {place} is removed by more than one override, which is more than one change. "
            f"Received {', '.join(removing)}. Allowed: one override that removes it; with: declares what must change "
            f"along with it. Type {source.one_removal(remove, further)}"
        )
    declared = source.overrides(f"with: of {place}", fields.get("with"))
    for override in (*removing, *declared):
        source.refuse_foreign_key(place, override)
    _refuse_repeated_keys(source, place, (*removing, *declared))
    return Removal(name, remove, declared)


def _refuse_repeated_keys(source: StudySource, place: str, overrides: Sequence[str]) -> None:
    """Raise AblateError if two overrides of one removal set the same key."""
    keys: set[str] = set()
    for override in overrides:
        if key(override) in keys:
            raise AblateError(
                f"The study {source.name}: in {place} one override hides another. Received {', '.join(overrides)}, "
                f"with {key(override)} twice. Allowed: each key once"
            )
        keys.add(key(override))


def _refuse_equal_removals(source: StudySource, components: Iterable[Component]) -> None:
    """Raise AblateError if the same override removes two components, or if two alternatives are equal."""
    first: dict[str, tuple[Component, Removal]] = {}
    for component in components:
        for removal in component.removals:
            owner, earlier = first.setdefault(removal.remove, (component, removal))
            repeated = earlier is not removal and earlier.overrides == removal.overrides
            if owner is not component or repeated:
                raise AblateError(
                    f"The study {source.name}: two removals are the same. Received {removal.remove} as the removal of "
                    f"{owner.name} and of {component.name}. Allowed: each removal once. Leave {component.name} out"
                )


def _refuse_name(source: StudySource, rule: str, name: Any, example: str) -> None:
    if isinstance(name, bool):
        allowed = "a name in quotes, if it is one of yes, no, on and off"
        raise source.error(rule, name, allowed, "'on':" if name else "'no':")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise source.error(rule, name, "letters, digits, - and _, a letter first", example)


def _with_one_value(override: str) -> str:
    """An override for an example: values separated by commas as a list, in quotes for YAML."""
    values = value(override).strip("[]{}()'\" ")
    if "," not in values or not re.fullmatch(r"[\w.]+", key(override)):
        return "model.norm=none"
    return f'"{key(override)}=[{",".join(part.strip() for part in values.split(","))}]"'


def _all_texts(items: Iterable[Any]) -> bool:
    return all(isinstance(item, str) for item in items)


def shown(received: Any) -> str:
    """The value as a message quotes it: shortened, or `nothing` if it is empty."""
    if received is None or received == [] or received == {}:
        return "nothing"
    if isinstance(received, bool):
        return BOOLEANS[received]
    return (typed_value(received) if isinstance(received, dict | list) else str(received))[:SHOWN]

"""Overrides of a study that are wrong by themselves: unknown keys and files, and values that no key takes."""

from collections.abc import Iterator

from ablation.config import validation
from ablation.config.key_help import key_at
from ablation.errors import AblateError, Collected
from ablation.study.cells import BASELINE, Composer
from ablation.study.spec import GROUPS, Study, key


def problems(study: Study, composer: Composer, error: AblateError) -> list[AblateError]:
    """All that is wrong with a study whose baseline cannot be compiled. error: the reason why it cannot be."""
    found = Collected()
    files: list[str] = []
    is_explained = False
    for place, override in _placed(study):
        before = len(found.errors)
        with found.collect():
            _refuse(study, composer, place, [*files, override])
            if place == BASELINE and key(override) in GROUPS:
                files.append(override)
        if len(found.errors) > before and place == BASELINE:
            is_explained = True
    if is_explained and len(found.errors) > 1:
        return found.errors
    return [error] if is_explained else [error, *found.errors]


def _placed(study: Study) -> Iterator[tuple[str, str]]:
    """Every override of a study once, with the place where it stands."""
    seen: set[str] = set()
    places = [(BASELINE, study.baseline), (BASELINE, study.typed)]
    for component in study.components:
        for removal in component.removals:
            places.append((f"component {component.name}", removal.overrides))
    for place, overrides in places:
        for override in overrides:
            if override not in seen:
                seen.add(override)
                yield place, override


def _refuse(study: Study, composer: Composer, place: str, overrides: list[str]) -> None:
    try:
        values, path = composer.resolved(overrides), key(overrides[-1])
        known = key_at(path)
        if known is not None:
            validation.check_value(path, values[path], known.limits, values["plugins"] or [])
    except AblateError as error:
        raise AblateError(f"The study {study.name}, {place}: {error} (nothing was started)") from error

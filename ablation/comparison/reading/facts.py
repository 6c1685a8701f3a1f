"""The facts that a run records beside its config and that a comparison compares like it."""

import dataclasses
from dataclasses import dataclass, field

from ablation.rundir.files import Unreadable
from ablation.rundir.record import RunRecord
from ablation.rundir.record_fields import Fields, Json
from ablation.rundir.record_parts import DataRecord, Exactness, Git, Hardware, Steps

NO_DATA = DataRecord("", train=None, validation=0, test=None, digest="")  # of a run that ablate did not train
MAX_PLUGINS = 1000  # characters of the plugins' digests


@dataclass(frozen=True)
class RunFacts:
    """Environment, steps and data of a run. A part that an older record lacks is empty.

    code: digest of the code that shapes results. plugins: the digests of the plugins as one text; None if they are not
    recorded. versions: of Python and of packages, by name. unnamed: layers with automatic names, `{kind: [name, …]}`.
    """

    data: DataRecord
    code: str | None = None
    selected_on: str | None = None
    plugins: str | None = None
    exactness: Exactness = field(default_factory=Exactness)
    versions: Json = field(default_factory=dict)
    hardware: Hardware = field(default_factory=Hardware)
    git: Git = field(default_factory=Git)
    steps: Steps = field(default_factory=Steps)
    unnamed: Json = field(default_factory=dict)

    @classmethod
    def from_json(cls, values: Json) -> "RunFacts":
        """Parse what `to_json` returned. Raises Unreadable for anything else."""
        fields = Fields(values)
        facts = cls(
            code=fields.text("code"),
            selected_on=fields.text("selected_on"),
            plugins=fields.text("plugins"),
            exactness=Exactness.from_json(_needed_part(fields, "exactness")),
            versions=_needed_part(fields, "versions"),
            hardware=Hardware.from_json(_needed_part(fields, "hardware")),
            git=Git.from_json(_needed_part(fields, "git")),
            steps=Steps.from_json(_needed_part(fields, "steps")),
            unnamed=_needed_part(fields, "unnamed"),
            data=DataRecord.from_json(_needed_part(fields, "data")),
        )
        if values.keys() != NAMES:
            raise Unreadable("not the facts of a run")
        return facts

    def to_json(self) -> Json:
        """The facts as in the record."""
        return {
            "code": self.code,
            "selected_on": self.selected_on,
            "plugins": self.plugins,
            "exactness": self.exactness.to_json(),
            "versions": self.versions,
            "hardware": self.hardware.to_json(),
            "git": self.git.to_json(),
            "steps": self.steps.to_json(),
            "unnamed": self.unnamed,
            "data": self.data.to_json(),
        }


NAMES = {each.name for each in dataclasses.fields(RunFacts)}


def recorded_facts(record: RunRecord, data: DataRecord) -> RunFacts:
    """The facts of a record. data: its data."""
    return RunFacts(
        code=record.code,
        selected_on=record.selected_on,
        plugins=_plugins(record),
        exactness=record.exactness or Exactness(),
        versions=record.versions or {},
        hardware=record.hardware or Hardware(),
        git=record.git or Git(),
        steps=record.steps or Steps(),
        unnamed=record.network.unnamed if record.network else {},
        data=data,
    )


def _plugins(record: RunRecord) -> str | None:
    if record.plugins is None:
        return None
    return " ".join(record.plugins)[:MAX_PLUGINS] or "none"


def _needed_part(fields: Fields, name: str) -> Json:
    part = fields.mapping(name)
    if part is None:
        raise fields.unusable(name)
    return part

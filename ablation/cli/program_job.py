"""A program's run as a job of an external launcher, which composes it again from words in another process."""

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

from omegaconf import DictConfig, OmegaConf

from ablation.cli.composition import checked
from ablation.config.program.spec import ProgramConfig
from ablation.config.run_request import ProgramRequest
from ablation.errors import AblateError
from ablation.study import parsing
from ablation.study.program.composer import ProgramComposer

RUN = "run"  # the key below `study:` that makes a study file a single run of it


def words(arguments: Sequence[str], config: ProgramConfig) -> list[str]:
    """The overrides of a job. arguments: those of the study's command."""
    content = json.dumps({"flags": config.flags, "folder": config.folder})
    quoted = content.replace("\\", "\\\\").replace("'", "\\'") if "'" in content else content
    return [*arguments, f"++study.{RUN}='{quoted}'", f"seed={config.seed}"]


def is_job(composed: DictConfig) -> bool:
    """Return whether a composed config is such a job."""
    return composed.study is not None and RUN in composed.study


def request(composed: DictConfig, overrides: Sequence[str]) -> ProgramRequest:
    """The request for the run. Raises AblateError if the study or the job is not valid."""
    content: Any = OmegaConf.to_container(composed.study, resolve=False)
    try:
        job = json.loads(content.pop(RUN))
        flags, folder = dict(job["flags"]), str(job["folder"])
    except (ValueError, KeyError, TypeError) as error:
        raise AblateError(
            f"study.{RUN} is set by launchers. Received study.{RUN} without flags and a folder. Allowed: the study. "
            "Type ablate -m +study=NAME"
        ) from error
    study = parsing.parse("job", content, (), lambda _: True)
    if study.program is None:
        raise AblateError(
            f"study.{RUN} is set by launchers, for a study of a program. Received a study without command:. Allowed: "
            "the study. Type ablate -m +study=NAME"
        )
    scheduling = checked(_without_study(composed), ())
    config = ProgramComposer(study.program, scheduling).config(())
    config = dataclasses.replace(config, flags=flags, folder=folder, seed=scheduling.seed)
    return ProgramRequest(config, tuple(overrides))


def _without_study(composed: DictConfig) -> DictConfig:
    return OmegaConf.masked_copy(composed, [str(key) for key in composed if key != "study"])

"""A program's run as the words of a job: another process composes the same run from them."""

import json

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import OmegaConf

from ablation.cli import study_request
from ablation.config.program.spec import MetricSource, Program, ProgramConfig
from ablation.errors import AblateError

PROGRAM = Program(("python", "{args}", "{seed}"), MetricSource("m", stdout="(.)"))
FLAGS = {"lr": 0.1, "text": 'it\'s a "b" \\ c, d=e', "off": None, "sizes": [1, 2], "on": True}


def test_any_flags_survive_the_words_of_a_job():
    words = study_request.job_words(["+study=s"], ProgramConfig(PROGRAM, FLAGS, "/a folder", seed=7))
    assert words[0] == "+study=s" and words[-1] == "seed=7"
    value = OverridesParser.create().parse_override(words[1]).value()
    job = OmegaConf.create({"study": {"run": str(value)}})
    assert study_request.is_program_job(job) and not study_request.is_program_job(OmegaConf.create({"study": None}))
    assert json.loads(job.study.run) == {"flags": FLAGS, "folder": "/a folder", "planned": None}


def test_a_job_typed_by_hand_is_refused():
    with pytest.raises(AblateError, match="is set by launchers"):
        study_request.program_job(OmegaConf.create({"study": {"run": "x"}}), ())

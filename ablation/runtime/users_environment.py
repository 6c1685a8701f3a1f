"""The environment of the user's shell, before the command changed it, for programs that are not ours."""

import json
import os

REMEMBERED = "ABLATE_USERS_ENVIRONMENT"  # inherited by workers: the earlier values of CHANGED, as JSON
CHANGED = (  # what the command sets for itself or its libraries
    *("PYTHONSAFEPATH", "MPLBACKEND", "HYDRA_FULL_ERROR", "KERAS_HOME", "KERAS_BACKEND", "SOURCE_DATE_EPOCH", "HOME"),
    *("NPROC", "XLA_FLAGS", "TF_CPP_MIN_LOG_LEVEL", "ABLATE_DRIVER"),
)


def remember() -> None:
    """Note the variables that this process will change. A worker keeps what its command has noted."""
    os.environ.setdefault(REMEMBERED, json.dumps({name: os.environ.get(name) for name in CHANGED}))


def users_environment() -> dict[str, str]:
    """The variables of this process, those that the command changed as they were."""
    variables = dict(os.environ)
    for name, value in json.loads(variables.pop(REMEMBERED, "{}")).items():
        variables.pop(name, None)
        if value is not None:
            variables[name] = value
    return variables

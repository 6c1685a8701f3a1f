"""Execute a job of a sweep: a run of ours, or of a program of the user's own."""

import gc

from ablation.config.run_request import Job, ProgramRequest
from ablation.run.structure import Kept


def execute(job: Job, cores: int, kept: Kept) -> int:
    """Execute a job. Returns its exit code. Raises what `execution.execute` of its kind raises.

    cores: of this process. kept: what it keeps for later runs of the same structure.
    """
    if isinstance(job, ProgramRequest):
        from ablation.run.program import execution as program_execution  # the other kind is not imported

        return program_execution.execute(job.config)
    from ablation.run import execution

    code = execution.execute(job, cores, kept)
    kept.release()
    gc.collect()
    return code

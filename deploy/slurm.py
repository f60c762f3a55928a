"""Build the reports on a Slurm cluster: python deploy/slurm.py JOBS [OPTION OF lgr-report build]...

Needs dask-jobqueue. Every node finds this clone and its environment under the same path.
"""

import signal
import subprocess
import sys
from pathlib import Path

from dask_jobqueue import SLURMCluster

if __name__ == "__main__":
    jobs, *options = sys.argv[1:]
    # A task is a notebook with a kernel of its own: a core and a thread for each job.
    with SLURMCluster(cores=1, processes=1, memory="4GB", walltime="01:00:00") as cluster:
        cluster.scale(jobs=int(jobs))
        build = [Path(sys.executable).with_name("lgr-report"), "build"]
        build += ["--scheduler", cluster.scheduler_address, *options]
        process = subprocess.Popen(build)
        # The build ends its work by itself when it is stopped; the jobs end after it.
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, lambda number, _: process.send_signal(number))
        code = process.wait()
    sys.exit(code if code >= 0 else 128 - code)

"""The autograder: release, sandbox, hidden checks, reports, gradebook."""

import os
import sys

# nbgrader starts `alembic` by its name: the programs installed beside this Python are
# found although nobody activated the environment.
os.environ["PATH"] = os.pathsep.join(
    [os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)]
)

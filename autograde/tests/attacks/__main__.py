"""Grade every attack; print, as Markdown, what comes of it here and in stock nbgrader.

What stock nbgrader does was measured before: see `stock`.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from autograde.progress import Progress
from autograde.tests.attacks import every
from autograde.tests.attacks.run import run, summary, table
from autograde.tests.attacks.stock import stored

if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        outcome = run(Path(folder).resolve(), Progress("graded"))
    there = stored()
    sys.stdout.write(f"{table(outcome, every(), there)}\n\n{summary(there)}\n")

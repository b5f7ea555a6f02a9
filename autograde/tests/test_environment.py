"""Does it work for somebody who never activated the environment?"""

import subprocess
import sys


def test_a_new_gradebook_needs_no_activated_environment(tmp_path):
    database = tmp_path / "gradebook.db"
    code = (
        "import autograde; from nbgrader.api import Gradebook; "
        f"Gradebook('sqlite:///{database}').close()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert database.stat().st_size > 0

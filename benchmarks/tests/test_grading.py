"""The benchmark of grading compares the same work, and counts all of it."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from autograde.demo_student import ASSIGNMENT
from autograde.mistakes import known
from autograde.plugin import checks
from benchmarks.grading import students
from benchmarks.hidden_tests import HELPERS, TESTS
from benchmarks.processes import measure

COMPUTES = """
from autograde import warm
from autograde.sandbox import open_session
from autograde.session import Statement

source = '''
def f(seconds):
    import time
    end = time.process_time() + seconds
    while time.process_time() < end: pass
'''
session = open_session([Statement(source, "the cell", 1, "definition")])
session.call("f", (0.7,))
session.close()
warm.stop()  # as at the end of a pool's worker
"""


def test_stock_nbgrader_runs_as_many_cases_of_each_exercise_as_we_do():
    names, ran = {"np": np, **known(ASSIGNMENT).references}, Counter()
    exec(HELPERS, names)

    def counted(test):
        def run(*args, **options):
            ran[exercise] += 1
            return test(*args, **options)

        return run

    for helper in ("test_forward", "test_backward"):
        names[helper] = counted(names[helper])
    for cell, source in TESTS.items():
        exercise = cell.removeprefix("check_")
        exec(source.replace(HELPERS, ""), names)
    ours = Counter(check.exercise for check in checks(ASSIGNMENT).cases)
    assert ran == ours
    assert ran.total() > 60


def test_what_a_sandbox_computes_is_counted(tmp_path):
    """In a process of its own: pytest's has other children."""
    log = tmp_path / "log"
    cost = f"measure([sys.executable, '-c', COMPUTES], Path(), Path({str(log)!r}))"
    code = f"from benchmarks.tests.test_grading import *; print({cost}.cpu)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) > 0.7


def test_other_children_are_not_waited_for(tmp_path):
    with subprocess.Popen(["sleep", "60"]) as other:
        with pytest.raises(RuntimeError, match=f"this one has .*{other.pid}"):
            measure(["true"], tmp_path, tmp_path / "log")
        other.kill()


def test_no_two_students_of_the_class_hand_in_the_same():
    answers = [student.what for student in students(30)]
    assert len(set(answers)) == 30
    assert sum("," in answer for answer in answers) > 20

"""A small course, and a grader that answers at once."""

from concurrent.futures import ThreadPoolExecutor
from shutil import copy

import pytest
from nbgrader.api import Gradebook

from autograde import classroom, demo, pool, work
from autograde.course import PROJECT
from autograde.demo_class import CLASS
from autograde.demo_student import ASSIGNMENT
from autograde.report import CheckResult, ExerciseResult, Report

NOTEBOOK = PROJECT / "notebooks" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
POINTS = {
    "linear_forward": 3,
    "linear_backward": 4,
    "flatten_forward": 2,
    "flatten_backward": 1,
    "bilinear_forward": 2,
    "bilinear_backward": 3,
}


def invented(*ids):
    return [student for student in CLASS if student.id in ids]


def report(verdict="passed", message="", **verdicts):
    """A report in which every exercise has this verdict, but for those named."""
    exercises = tuple(
        ExerciseResult(
            name,
            f"2.{number} {name}",
            f"ex-{name}",
            (CheckResult("agrees", name, of, verdicts.get(name, verdict), message),),
        )
        for number, (name, of) in zip((1, 2, 4, 5, 6, 7), POINTS.items(), strict=True)
    )
    return Report(ASSIGNMENT, "v", 0, exercises)


class FakeGrade:
    """Stands in for `grade`: full marks where nothing is left; counts its calls."""

    def __init__(self):
        self.calls = []

    def __call__(self, data, assignment, secret, **options):
        self.calls.append(data)
        if not data.rstrip().endswith(b"}"):
            return report("not graded")
        return report("not answered" if b"NotImplementedError()" in data else "passed")


@pytest.fixture(scope="session")
def new_gradebook(tmp_path_factory):
    """An empty one, copied: nbgrader takes seconds to make one."""
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    Gradebook(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def make_course(tmp_path, new_gradebook):
    def make(*ids, name="course"):
        course = demo.make_course(tmp_path / name, {NOTEBOOK: invented(*ids)})
        copy(new_gradebook, course.root / "gradebook.db")
        return course

    return make


@pytest.fixture
def fake_grade(monkeypatch):
    """Grade without a sandbox, without processes and without torch."""
    fake = FakeGrade()
    monkeypatch.setattr(work, "grade", fake)
    monkeypatch.setattr(classroom, "need_sandbox", lambda unsafe=False: None)
    monkeypatch.setattr(classroom, "each", in_threads)
    return fake


def in_threads(task, tasks, workers):
    return pool.each(task, tasks, workers, ThreadPoolExecutor)

"""Does nbgrader, driven by nbgrader_config.py alone, end where our own run does?"""

import json
import os
import subprocess
import sys

import nbformat
import pytest
from nbgrader.apps import NbGraderAPI

from autograde import gradebook
from autograde.classroom import grade_class
from autograde.course import PROJECT
from autograde.demo_student import ASSIGNMENT
from autograde.preprocessor import take_in

BROKEN = (
    "amina.diallo",  # right
    "hugo.lambert",  # renamed
    "ingrid.berg",  # a doubled cell
    "jonas.keller",  # late
    "chen.liu",  # schema_version 99, other points, a forged result
    "daniel.fischer",  # half a file
    "vera.novak",  # untouched
)


def cells(course, student):
    notebook = nbformat.read(course.graded(ASSIGNMENT, student), as_version=4)
    nbformat.validate(notebook)
    return [{**cell, "id": ""} for cell in notebook.cells]


def marks(course):
    with gradebook.opened(course) as book:
        return gradebook.marks(book, ASSIGNMENT)


def autograde(course, student):
    """What formgrader's button does."""
    api = NbGraderAPI(course.coursedir, config=course.parent.config)
    result = api.autograde(ASSIGNMENT, student)
    assert result["success"], result["log"]


def register(course):
    with gradebook.opened(course) as book:
        gradebook.register(course, book, ASSIGNMENT)
        book.update_or_create_assignment(ASSIGNMENT, duedate="2026-03-06 18:00:00")


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own
def test_both_ways_end_with_the_same_gradebook(make_course, fake_grade):
    theirs, ours = (make_course(*BROKEN, name=name) for name in ("a", "b"))
    for course in (theirs, ours):
        register(course)
    for student in BROKEN:
        autograde(theirs, student)
    with gradebook.opened(ours) as book:
        grade_class(ours, book, ASSIGNMENT, list(BROKEN))
    assert marks(theirs) == marks(ours)
    assert marks(ours)["jonas.keller"].total == 13.5
    for student in BROKEN:
        assert cells(theirs, student) == cells(ours, student)


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_a_mark_given_by_a_person_survives_a_regrade(make_course, fake_grade):
    course = make_course("vera.novak")
    register(course)
    where = ASSIGNMENT, ASSIGNMENT, "vera.novak"
    autograde(course, "vera.novak")
    with gradebook.opened(course) as book:
        book.find_grade("check_linear_forward", *where).manual_score = 2
        book.db.commit()
    autograde(course, "vera.novak")
    assert marks(course)["vera.novak"].total == 2
    with gradebook.opened(course) as book:
        grade_class(course, book, ASSIGNMENT, ["vera.novak"], again=True)
    assert marks(course)["vera.novak"].total == 2


def test_a_link_beside_a_notebook_is_not_followed(make_course):
    course = make_course("amina.diallo")
    folder = course.folder("submitted", ASSIGNMENT, "amina.diallo")
    (folder / "data.csv").symlink_to(course.root / "gradebook.db")
    os.mkfifo(folder / "pipe")
    notebooks = [str(folder / "other.ipynb")]
    take_in(assignment=ASSIGNMENT, student="*", notebooks=notebooks)
    assert notebooks == [str(folder / f"{ASSIGNMENT}.ipynb")]
    assert "gradebook.db" in (folder / "data.csv").read_text()
    assert all(path.is_file() and not path.is_symlink() for path in folder.iterdir())


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
@pytest.mark.parametrize("linked", ["student", "assignment"])
def test_a_folder_that_is_a_link_is_not_followed(make_course, fake_grade, linked):
    """nbgrader, and our own command: neither copies nor grades what is behind it."""
    course = make_course("amina.diallo")
    register(course)
    theirs = course.folder("submitted", ASSIGNMENT, "amina.diallo")
    (theirs / "private.txt").write_text("theirs")
    folder = course.folder("submitted", ASSIGNMENT, "eve")
    if linked == "student":
        folder.parent.symlink_to(theirs.parent)
    else:
        folder.parent.mkdir()
        folder.symlink_to(theirs)
    assert course.handed(ASSIGNMENT, "eve").data == b""
    autograde(course, "eve")
    assert marks(course)["eve"].total == 0
    assert marks(course)["eve"].needs_manual_grade
    copied = course.folder("autograded", ASSIGNMENT, "eve").iterdir()
    assert [path.name for path in copied] == [f"{ASSIGNMENT}.ipynb"]
    assert (theirs / "private.txt").read_text() == "theirs"


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_a_time_that_is_none_does_not_stop_nbgrader(make_course, fake_grade):
    course = make_course("amina.diallo")
    register(course)
    folder = course.folder("submitted", ASSIGNMENT, "amina.diallo")
    (folder / "timestamp.txt").write_bytes(b"99:99 \xff\0")
    autograde(course, "amina.diallo")
    assert marks(course)["amina.diallo"].score == 15
    assert (folder / "timestamp.unreadable").is_file()


def test_nbgrader_autograde_grades_in_the_sandbox(make_course):
    """`nbgrader autograde 02_linear --student ID`, for real, and our own command."""
    theirs, ours = (make_course("liam.byrne", name=name) for name in ("a", "b"))
    (ours.root / "course_secret").write_bytes(theirs.secret())
    register(theirs)
    register(ours)
    script = os.path.join(os.path.dirname(sys.executable), "nbgrader")
    run([script, "autograde", ASSIGNMENT, "--student", "liam.byrne"], theirs.root)
    command = [sys.executable, "-m", "autograde", "grade", ASSIGNMENT, "--jobs", "1"]
    run(command, ours.root)
    assert marks(theirs) == marks(ours)
    assert 0 < marks(ours)["liam.byrne"].exercises["check_linear_backward"] < 4
    assert "averaged over the examples" in json.dumps(cells(theirs, "liam.byrne"))
    assert cells(theirs, "liam.byrne") == cells(ours, "liam.byrne")


def run(command, folder):
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr

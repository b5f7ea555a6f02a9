"""Is a class graded once, whatever happens in between?"""

import os
import stat
from shutil import copy

import pytest

from autograde import classroom, gradebook, sandbox, work
from autograde.classroom import grade_class
from autograde.course import Course, UserError
from autograde.demo_student import ASSIGNMENT
from autograde.session import SandboxError
from autograde.tests.conftest import report

FOUR = ("amina.diallo", "uchenna.eze", "hugo.lambert", "daniel.fischer")


def grade(course, **options):
    students = course.students(ASSIGNMENT)
    with gradebook.opened(course) as book:
        return grade_class(course, book, ASSIGNMENT, students, **options)


def totals(course):
    with gradebook.opened(course) as book:
        return {
            student: (mark.total, mark.needs_manual_grade)
            for student, mark in gradebook.marks(book, ASSIGNMENT).items()
        }


def test_a_class_ends_in_the_gradebook(make_course, fake_grade):
    course = make_course(*FOUR)
    graded = grade(course)
    assert [g.handed.student for g in graded] == sorted(FOUR)
    assert totals(course) == {
        "amina.diallo": (15, False),
        "uchenna.eze": (0, False),
        "hugo.lambert": (15, False),  # a renamed file
        "daniel.fischer": (0, True),  # half a file
    }


def test_what_has_not_changed_is_neither_graded_nor_recorded_again(
    make_course, fake_grade, monkeypatch
):
    """No worker starts, no sandbox is looked for, nothing is written."""
    course = make_course(*FOUR)
    grade(course)
    fake_grade.calls.clear()
    monkeypatch.setattr(gradebook, "record", None)
    for part in ("each", "need_sandbox", "write_feedback"):
        monkeypatch.setattr(classroom, part, None)
    assert not any(g.fresh for g in grade(course))
    assert fake_grade.calls == []


def test_a_changed_submission_is_graded_again(make_course, fake_grade):
    course = make_course(*FOUR)
    grade(course)
    path = course.folder("submitted", ASSIGNMENT, FOUR[0]) / f"{ASSIGNMENT}.ipynb"
    path.write_bytes(path.read_bytes() + b"\n")
    assert [g.handed.student for g in grade(course) if g.fresh] == [FOUR[0]]


def test_a_lost_gradebook_is_filled_from_the_reports(
    make_course, fake_grade, new_gradebook
):
    course = make_course(*FOUR)
    grade(course)
    before = totals(course)
    copy(new_gradebook, course.root / "gradebook.db")
    fake_grade.calls.clear()
    grade(course)
    assert (totals(course), fake_grade.calls) == (before, [])


def test_an_interrupted_run_goes_on_where_it_was(make_course, fake_grade):
    course = make_course("amina.diallo", "ben.okafor", "carla.moreno", "uchenna.eze")

    def interrupt(done, total):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        grade(course, jobs=1, progress=interrupt)
    fake_grade.calls.clear()
    graded = grade(course)
    assert len(graded) == 4
    assert len(fake_grade.calls) == sum(g.fresh for g in graded) == 2


def test_a_report_is_kept_before_it_is_recorded(make_course, fake_grade, monkeypatch):
    course = make_course(FOUR[0])
    with monkeypatch.context() as patch:
        patch.setattr(gradebook, "record", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            grade(course)
    fake_grade.calls.clear()
    grade(course)
    assert fake_grade.calls == []
    assert totals(course) == {FOUR[0]: (15, False)}


def test_a_submission_that_kills_its_worker_is_not_graded(
    make_course, fake_grade, monkeypatch
):
    course = make_course(FOUR[0])
    monkeypatch.setattr(
        classroom, "each", lambda work, tasks, n: ((task, None) for task in tasks)
    )
    (graded,) = grade(course)
    assert graded.report.notes == (classroom.DIED,)
    assert totals(course) == {FOUR[0]: (0, True)}


def test_what_was_not_graded_is_tried_again_at_the_next_run(
    make_course, fake_grade, monkeypatch
):
    course = make_course(FOUR[0])
    with monkeypatch.context() as patch:
        patch.setattr(work, "grade", lambda *_, **__: report("not graded"))
        grade(course)
    assert totals(course)[FOUR[0]][1]
    (graded,) = grade(course)
    assert graded.fresh
    assert totals(course) == {FOUR[0]: (15, False)}


def test_without_a_sandbox_nothing_is_graded(make_course, monkeypatch):
    def probe(unsafe):
        raise SandboxError("bubblewrap is missing")

    monkeypatch.setattr(sandbox, "probe", probe)
    with pytest.raises(UserError, match="bubblewrap is missing"):
        grade(make_course(FOUR[0]))


def test_the_secret_is_made_once_and_is_private(make_course):
    course = make_course()
    secret = course.secret()
    assert len(secret) == 64
    assert Course.open(course.root).secret() == secret
    assert stat.S_IMODE(os.stat(course.root / "course_secret").st_mode) == 0o600


def test_a_submission_is_found_whatever_lies_beside_it(make_course, tmp_path):
    course = make_course("amina.diallo")
    folder = course.folder("submitted", ASSIGNMENT, "amina.diallo")
    right = folder / f"{ASSIGNMENT}.ipynb"
    data = right.read_bytes()
    right.rename(folder / "my answers.ipynb")
    (folder / "scratch.ipynb").write_text("{}")
    (folder / "link.ipynb").symlink_to("/etc/passwd")
    (folder / "timestamp.txt").write_text("yesterday, maybe")
    handed = course.handed(ASSIGNMENT, "amina.diallo")
    assert handed.data == data
    assert handed.timestamp is None
    assert handed.notes == ("'my answers.ipynb' was graded as 02_linear.ipynb.",)


def test_a_folder_without_a_notebook_is_said(make_course):
    course = make_course()
    course.folder("submitted", ASSIGNMENT, "nobody").mkdir(parents=True)
    handed = course.handed(ASSIGNMENT, "nobody")
    assert handed.data == b""
    assert handed.notes == ("No notebook was handed in; expected 02_linear.ipynb.",)

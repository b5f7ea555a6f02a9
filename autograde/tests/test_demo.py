"""Is the invented class as it is described, and does the demo show all of it?"""

import json
from pathlib import Path
from shutil import copy

import nbformat
import pytest
from nbgrader.apps import NbGraderAPI

from autograde import demo, gradebook
from autograde.chapter import build
from autograde.course import PROJECT
from autograde.demo_class import CLASS, derived
from autograde.demo_student import ASSIGNMENT, reference_answers
from autograde.grade import grade
from autograde.notebook import Unreadable, cells
from autograde.release import chapters
from autograde.session import LocalSession
from autograde.tests.conftest import NOTEBOOK, invented

LOOP = b"while True: pass"


def test_a_class_of_at_least_24_with_names_of_their_own():
    assert len({student.id for student in CLASS}) == len(CLASS) >= 24
    assert max(len(student.what) for student in CLASS) <= 35


def test_the_class_is_the_same_every_time(make_course):
    first, second = (make_course(*(s.id for s in CLASS), name=n) for n in ("a", "b"))
    for student in CLASS:
        handed = [c.handed(ASSIGNMENT, student.id) for c in (first, second)]
        assert handed[0] == handed[1]


def test_every_notebook_but_the_truncated_one_is_a_valid_notebook(make_course):
    course = make_course(*(student.id for student in CLASS))
    for student in CLASS:
        data = course.handed(ASSIGNMENT, student.id).data
        if student.id == "daniel.fischer":
            with pytest.raises(Unreadable, match="ends in the middle"):
                cells(data)
        else:
            nbformat.validate(nbformat.reads(data.decode(), as_version=4))
            assert len(cells(data)) >= len(nbformat.read(NOTEBOOK, 4).cells)


@pytest.mark.parametrize("assignment", [path.stem for path in chapters()])
def test_a_class_is_derived_for_every_chapter(assignment):
    """Right in all ways, wrong where it is wrong; one run after the other the same."""
    notebook = PROJECT / "notebooks" / assignment / f"{assignment}.ipynb"
    solved, _ = build(PROJECT / "book" / "chapters" / f"{assignment}.md", "solutions")
    answers = reference_answers(solved)
    released = nbformat.read(notebook, as_version=4)
    points, of = {}, 0
    for student in derived(assignment):
        data = student.submission(released, answers)
        assert data == student.submission(released, answers)
        if student.what == "an endless loop":
            assert data.count(b"while True:") > json.dumps(released).count(
                "while True:"
            )
            continue
        report = grade(data, assignment, b"secret", connect=LocalSession)
        points[student.what], of = report.points, report.max_points
    assert len(points) + 1 == len(derived(assignment)) >= 8
    assert points.pop("as the reference does it") == of
    assert points.pop("right, in other ways (1)") == of
    assert points.pop("right, in other ways (2)") == of
    assert points.pop("untouched") == 0
    assert all(0 <= some < of for some in points.values())
    assert points["half done"] > 0


@pytest.fixture
def small_demo(monkeypatch, tmp_path, new_gradebook, fake_grade):
    """The demo on four students, without the book."""
    four = invented("amina.diallo", "liam.byrne", "jonas.keller", "vera.novak")
    monkeypatch.setattr(demo, "CLASS", four)
    monkeypatch.setattr(demo, "FOLDER", tmp_path / "demo")
    monkeypatch.setattr(demo, "build_book", lambda: None)
    monkeypatch.setattr(demo, "release_chapters", lambda: [NOTEBOOK])
    (tmp_path / "demo").mkdir()
    copy(new_gradebook, tmp_path / "demo" / "gradebook.db")
    return tmp_path / "demo"


def test_the_demo_shows_marks_and_paths_that_exist(small_demo, fake_grade, capsys):
    assert demo.run() == 0
    out = capsys.readouterr().out
    assert "late, -1.5: handed in 15 hours late" in out
    paths = [line.split()[-1] for line in out.splitlines() if str(small_demo) in line]
    feedback, marks = paths[0], paths[1]
    assert feedback.endswith("liam.byrne/02_linear/02_linear.html")
    with open(feedback) as page, open(marks) as table:
        assert "15</strong> of 17" in page.read()
        assert len(table.readlines()) == 5
    fake_grade.calls.clear()
    assert demo.run() == 0
    assert fake_grade.calls == []


def test_the_demo_is_an_nbgrader_course(small_demo, capsys):
    demo.run()
    course = demo.Course.open(small_demo)
    api = NbGraderAPI(course.coursedir, config=course.parent.config)
    assert len(api.get_submitted_students(ASSIGNMENT)) == 4
    assert len(api.get_autograded_students(ASSIGNMENT)) == 4
    with gradebook.opened(course) as book:
        assert book.find_student("vera.novak").last_name == "Novak"


def test_a_new_release_begins_a_new_course(make_course, tmp_path):
    course = make_course("amina.diallo")
    (course.root / "reports").mkdir()
    other = tmp_path / NOTEBOOK.name
    other.write_text(NOTEBOOK.read_text().replace("linear layer", "affine layer"))
    demo.make_course(course.root, {other: invented("amina.diallo")})
    assert not (course.root / "reports").exists()


def test_a_book_that_does_not_build_is_said_with_its_log(monkeypatch, tmp_path):
    monkeypatch.setattr(demo, "PROJECT", tmp_path)
    with pytest.raises(demo.UserError, match="the book did not build"):
        demo.build_book()


def test_formgrader_finds_the_assignment_where_release_puts_it(make_course):
    course = make_course()
    assert Path(course.coursedir.source_directory) == PROJECT / "_build" / "source"

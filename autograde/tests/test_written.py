"""An answer in words: from the chapter to a person, and back to the student."""

import csv

import nbformat
import pytest

from autograde import gradebook
from autograde.classroom import grade_class
from autograde.demo_student import ASSIGNMENT, wrote
from autograde.export import rows, write_csv
from autograde.feedback import report_of, write_feedback
from autograde.release import load
from autograde.table import table
from autograde.tests.conftest import NOTEBOOK

STUDENT = "ben.okafor"  # answers
OTHER = "carla.moreno"  # does not
WHERE = ASSIGNMENT, ASSIGNMENT, STUDENT


@pytest.fixture
def course(make_course, fake_grade):
    return make_course(STUDENT, OTHER)


def grade(course, **options):
    """Grade both; the table, and the marks."""
    with gradebook.opened(course) as book:
        graded = grade_class(course, book, ASSIGNMENT, [STUDENT, OTHER], **options)
        marks = gradebook.marks(book, ASSIGNMENT)
    return table(graded, marks).splitlines(), marks


def mark(course, points, comment=""):
    """What formgrader writes when a person marks an answer."""
    with gradebook.opened(course) as book:
        given = book.find_grade("explain_ones", *WHERE)
        given.manual_score, given.needs_manual_grade = points, False
        book.find_comment("explain_ones", *WHERE).manual_comment = comment
        book.db.commit()
        return write_feedback(
            course, book, ASSIGNMENT, STUDENT, report_of(course, ASSIGNMENT, STUDENT)
        ).read_text("utf-8")


def answer(course, text):
    """Hand another answer in."""
    path = course.folder("submitted", ASSIGNMENT, STUDENT) / f"{ASSIGNMENT}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    wrote("explain_ones", text)(notebook)
    nbformat.write(notebook, path)


def exported(course, path):
    with gradebook.opened(course) as book:
        write_csv(path, rows(book, [ASSIGNMENT], []))
    with path.open() as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def test_a_question_is_released_without_an_answer():
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    (cell,) = [c for c in notebook.cells if c.cell_type == "markdown" and c.metadata]
    assert cell.source == "YOUR ANSWER HERE"
    about = cell.metadata.nbgrader
    assert (about.grade, about.solution, about.locked, about.points) == (1, 1, 0, 2)
    (record,) = [c for c in load(ASSIGNMENT).cells if c.kind == "written"]
    assert record.title == "2.3 What ones cannot see"
    assert (record.grade_id, record.points) == ("explain_ones", 2)


def test_an_answer_waits_for_a_person_and_none_is_zero(course, tmp_path):
    lines, marks = grade(course)
    assert lines[2].split() == [STUDENT, *"34", "hand", *"2123", "15+2"]
    assert lines[3].split() == [OTHER, *"34", "-", *"2123", "15"]
    assert (marks[STUDENT].total, marks[STUDENT].open) == (15, 2)
    assert (marks[OTHER].total, marks[OTHER].open) == (15, 0)
    assert not marks[OTHER].needs_manual_grade
    table = exported(course, tmp_path / "marks.csv")
    assert float(table[STUDENT][f"{ASSIGNMENT}.by_hand"]) == 2
    assert float(table[OTHER][f"{ASSIGNMENT}.by_hand"]) == 0
    html = course.feedback(ASSIGNMENT, STUDENT).read_text("utf-8")
    assert "<strong>15</strong> of 17 points; a person may add up to 2" in html
    assert "waits for a person" in html
    assert "grad_y[::-1]" in html
    other = course.feedback(ASSIGNMENT, OTHER).read_text("utf-8")
    assert "a person may add" not in other


def test_a_persons_mark_is_shown_and_survives_a_regrade(course, tmp_path):
    grade(course)
    html = mark(course, 1.5, "Why do equal rows not show it?")
    for fresh in (False, True):
        lines, marks = grade(course, again=fresh)
        assert lines[2].split() == [STUDENT, *"34", "1.5*", *"2123", "16.5"]
        assert (marks[STUDENT].total, marks[STUDENT].open) == (16.5, 0)
        assert not marks[STUDENT].needs_manual_grade  # it was seen, and is the same
    table = exported(course, tmp_path / "marks.csv")
    assert float(table[STUDENT][f"{ASSIGNMENT}.explain_ones"]) == 1.5
    assert "<strong>16.5</strong> of 17 points</p>" in html
    assert "marked by a person" in html
    assert "Why do equal rows not show it?" in html


def test_another_answer_is_shown_to_the_person_again(course):
    grade(course)
    mark(course, 1)
    answer(course, "Because.")
    _, marks = grade(course)
    assert marks[STUDENT].total == 16
    assert marks[STUDENT].needs_manual_grade


def test_markup_in_an_answer_is_text_everywhere(course):
    answer(course, "<script>alert(1)</script>\n\n[x](javascript:alert(1))")
    grade(course)
    assert "<script" not in course.feedback(ASSIGNMENT, STUDENT).read_text("utf-8")
    shown = nbformat.read(course.graded(ASSIGNMENT, STUDENT), as_version=4)
    (cell,) = [c for c in shown.cells if "javascript" in c.source]
    assert all(line.startswith("    ") for line in cell.source.splitlines())

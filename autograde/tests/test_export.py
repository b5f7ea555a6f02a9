"""Are the marks in the CSV those of the gradebook?"""

import csv

from nbgrader.plugins import ExportPlugin

from autograde import gradebook
from autograde.classroom import grade_class
from autograde.demo_student import ASSIGNMENT
from autograde.export import MarksExport, rows


def exported(path):
    with path.open(encoding="utf-8") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def test_one_row_a_student_one_column_an_exercise(make_course, fake_grade, tmp_path):
    course = make_course("amina.diallo", "jonas.keller", "daniel.fischer")
    with gradebook.opened(course) as book:
        gradebook.register(course, book, ASSIGNMENT)
        book.update_or_create_assignment(ASSIGNMENT, duedate="2026-03-06 18:00:00")
        grade_class(course, book, ASSIGNMENT, course.students(ASSIGNMENT))
        book.add_student("absent", first_name="Ada, Countess", last_name="Lovelace")
        plugin = MarksExport(to=str(tmp_path / "grades.csv"), assignment=[ASSIGNMENT])
        plugin.export(book)
    table = exported(tmp_path / "grades.csv")
    amina, late = table["amina.diallo"], table["jonas.keller"]
    assert float(amina["02_linear.linear_forward"]) == 3
    assert float(amina["02_linear.total"]) == 15
    assert float(amina["02_linear.of"]) == 17
    assert float(table["daniel.fischer"]["02_linear.by_hand"]) == 17
    assert float(late["02_linear.late_penalty"]) == 1.5
    assert float(late["02_linear.total"]) == 13.5
    broken = table["daniel.fischer"]
    assert broken["02_linear.state"] == "needs a person"
    for column in ("points", "total", "linear_forward"):  # not graded is no zero
        assert broken[f"02_linear.{column}"] == ""
    assert table["absent"]["02_linear.state"] == "not handed in"
    assert table["absent"]["first_name"] == "Ada, Countess"


def test_chapters_in_order_and_no_dust_of_rounding(make_course, fake_grade):
    course = make_course("jonas.keller")
    with gradebook.opened(course) as book:
        book.update_or_create_assignment(
            "01_gradients"
        )  # has no due date: nbgrader's last
        gradebook.register(course, book, ASSIGNMENT)
        book.update_or_create_assignment(ASSIGNMENT, duedate="2026-03-06 18:00:00")
        grade_class(course, book, ASSIGNMENT, course.students(ASSIGNMENT))
        submission = book.find_submission(ASSIGNMENT, "jonas.keller")
        submission.late_submission_penalty = 12 * 0.1
        (row,) = rows(book, [], [])
    assert row["02_linear.late_penalty"] == 1.2
    assert list(row).index("01_gradients.total") < list(row).index("02_linear.total")


def test_only_the_students_asked_for(make_course, fake_grade):
    course = make_course("amina.diallo", "vera.novak")
    with gradebook.opened(course) as book:
        grade_class(course, book, ASSIGNMENT, course.students(ASSIGNMENT))
        assert [r["student"] for r in rows(book, [], ["vera.novak"])] == ["vera.novak"]


def test_it_is_an_nbgrader_plugin():
    assert issubclass(MarksExport, ExportPlugin)

"""Is the page safe, complete, and the same by both ways?"""

import re
from dataclasses import replace

import pytest
from nbgrader.apps import NbGraderAPI

from autograde import gradebook
from autograde.classroom import grade_class
from autograde.course import PROJECT, UserError
from autograde.demo_student import ASSIGNMENT
from autograde.feedback import page, report_of
from autograde.tests.conftest import report

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def graded(make_course, fake_grade):
    course = make_course("amina.diallo")
    with gradebook.opened(course) as book:
        grade_class(course, book, ASSIGNMENT, ["amina.diallo"])
        yield course, book


def render(graded, report):
    return page(*graded, ASSIGNMENT, "amina.diallo", report)


def test_nothing_of_the_student_is_markup(graded):
    course, _ = graded
    path = course.graded(ASSIGNMENT, "amina.diallo")
    path.chmod(0o644)
    path.write_text(path.read_text().replace("np.ndarray", EVIL))
    told = report("failed", EVIL)
    html = render(graded, replace(told, notes=(EVIL,), failures=(EVIL,)))
    assert html.count("&lt;script&gt;") >= 9
    assert "<script" not in html


def test_the_page_loads_and_runs_nothing(graded):
    html = render(graded, report("failed", "y has shape (2, 3), not (3, 2)."))
    assert not re.search(r"""\b(src|on\w+)=|url\(|@import|https?:""", html)
    links = re.findall('href="([^"]*)"', html)
    assert {link for link in links if not link.startswith("#")} == {
        f"../../../../html/book/chapters/{ASSIGNMENT}.html#ex-{name}"
        for name in told_names()
    }
    assert (PROJECT / "book" / "chapters" / f"{ASSIGNMENT}.md").is_file()


def told_names():
    return ["explain-ones", *(exercise.grade_id for exercise in report().exercises)]


def test_a_hint_is_given_once(graded):
    checks = report("failed").exercises[0].checks[0]
    twice = tuple(replace(checks, hint="Which axis?", message="no") for _ in range(2))
    told = report()
    exercises = (replace(told.exercises[0], checks=twice), *told.exercises[1:])
    html = render(graded, replace(told, exercises=exercises))
    assert html.count("Which axis?") == html.count("The same as above") == 1


def test_a_mark_and_a_comment_by_a_person_are_shown(graded):
    _, book = graded
    where = ASSIGNMENT, ASSIGNMENT, "amina.diallo"
    book.find_grade("check_linear_forward", *where).manual_score = 2.5
    book.find_comment("linear_forward", *where).manual_comment = f"Neat. {EVIL}"
    book.db.commit()
    html = render(graded, report())
    assert "Marked by a person; the checks gave 3." in html
    assert "<strong>14.5</strong> of 17 points" in html
    assert "Neat. &lt;script&gt;" in html


def test_nbgrader_writes_the_same_page(graded):
    course, _ = graded
    path = course.feedback(ASSIGNMENT, "amina.diallo")
    ours = path.read_text()
    path.unlink()
    api = NbGraderAPI(course.coursedir, config=course.parent.config)
    result = api.generate_feedback(ASSIGNMENT)
    assert result["success"], result["log"]
    assert path.read_text() == ours
    assert path.with_name("timestamp.txt").is_file()


def test_without_a_report_there_is_no_page(make_course):
    course = make_course("amina.diallo")
    with pytest.raises(UserError, match="run `python -m autograde grade 02_linear`"):
        report_of(course, ASSIGNMENT, "amina.diallo")

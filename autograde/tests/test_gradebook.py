"""What of a submission reaches nbgrader, and is every mark ours?"""

import json

import nbformat
import pytest
from nbgrader.utils import determine_grade, is_grade

from autograde import gradebook
from autograde.clean import LOST, PLACED
from autograde.course import UserError
from autograde.demo_student import ASSIGNMENT
from autograde.tests.conftest import NOTEBOOK, report

RELEASED = nbformat.read(NOTEBOOK, as_version=4)
EVIL = "<img src=x onerror=alert(1)>"


def handed(*cells, **metadata):
    """A notebook with these cells, as (type, grade_id, source)."""
    made = [
        {
            "cell_type": kind,
            "metadata": {"nbgrader": {"grade_id": name, "points": 99, **metadata}},
            "source": source,
            "outputs": [
                {"output_type": "execute_result", "data": {"text/plain": "99"}}
            ],
        }
        for kind, name, source in cells
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4}).encode()


def written():
    """A released notebook with one question."""
    about = {"grade_id": "why", "grade": True, "solution": True, "points": 2}
    cell = nbformat.v4.new_markdown_cell("Your answer", metadata={"nbgrader": about})
    return nbformat.v4.new_notebook(cells=[cell])


def grades(notebook):
    """What nbgrader makes of the cells that it marks by itself."""
    given = {
        cell.metadata.nbgrader.grade_id: determine_grade(cell)[0]
        for cell in notebook.cells
        if is_grade(cell)
    }
    return {name: points for name, points in given.items() if points is not None}


def sources(notebook):
    return [cell.source for cell in notebook.cells]


def test_an_answer_stands_in_its_cell_and_an_added_cell_after_what_it_followed():
    data = handed(
        ("code", "linear_forward", "def linear_forward(): ..."),
        ("code", "", "mine = 1"),
    )
    notebook = gradebook.clean(RELEASED, data)
    index = sources(notebook).index("def linear_forward(): ...")
    assert notebook.cells[index].metadata.nbgrader.grade_id == "linear_forward"
    assert sources(notebook)[index + 1] == "mine = 1"
    assert len(notebook.cells) == len(RELEASED.cells) + 1


def test_locked_cells_points_and_schema_are_the_releases():
    data = handed(
        ("code", "check_linear_forward", "pass"),
        ("markdown", "linear_backward", "no code"),
        schema_version=99,
    )
    notebook = gradebook.clean(RELEASED, data)
    for cell, original in zip(notebook.cells, RELEASED.cells, strict=True):
        assert cell.metadata == original.metadata
        assert cell.cell_type == original.cell_type
        assert cell.source in (original.source, "no code", LOST)


def test_markdown_of_a_student_is_shown_as_text():
    notebook = gradebook.clean(RELEASED, handed(("markdown", "", f"look\n{EVIL}")))
    (cell,) = [cell for cell in notebook.cells if EVIL in cell.source]
    assert (cell.cell_type, cell.source) == ("code", f"# look\n# {EVIL}")


def test_markup_in_a_written_answer_is_text_too():
    notebook = gradebook.clean(written(), handed(("markdown", "why", f"As {EVIL}")))
    assert sources(notebook) == [f"    As {EVIL}"]  # indented: shown, not rendered


@pytest.mark.parametrize("text", ["Your answer", "", "  \n"])
def test_an_empty_answer_in_words_is_as_it_was_released(text):
    """nbgrader knows it by its checksum and gives zero."""
    notebook = gradebook.clean(written(), handed(("markdown", "why", text)))
    assert sources(notebook) == ["Your answer"]


@pytest.mark.parametrize("data", [b"", handed(("markdown", "", "It is because ..."))])
def test_a_lost_answer_in_words_is_never_zero(data):
    notebook = gradebook.clean(written(), data)
    assert sources(notebook)[0] == LOST
    assert len(notebook.cells) == 2


def asked():
    """A released notebook with a question, its cell for an answer, and more text."""
    notebook = written()
    for place, text in ((0, "Why?"), (2, "And now?")):
        notebook.cells.insert(place, nbformat.v4.new_markdown_cell(text))
    return notebook


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_an_answer_in_words_without_its_name_is_known_by_its_question(kind):
    cells = [
        ("markdown", "", "Why?\n"),
        (kind, "", "It is."),
        ("markdown", "", "And now?"),
    ]
    notebook = gradebook.clean(asked(), handed(*cells))
    assert sources(notebook) == ["Why?", f"{PLACED}\n\n    It is.", "And now?"]


@pytest.mark.parametrize(
    "cells",
    [
        [("markdown", "", "Why?"), ("code", "", "it = 1")],
        [("markdown", "", "Why?"), ("markdown", "", "And now?")],
        [("markdown", "", "It is."), ("markdown", "", "Why?")],
    ],
)
def test_what_does_not_follow_its_question_is_no_answer_to_it(cells):
    notebook = gradebook.clean(asked(), handed(*cells))
    assert LOST in sources(notebook)


def test_what_an_instructor_sees_is_bounded():
    cells = [("code", "", f"x{i} = '{'a' * 90_000}'") for i in range(100)]
    shown = sources(gradebook.clean(RELEASED, handed(*cells)))
    assert sum(map(len, shown)) < 1_200_000
    assert len(shown) > len(RELEASED.cells) + 9


def test_cells_without_names_stand_once_each():
    """An editor that strips metadata: what is unchanged is recognized."""
    cells = [("code", "", cell.source) for cell in RELEASED.cells]
    shown = sources(gradebook.clean(RELEASED, handed(*cells)))
    assert sorted(shown) == sorted(sources(RELEASED))


def test_an_unreadable_file_gives_the_release_and_says_why():
    notebook = gradebook.clean(RELEASED, b'{"cells": [')
    added = set(sources(notebook)) - set(sources(RELEASED))
    said, lost = sorted(added)
    assert said.startswith("# This file could not be read: T")
    assert lost == LOST


def test_every_mark_is_the_reports():
    notebook = gradebook.clean(RELEASED, handed(("code", "check_linear_forward", "99")))
    told = report("passed", linear_backward="failed", bilinear_forward="not graded")
    gradebook.write_marks(notebook, told, "key")
    given = grades(notebook)
    assert given["check_linear_forward"] == 3
    assert given["check_linear_backward"] == 0
    assert given["check_bilinear_forward"] == 0
    assert sum(given.values()) == told.points


@pytest.mark.parametrize("exercises", [(), report().exercises[:1]])
def test_what_the_report_does_not_name_is_never_full_marks(exercises):
    notebook = gradebook.clean(RELEASED, b"")
    told = report()
    told = type(told)(told.assignment, told.release, told.run, exercises)
    gradebook.write_marks(notebook, told, "key")
    assert sum(grades(notebook).values()) == told.points


def test_not_graded_asks_for_a_person(make_course):
    course = make_course("amina.diallo")
    with gradebook.opened(course) as book:
        gradebook.register(course, book, ASSIGNMENT)
        hand = course.handed(ASSIGNMENT, "amina.diallo")
        gradebook.record(course, book, hand, report(flatten_forward="not graded"), "k")
        mark = gradebook.mark(book, ASSIGNMENT, "amina.diallo")
        where = ASSIGNMENT, ASSIGNMENT, "amina.diallo"
        grade = book.find_grade("check_flatten_forward", *where)
        assert (mark.total, mark.needs_manual_grade, grade.auto_score) == (
            13,
            True,
            None,
        )
        gradebook.record(course, book, hand, report(), "k")
        mark = gradebook.mark(book, ASSIGNMENT, "amina.diallo")
        assert (mark.total, mark.needs_manual_grade) == (15, False)


def test_a_record_is_whole_or_not_there(make_course, monkeypatch):
    course = make_course("amina.diallo")
    with gradebook.opened(course) as book:
        gradebook.register(course, book, ASSIGNMENT)
        hand = course.handed(ASSIGNMENT, "amina.diallo")
        with monkeypatch.context() as patch:
            patch.setattr(gradebook, "save_not_graded", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                gradebook.record(course, book, hand, report(), "k")
        assert gradebook.marks(book, ASSIGNMENT) == {}
        gradebook.record(course, book, hand, report(), "k")
        assert gradebook.mark(book, ASSIGNMENT, "amina.diallo").score == 15


def test_what_was_not_released_cannot_be_registered(make_course):
    course = make_course()
    with (
        gradebook.opened(course) as book,
        pytest.raises(UserError, match="03_other is not released"),
    ):
        gradebook.register(course, book, "03_other")


def test_other_cells_than_those_handed_in_are_refused_in_words(make_course):
    course = make_course("amina.diallo")
    with gradebook.opened(course) as book:
        gradebook.register(course, book, ASSIGNMENT)
        hand = course.handed(ASSIGNMENT, "amina.diallo")
        gradebook.record(course, book, hand, report(), "k")
        path = course.released(ASSIGNMENT)
        path.write_text(path.read_text().replace('"linear_forward"', '"linear_forth"'))
        with pytest.raises(UserError, match="has other graded cells"):
            gradebook.register(course, book, ASSIGNMENT)

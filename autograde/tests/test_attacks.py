"""A class of attackers and three honest students: what came out, and what is left.

One run grades them all; each test looks at one thing. The attacks: `tests/attacks`.
"""

import re
from html.parser import HTMLParser

import nbformat
import pytest

from autograde.clean import LOST
from autograde.demo_student import ASSIGNMENT
from autograde.limits import Limits
from autograde.table import table
from autograde.tests.attacks import every
from autograde.tests.attacks.reading import CANARY
from autograde.tests.attacks.run import HONEST, MEMORY, run
from autograde.tests.programs import gone

ATTACKS = list(every())
TEXT = {"text/plain"}
HARMLESS = re.compile(r"[\w./-]*#[\w-]*")  # a link into the page, or into the book
TAGS = {"html", "head", "meta", "title", "style", "body", "main", "a", "section"}
TAGS |= {"h1", "h2", "h3", "p", "strong", "div", "span", "pre", "code", "ul", "li"}
TAGS |= {"table", "caption", "thead", "tbody", "tr", "th", "td", "details", "summary"}


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    return run(tmp_path_factory.mktemp("class"))


def named(attack):
    return ascii(attack.name)[1:-1]


def test_there_are_many():
    assert len(ATTACKS) >= 60
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)


def test_the_class_is_complete(outcome):
    students = {attack.name for attack in ATTACKS} | {*HONEST}
    assert outcome.graded.keys() == outcome.marks.keys() == students
    for student in students:
        assert outcome.course.feedback(ASSIGNMENT, student).is_file()


@pytest.mark.parametrize("student", HONEST)
def test_an_honest_student_in_this_class_is_unharmed(outcome, student):
    report = outcome.report(student)
    assert report.points == report.max_points == outcome.marks[student].total
    assert {exercise.verdict for exercise in report.exercises} == {"passed"}


@pytest.mark.parametrize("attack", ATTACKS, ids=named)
def test_marks_and_verdict(outcome, attack):
    full = outcome.points(HONEST[0])
    wanted = {name: 0 if name in attack.lost else full[name] for name in full}
    assert outcome.verdict(attack.name) == attack.verdict
    assert outcome.points(attack.name) == wanted
    mark = outcome.marks[attack.name]
    assert mark.total == sum(wanted.values())
    assert mark.needs_manual_grade >= (attack.verdict == "not graded")


@pytest.mark.parametrize("attack", ATTACKS, ids=named)
def test_nothing_was_read(outcome, attack):
    written = [outcome.report(attack.name).to_json()]
    written += [
        path.read_text("utf-8", "replace") for path in outcome.pages(attack.name)
    ]
    assert not [text for text in written if CANARY in text]
    first = outcome.report(attack.name).exercises[0].checks[0].message
    if attack.name.startswith("read-") and "read: " in first:
        assert first.split("read: ")[1] in ("[]", "{} []", "nothing")
    if attack.name == "read-inputs":
        assert not re.search(r"\d\.\d{4}", first)
    if attack.name in ("network", "doors", "abstract-socket"):
        assert first.endswith("reached: []")


def test_nothing_was_written(outcome):
    assert outcome.after == outcome.before


def test_no_process_is_left(outcome):
    assert outcome.graded
    assert gone(Limits(memory=MEMORY))


class Page(HTMLParser):
    """The tags of a page, and what of them could run or load something."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.dangers = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        for name, value in attrs:
            link = name in ("href", "src", "action", "srcset", "data")
            if name.startswith("on") or (link and not HARMLESS.fullmatch(value)):
                self.dangers.append((tag, name, value))


@pytest.mark.parametrize("attack", ATTACKS, ids=named)
def test_no_markup_reaches_the_page(outcome, attack):
    path = outcome.course.feedback(ASSIGNMENT, attack.name)
    text = path.read_text("utf-8")
    page = Page(text)
    assert page.tags <= TAGS
    assert page.dangers == []
    assert all(c.isprintable() or c in "\n\t" for c in text)


@pytest.mark.parametrize("attack", ATTACKS, ids=named)
def test_no_markup_reaches_the_graded_notebook(outcome, attack):
    """Text is the release's own, outputs are ours: text, one number, no more."""
    released = nbformat.read(outcome.course.released(ASSIGNMENT), as_version=4)
    ours = {cell.source for cell in released.cells if cell.cell_type == "markdown"}
    ours.add(LOST)
    graded = nbformat.read(outcome.course.graded(ASSIGNMENT, attack.name), as_version=4)
    nbformat.validate(graded)
    assert graded.metadata.kernelspec == released.metadata.kernelspec
    for cell in graded.cells:
        assert cell.cell_type == "code" or cell.source in ours
        assert "attachments" not in cell
        for output in cell.get("outputs", ()):
            assert output.output_type in ("stream", "execute_result")
            assert {*output.get("data", TEXT)} == TEXT


def test_the_table_is_safe_to_print(outcome):
    text = table(list(outcome.graded.values()), outcome.marks, width=100)
    assert all(character.isprintable() or character == "\n" for character in text)

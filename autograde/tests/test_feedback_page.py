"""Can every student read the page: light, dark, on a phone, by keyboard, offline?"""

from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe

from autograde import gradebook
from autograde.classroom import grade_class
from autograde.demo_student import ASSIGNMENT
from autograde.feedback import page
from autograde.tests.conftest import report
from book.tests.conftest import browser, open_page  # noqa: F401 (fixtures)

EVIL = "<img src=x onerror=\"document.title = 'broken'\"><script>alert(1)</script>"
LONG = "linear_forward raised ValueError: " + "shapes_(4,3)_and_(2,)_differ" * 9
STUDENTS = ("ben.okafor", "jonas.keller")  # an answer in words; late


def failed():
    """A page with messages, hints, cases, notes, and names of hostile markup."""
    told = report("failed", LONG, linear_backward="depends on")
    first = told.exercises[0].checks[0]
    checks = tuple(
        replace(
            first, title=f"check {n} {EVIL}", message=message, hint=hint, cases=cases
        )
        for n, (message, hint, cases) in enumerate(
            [
                (LONG, "Which axis is the sum over?", ("float32", "N=4 D=3 K=2")),
                (LONG, "Which axis is the sum over?", ("",)),
                (f"y is a list, not an array.\n  {EVIL}", "", ("no bias",)),
            ]
        )
    )
    exercises = (replace(told.exercises[0], checks=checks), *told.exercises[1:])
    failures = (f"line 1 of your cell f: NameError: {EVIL}",)
    return replace(told, exercises=exercises, notes=(EVIL, LONG), failures=failures)


PAGES = {
    "passed": report(),
    "failed": failed(),
    "nothing": report("not answered", "linear_forward is not answered yet."),
    "not graded": replace(
        report("not graded", "A person has to look."), sandboxed=False
    ),
}


@pytest.fixture
def written(make_course, fake_grade, tmp_path):
    """The four pages as files."""
    course = make_course(*STUDENTS)
    with gradebook.opened(course) as book:
        gradebook.register(course, book, ASSIGNMENT)
        book.update_or_create_assignment(ASSIGNMENT, duedate="2026-03-06 18:00:00")
        grade_class(course, book, ASSIGNMENT, list(STUDENTS))
        where = ASSIGNMENT, ASSIGNMENT, STUDENTS[1]
        book.find_comment("linear_forward", *where).manual_comment = EVIL
        book.find_grade("check_linear_forward", *where).manual_score = 1.5
        book.db.commit()
        for number, (name, told) in enumerate(PAGES.items()):
            html = page(course, book, ASSIGNMENT, STUDENTS[number % 2], told)
            (tmp_path / f"{name}.html").write_text(html, "utf-8")
    return tmp_path


@pytest.mark.parametrize(("width", "mode"), [(1280, "light"), (390, "dark")])
def test_the_page_is_for_everybody(written, open_page, width, mode):  # noqa: F811
    for name in PAGES:
        url = (written / f"{name}.html").as_uri()
        shown = open_page(url, width=width, mode=mode)
        found = [
            f"{name}: {rule['id']}: {node['html'][:200]}"
            for rule in Axe().run(shown).response["violations"]
            for node in rule["nodes"]
        ]
        assert found == []
        overflow = "document.documentElement.scrollWidth - window.innerWidth"
        assert shown.evaluate(overflow) <= 0, name
        assert (shown.requests, shown.errors) == ([url], [])
        assert shown.locator("script, img").count() == 0
        assert shown.title().startswith("2 The linear layer")
        shown.screenshot(path=written / f"{name}-{mode}.png", full_page=True)


def test_the_code_opens_by_keyboard_and_its_links_lead_to_the_exercises(
    written,
    open_page,  # noqa: F811
):
    shown = open_page((written / "failed.html").as_uri())
    for link in shown.locator("table a").all():
        assert shown.locator(link.get_attribute("href")).count() == 1
    summary = shown.locator("summary").first
    summary.focus()
    summary.press("Enter")
    assert shown.locator("details pre").first.is_visible()

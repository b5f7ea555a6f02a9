"""Without a sandbox: refused as root, warned of at each run, stamped into all of it."""

import os

import nbformat
import pytest

from autograde import classroom, gradebook, sandbox
from autograde.__main__ import main
from autograde.classroom import reusable
from autograde.demo_student import ASSIGNMENT
from autograde.grade import grade
from autograde.report import UNSANDBOXED, text
from autograde.tests.conftest import NOTEBOOK, in_threads
from autograde.tests.test_grade import notebook

FLAG = "--unsafe-no-sandbox"


@pytest.fixture
def as_user(monkeypatch):
    """As if this were no root; the worker of one still becomes nobody by itself."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(classroom, "each", in_threads)


@pytest.mark.parametrize("command", ["check", "grade"])
def test_refused_as_root(monkeypatch, capsys, make_course, command):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    course = make_course("amina.diallo")
    what = ASSIGNMENT if command == "grade" else str(NOTEBOOK)
    assert main([command, what, "--course", str(course.root), FLAG]) == 2
    assert "is refused as root" in capsys.readouterr().err
    assert not (course.root / "reports").exists()


def test_warned_and_stamped(as_user, make_course, capsys):
    course = make_course("amina.diallo")
    assert main(["grade", ASSIGNMENT, "--course", str(course.root), FLAG]) == 0
    assert "WARNING: --unsafe-no-sandbox" in capsys.readouterr().err
    page = course.feedback(ASSIGNMENT, "amina.diallo").read_text()
    assert "without a sandbox" in page.lower()
    graded = nbformat.read(course.graded(ASSIGNMENT, "amina.diallo"), as_version=4)
    assert graded.metadata[gradebook.OURS]["sandboxed"] is False
    results = [cell.outputs for cell in graded.cells if cell.get("outputs")]
    assert results
    assert all(UNSANDBOXED in outputs[0].text for outputs in results)


def test_a_report_without_a_sandbox_is_never_used_again(as_user, make_course):
    course = make_course("amina.diallo")
    handed = course.handed(ASSIGNMENT, "amina.diallo")
    report = grade(handed.data, ASSIGNMENT, b"s", sandboxed=False)
    assert report.points == report.max_points
    course.store(ASSIGNMENT, "key", report)
    assert reusable(course, handed, "key") is None


def test_each_check_warns(as_user, tmp_path, capsys):
    (tmp_path / "my.ipynb").write_bytes(notebook())
    command = ["check", str(tmp_path / "my.ipynb"), "--assignment", ASSIGNMENT, FLAG]
    assert main(command) == 0
    out, err = capsys.readouterr()
    assert "WARNING: --unsafe-no-sandbox" in err
    assert UNSANDBOXED in out


def test_the_report_says_so(as_user):
    report = grade(b"no notebook", ASSIGNMENT, b"s", sandboxed=False)
    assert not report.sandboxed
    assert UNSANDBOXED in text(report)
    sandbox.probe(unsafe=True)

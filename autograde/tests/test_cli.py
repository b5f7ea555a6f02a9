"""What does the person at the keyboard see?"""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

import autograde.grade
from autograde import doctor, gradebook
from autograde.__main__ import main
from autograde.course import PROJECT
from autograde.demo_class import CLASS
from autograde.demo_student import ASSIGNMENT
from autograde.tests.conftest import NOTEBOOK, invented, report


@pytest.fixture
def no_sandbox_needed(monkeypatch):
    monkeypatch.setattr(doctor, "need_sandbox", lambda unsafe=False: None)


@pytest.mark.parametrize(
    ("verdict", "code", "last"), [("passed", 0, "15 / 15"), ("failed", 1, "0 / 15")]
)
def test_check_prints_the_feedback(
    monkeypatch, no_sandbox_needed, capsys, verdict, code, last
):
    monkeypatch.setattr(autograde.grade, "grade", lambda *_, **__: report(verdict))
    assert main(["check", str(NOTEBOOK)]) == code
    out = capsys.readouterr().out
    assert "What ones cannot see: 2 points, by a person; not graded here." in out
    assert out.rstrip().endswith(last)


def test_check_says_at_once_what_it_does(monkeypatch, no_sandbox_needed, capsys):
    seen = []

    def grade(*_, **__):
        seen.append(capsys.readouterr().err)
        return report()

    monkeypatch.setattr(autograde.grade, "grade", grade)
    main(["check", str(NOTEBOOK)])
    assert seen == [f"grading {NOTEBOOK.name} ...\n"]


def test_every_argument_of_check_is_explained(capsys):
    with pytest.raises(SystemExit):
        main(["check", "--help"])
    words = " ".join(capsys.readouterr().out.split())
    assert "notebook the file to grade: my.ipynb" in words
    assert "the chapter, e.g. 02_linear, if the notebook does not name it" in words


def notebook(tmp_path, text):
    path = tmp_path / "my.ipynb"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"cells": [', "ends in the middle of the notebook"),
        ("", "is empty"),
        (
            '{"cells": [{"cell_type": "code", "source": "1"}]}',
            "add, for example, --assign",
        ),
    ],
)
def test_an_unusable_file_is_said_in_one_sentence(tmp_path, capsys, text, says):
    assert main(["check", notebook(tmp_path, text)]) == 2
    error = capsys.readouterr().err
    assert says in error
    assert error.startswith("autograde: ")


def test_other_errors_of_the_user_are_said_too(tmp_path, capsys, make_course):
    course = make_course("amina.diallo")
    attempts = {
        f"check {tmp_path / 'no.ipynb'}": "No such file",
        f"check {NOTEBOOK} --assignment 99_no": "there is no release of '99_no'",
        f"grade 02_linear --course {tmp_path / 'no'}": "there is no folder",
        f"grade 02_linear --course {tmp_path}": "nothing to grade",
        f"grade 02_linear --course {course.root} --student x": "nothing to grade",
        f"feedback 02_linear --course {course.root}": "has no report",
        f"export --course {tmp_path}": "no gradebook",
        "release 99": "there is no chapter '99'",
    }
    for command, says in attempts.items():
        assert (main(command.split()), command) == (2, command)
        assert says in capsys.readouterr().err


def test_grade_prints_a_row_a_student(make_course, fake_grade, capsys):
    course = make_course("amina.diallo", "vera.novak", "hugo.lambert")
    assert main(["grade", ASSIGNMENT, "--course", str(course.root)]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert " ".join(lines[0].split()) == "student 2.1 2.2 2.3 2.4 2.5 2.6 2.7 of 17"
    assert lines[2].split() == ["amina.diallo", "3", "4", "-", "2", "1", "2", "3", "15"]
    assert "15  '02_linear (final 2).ipynb'" in lines[3]
    assert lines[4].split() == ["vera.novak", *"-------", "0"]
    assert max(map(len, lines[:5])) <= 100
    assert "3/3 graded" in err


def test_what_is_not_graded_is_no_zero(make_course, fake_grade, capsys):
    course = make_course("daniel.fischer")
    main(["grade", ASSIGNMENT, "--course", str(course.root)])
    row = capsys.readouterr().out.splitlines()[2].split()
    assert row[:9] == ["daniel.fischer", "?", "?", "hand", "?", "?", "?", "?", "?"]
    page = course.feedback(ASSIGNMENT, "daniel.fischer").read_text()
    assert "<strong>Not graded yet</strong>" in page
    assert page.count("? / 3") == 4


def test_export_and_feedback_follow(make_course, fake_grade, capsys, tmp_path):
    course = make_course("amina.diallo")
    main(["grade", ASSIGNMENT, "--course", str(course.root)])
    page = course.feedback(ASSIGNMENT, "amina.diallo")
    page.unlink()
    assert main(["feedback", ASSIGNMENT, "--course", str(course.root)]) == 0
    assert page.is_file()
    path = tmp_path / "marks.csv"
    assert main(["export", "--to", str(path), "--course", str(course.root)]) == 0
    assert "amina.diallo" in path.read_text()


def test_an_interrupt_stops_the_workers_and_keeps_what_is_graded(make_course):
    """Ctrl-C in the middle of a real run; the next run goes on."""
    course = make_course(*(student.id for student in CLASS[:7]))
    command = [sys.executable, "-m", "autograde", "grade", ASSIGNMENT, "--jobs", "1"]
    process = subprocess.Popen(
        command,
        cwd=course.root,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    reports = course.root / "reports" / ASSIGNMENT
    deadline = time.monotonic() + 60
    while not list(reports.glob("*.json")) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "the same command goes on" in out
    kept = len(list(reports.glob("*.json")))
    assert 1 <= kept < 7
    deadline = time.monotonic() + 10
    while left(process.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left(process.pid) == []
    done = subprocess.run(
        command,
        cwd=course.root,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"{7 - kept} graded, the rest unchanged" in done.stdout
    with gradebook.opened(course) as book:
        marks = gradebook.marks(book, ASSIGNMENT)
    assert {student.id for student in invented(*marks)} == set(marks)
    assert marks["amina.diallo"].total == 15


def left(group):
    """The processes of a group that have not ended."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, pgrp = path.read_text().rpartition(") ")[2].split()[:3]
            if int(pgrp) == group and state != "Z":
                found.append(path.parent.name)
    return found

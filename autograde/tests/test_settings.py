"""Limits and checks as an instructor sets them: which one wins, what a mistake says."""

from pathlib import Path
from shutil import copy

import pytest
from traitlets.config import Config

from autograde.__main__ import main
from autograde.course import Course, UserError
from autograde.grade import grade
from autograde.limits import Limits
from autograde.sandbox import LocalSession
from autograde.settings import Settings, settings, settings_in
from autograde.tests.test_grade import ASSIGNMENT, answer, checks, graded, notebook


def read(limits, assignment=ASSIGNMENT):
    config = Config({"Grader": {"limits": limits}})
    return settings(config, assignment, Path()).limits


def test_the_narrower_place_wins():
    found = read(
        {
            "course": {"call_cpu": 3, "memory": 1 << 29},
            ASSIGNMENT: {"call_cpu": 4},
            f"{ASSIGNMENT}/linear_backward": {"call_cpu": 0.5},
        }
    )
    assert (found.memory, found.call_cpu) == (1 << 29, 4)
    assert found.cpu_of("linear_backward") == 0.5
    assert found.cpu_of("linear_forward") == 4
    assert read({}) == Limits()
    assert settings(Config(), ASSIGNMENT, Path()) == Settings()


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"course": {"cpu": 1}}, "has no 'cpu'; it has load_cpu, call_cpu, all_calls"),
        ({"course": {"memory": "1 GB"}}, "'1 GB', not a whole number above 0"),
        ({"course": {"memory": 1.5}}, "not a whole number"),
        ({"course": {"call_cpu": 0}}, "is 0, not a number above 0"),
        ({"course": {"call_cpu": True}}, "is True, not a number"),
        ({"course": {"call_cpu": float("nan")}}, "is nan, not a number"),
        ({"course": 5}, "is 5, not a table like"),
        ({"2_linear": {"call_cpu": 1}}, "no release of '2_linear'; released: "),
        ({f"{ASSIGNMENT}/lin": {"call_cpu": 1}}, "02_linear has linear_forward, lin"),
        ({f"{ASSIGNMENT}/linear_forward": {"memory": 1}}, "it has call_cpu"),
        (5, "expected a dict, not the int 5"),
    ],
)
def test_a_mistake_is_one_clear_sentence(limits, said):
    with pytest.raises(UserError, match=r"Grader") as caught:
        read(limits)
    assert said in str(caught.value)


def test_an_unknown_setting_is_said():
    with pytest.raises(UserError, match="no 'limit'; it has limits and checks_dir"):
        settings(Config({"Grader": {"limit": {}}}), ASSIGNMENT, Path())


def test_a_limit_of_one_exercise_is_for_that_alone():
    slow = {"linear_forward": answer("linear_forward", "while True: pass")}
    limits = read(
        {
            "course": {"call_cpu": 30},
            f"{ASSIGNMENT}/linear_forward": {"call_cpu": 0.1},
        }
    )
    report = grade(notebook(**slow), ASSIGNMENT, b"secret", limits)
    first, *_ = report.exercises
    assert first.verdict == "timed out"
    assert report.points == 8


# ---------------------------------------------------------------- the same everywhere


@pytest.fixture
def course(make_course):
    made = make_course("amina.diallo")
    with (made.root / "nbgrader_config.py").open("a") as file:
        file.write("\nc.Grader.limits = {'course': {'memory': 1 << 29}}\n")
        file.write("c.Grader.checks_dir = 'private'\n")
    (made.root / "private").mkdir()
    copy(Settings().checks_dir / f"check_{ASSIGNMENT}.py", made.root / "private")
    return Course.open(made.root)


def test_every_way_of_grading_reads_the_same(course):
    wanted = Settings(Limits(memory=1 << 29), (course.root / "private").resolve())
    assert course.settings(ASSIGNMENT) == wanted
    assert settings_in(course.root, ASSIGNMENT) == wanted
    assert settings_in(course.root / "private", ASSIGNMENT) == Settings()


def test_a_wrong_setting_stops_each_command(course, tmp_path, capsys, monkeypatch):
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write("\nc.Grader.limits = {'course': {'cpus': 1}}\n")
    (tmp_path / "my.ipynb").write_bytes(notebook())
    where = ["--course", str(course.root)]
    assignment = ["--assignment", ASSIGNMENT]
    assert main(["check", str(tmp_path / "my.ipynb"), *assignment, *where]) == 2
    assert "has no 'cpus'" in capsys.readouterr().err
    assert main(["grade", ASSIGNMENT, *where]) == 2
    assert "has no 'cpus'" in capsys.readouterr().err


def test_private_checks_take_the_place_of_ours(course):
    path = course.root / "private" / f"check_{ASSIGNMENT}.py"
    text = path.read_text().replace(
        "linear_forward agrees with torch.", "A private check."
    )
    path.write_text(text)
    folder = course.settings(ASSIGNMENT).checks_dir
    wrong = answer("linear_forward", "return x @ weight.T, ()")
    report = grade(
        notebook(linear_forward=wrong),
        ASSIGNMENT,
        b"s",
        connect=LocalSession,
        checks_dir=folder,
    )
    assert checks(report, "linear_forward")[0].title == "A private check."
    ours = graded(linear_forward=wrong)
    assert checks(ours, "linear_forward")[0].title != "A private check."
    assert report.points == ours.points


def test_a_folder_without_the_check_is_said(course):
    config = Config({"Grader": {"checks_dir": "nowhere"}})
    with pytest.raises(UserError, match=r"nowhere.*check_02_linear\.py"):
        settings(config, ASSIGNMENT, course.root)

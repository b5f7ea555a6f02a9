"""The doctor: does it see what is wrong, say how to get it right, and exit with it?"""

import os

import pytest

from autograde import doctor, sandbox, seccomp
from autograde.__main__ import main
from autograde.course import PROJECT


def findings(course=PROJECT):
    return {finding.what: finding for finding in doctor.examine(course)}


def test_a_machine_that_grades_is_well(capsys):
    assert main(["doctor", "--course", str(PROJECT)]) == 0
    out = capsys.readouterr().out
    assert "ok    sandbox              a session starts" in out
    assert "Ready to grade." in out


def test_no_sandbox(monkeypatch, capsys):
    def no_sandbox():
        raise sandbox.SandboxError("bubblewrap does not start: say this")

    monkeypatch.setattr(sandbox, "probe", no_sandbox)
    assert main(["doctor", "--course", str(PROJECT)]) == 1
    out = capsys.readouterr().out
    assert "bad   sandbox              does not start" in out
    assert "say this" in out
    assert "1 to put right" in out


@pytest.mark.parametrize(
    ("name", "closed", "advice"),
    [
        ("kernel/apparmor_restrict_unprivileged_userns", "1", "sysctl"),
        ("user/max_user_namespaces", "0", "sysctl"),
    ],
)
def test_what_the_kernel_forbids(tmp_path, monkeypatch, name, closed, advice):
    path = tmp_path / name
    path.parent.mkdir()
    path.write_text(f"{closed}\n")
    monkeypatch.setattr(doctor, "SWITCHES", {str(path): closed})
    (found,) = [f for f in doctor._switches() if f.level == "bad"]
    assert advice in found.advice


def test_packages_against_the_pins(monkeypatch):
    monkeypatch.setattr(doctor, "NEEDED", ("numpy", "no-such-package"))
    monkeypatch.setattr(doctor, "_pins", lambda _: {"numpy": "0.1"})
    numpy, missing = doctor._packages(PROJECT)
    assert (numpy.level, missing.level) == ("note", "bad")
    assert "Tested with 0.1" in numpy.advice
    assert missing.advice == "pip install 'no-such-package'"


def test_the_pins_are_read():
    pins = doctor._pins(PROJECT / "constraints.txt")
    assert set(doctor.NEEDED) <= set(pins)


def test_a_folder_that_is_no_course(tmp_path):
    found = findings(tmp_path)["nbgrader_config.py"]
    assert found.level == "bad"
    assert "--course" in found.advice


@pytest.mark.parametrize("line", ["c.Grader.limits = {'course': {'x': 1}}", "1 / 0"])
def test_a_wrong_configuration(tmp_path, line):
    (tmp_path / "nbgrader_config.py").write_text(f"c = get_config()\n{line}\n")
    assert findings(tmp_path)["nbgrader_config.py"].level == "bad"


def test_a_secret_that_others_read(tmp_path):
    path = tmp_path / "course_secret"
    assert findings(tmp_path)["course_secret"].level == "ok"
    path.write_text("secret")
    path.chmod(0o644)
    found = findings(tmp_path)["course_secret"]
    assert (found.level, found.advice) == ("bad", f"chmod 600 {path}")
    path.chmod(0o600)
    assert findings(tmp_path)["course_secret"].level == "ok"


def test_architecture_user_and_disk(monkeypatch):
    monkeypatch.setattr(seccomp, "rules", lambda: b"")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(doctor, "LEAST", 1 << 62)
    found = findings()
    assert found["system calls"].level == "note"
    assert "refused" in found["user"].seen
    assert found["disk"].level == "bad"
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert findings()["user"].level == "ok"

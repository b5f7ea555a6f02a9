"""Does a report's key follow the files that grading reads, and no others?"""

import subprocess
import sys

from autograde import grade
from autograde.demo_student import ASSIGNMENT
from autograde.sources import ROOT, imported

SHOW = """
import sys
from autograde import work
from autograde.grade import not_graded
from autograde.judge import Judge
from autograde.mistakes import known
not_graded({0!r}, "why"), known({0!r})
print(*(module.__file__ for name, module in sys.modules.items() if name == "autograde"
        or name.startswith("autograde.") and module.__file__))
"""


def read_by_grading(monkeypatch):
    """The files that a report's key is made of."""
    found = []
    monkeypatch.setattr(
        grade, "imported", lambda start: found.extend(imported(start)) or found
    )
    grade._grader.__wrapped__(ASSIGNMENT, grade.CHECKS)
    return {str(path) for path in found}


def test_every_file_that_a_worker_loads_is_among_them(monkeypatch):
    done = subprocess.run(
        [sys.executable, "-c", SHOW.format(ASSIGNMENT)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    loaded = set(done.stdout.split())
    assert str(ROOT / "autograde" / "compare.py") in loaded
    assert loaded <= read_by_grading(monkeypatch)


def test_what_shows_or_records_a_report_is_not(monkeypatch):
    others = ("table", "feedback", "gradebook", "classroom", "__main__", "markdown")
    paths = {str(ROOT / "autograde" / f"{name}.py") for name in others}
    assert not paths & read_by_grading(monkeypatch)


def test_imports_are_followed(tmp_path):
    sources = {
        "a.py": "from pack import b\nimport json",
        "pack/__init__.py": "",
        "pack/b.py": "import pack.c\ndef later():\n    import pack.d",
        "pack/c.py": "from a import x",
        "pack/d.py": "",
    }
    (tmp_path / "pack").mkdir()
    for name, source in sources.items():
        (tmp_path / name).write_text(source)
    found = imported([tmp_path / "a.py"], tmp_path)
    names = [str(path.relative_to(tmp_path)) for path in found]
    assert names == ["a.py", "pack/__init__.py", "pack/b.py", "pack/c.py"]

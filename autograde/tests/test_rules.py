"""The six rules of the exercise cell, on every chapter and on a made-up one."""

import importlib
import inspect
import pkgutil
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbgrader.validator import Validator

from autograde import release as releases
from autograde.cells import bound
from autograde.chapter import ChapterError, build
from autograde.release import ReleaseCell, chapters, load, release
from solutions.exercise import free_names, source_of, stub

ROOT = releases.ROOT
MADEUP = Path(__file__).parent / "madeup"
CHAPTERS = [path.stem for path in chapters()]

# Runs at the start of each kernel: the student has not got this repository.
BLOCK = """
import sys

class Blocked:
    def find_spec(name, path=None, target=None):
        if name.split(".")[0] in {blocked}:
            raise ModuleNotFoundError(f"{{name}} is blocked")

sys.meta_path.insert(0, Blocked)
"""
OURS = {"solutions", "autograde", "book", "madeup"}


@dataclass
class Released:
    """A chapter, released into a folder of its own."""

    root: Path
    name: str
    package: str

    @property
    def record(self) -> releases.Release:
        return load(self.name, records=self.root / "autograde" / "releases")

    def path(self, solved: bool) -> Path:
        folder = "_build/source" if solved else "notebooks"
        return self.root / folder / self.name / f"{self.name}.ipynb"

    def notebook(self, solved: bool = False) -> nbformat.NotebookNode:
        return nbformat.read(self.path(solved), as_version=4)


@pytest.fixture(scope="module", params=[*CHAPTERS, "03_scaling"])
def released(request, tmp_path_factory) -> Released:
    root = tmp_path_factory.mktemp(request.param)
    package = "solutions"
    if request.param in CHAPTERS:
        (root / "book").symlink_to(ROOT / "book")
        (root / "_config.yml").symlink_to(ROOT / "_config.yml")
    else:
        shutil.copytree(MADEUP, root, dirs_exist_ok=True)
        package = "madeup"
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(MADEUP)
        release([request.param], root=root, package=package)
        yield Released(root, request.param, package)


@pytest.fixture(scope="module")
def validated(released, tmp_path_factory) -> Callable:
    """Validate as a student does, in a kernel without our packages."""
    folder = tmp_path_factory.mktemp("ipython")
    startup = folder / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00-block.py").write_text(BLOCK.format(blocked=OURS))

    class Keeping(Validator):
        """nbgrader's, which shows the notebook that it ran."""

        def _preprocess(self, nb):
            self.ran = super()._preprocess(nb)
            return self.ran

    def validate(solved: bool):
        validator = Keeping()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("IPYTHONDIR", str(folder))
            patch.setenv("OMP_NUM_THREADS", "1")
            results = validator.validate(str(released.path(solved)))
        return results, validator.ran

    return validate


def errors(notebook: nbformat.NotebookNode) -> list[tuple[nbformat.NotebookNode, dict]]:
    """The cells that failed, though they were not meant to, with what they raised."""
    return [
        (cell, output)
        for cell in notebook.cells
        if cell.cell_type == "code" and not meant_to_fail(cell)
        for output in cell.outputs
        if output.output_type == "error"
    ]


def meant_to_fail(cell: nbformat.NotebookNode) -> bool:
    return "raises-exception" in cell.metadata.get("tags", [])


def stored(source: str) -> set[str]:
    lines = [line for line in source.split("\n") if not line.startswith("%")]
    return set(bound("\n".join(lines)))


# Rule 1: the stub


def test_untouched_it_fails_by_not_implemented_error_and_nothing_else(
    released, validated
):
    results, ran = validated(solved=False)
    kinds = ("check", "written")
    checks = [cell for cell in released.record.cells if cell.kind in kinds]
    assert [cell["source"] for cell in results["failed"]] == [
        cell.source.strip() for cell in checks
    ]
    missing: set[str] = set()  # what a cell that failed would have defined
    for cell, error in errors(ran):
        graded = "nbgrader" in cell.metadata
        consequence = error.ename == "NameError" and not graded
        consequence = consequence and error.evalue.split("'")[1] in missing
        assert error.ename == "NotImplementedError" or consequence, error.evalue
        missing |= stored(cell.source)


def test_solved_it_runs_from_top_to_bottom_without_our_packages(released, validated):
    notebook = released.notebook(solved=True)
    probe = nbformat.v4.new_code_cell(f"import {released.package}")
    probe.metadata.tags = ["raises-exception"]
    notebook.cells.insert(0, probe)
    path = released.path(solved=True)
    original = path.read_bytes()
    nbformat.write(notebook, path)
    results, ran = validated(solved=True)
    path.write_bytes(original)
    assert ran.cells[0].outputs[0].evalue == f"{released.package} is blocked"
    assert [error.evalue for _, error in errors(ran)] == []
    assert results == {}


def test_a_students_cell_is_the_stub_of_its_reference(released):
    """nbgrader's own clearing of the answer and `stub`, which the page shows, agree."""
    cells = {cell.id: cell.source for cell in released.notebook().cells}
    for exercise in released.record.exercises():
        assert cells[exercise.grade_id] == exercise.source
        assert "raise NotImplementedError()" in exercise.source
        assert "SOLUTION" not in exercise.source


def test_no_statement_of_an_answer_is_in_the_student_notebook(released):
    text = "\n".join(
        cell.source for cell in released.notebook().cells if cell.cell_type == "code"
    )
    for cell in released.notebook(solved=True).cells:
        for part in cell.source.split("### BEGIN SOLUTION")[1:]:
            answer = part.split("### END SOLUTION")[0].strip("\n")
            assert answer not in text


def test_a_class_keeps_its_signatures_and_docstrings(madeup_build):
    _, record = madeup_build()
    meter = next(cell for cell in record.exercises() if cell.grade_id == "meter")
    assert meter.source.count("raise NotImplementedError()") == 3
    assert "class Meter(Counted):" in meter.source
    assert "    @property\n    def doubled(self) -> float:" in meter.source
    assert '"""Add the entries of `x`."""' in meter.source
    assert "self.total" not in meter.source


def test_what_is_given_of_a_body_stays(madeup_build):
    _, record = madeup_build()
    clip = next(cell for cell in record.exercises() if cell.grade_id == "clip")
    assert "if low > high:" in clip.source
    assert "np.minimum" not in clip.source


def test_one_cell_may_ask_for_several_names(madeup_build):
    _, record = madeup_build()
    scale = next(cell for cell in record.exercises() if cell.grade_id == "scale")
    assert scale.names == ("scale_forward", "scale_backward")
    sources = [source_of("madeup.scale", name) for name in scale.names]
    assert scale.source == "\n\n\n".join(stub(source) for source in sources)


# Rule 2: names


def test_each_name_that_an_exercise_reads_is_handed_out(released):
    cells = released.record.cells
    given = [bound(cell.source) for cell in cells if cell.kind in ("setup", "given")]
    asked = [cell.names for cell in released.record.exercises()]
    handed_out = {name for names in [*given, *asked] for name in names}
    answers = {cell.id: cell.source for cell in released.notebook(solved=True).cells}
    for exercise in released.record.exercises():
        assert free_names(answers[exercise.grade_id]) - handed_out == set()


@pytest.fixture
def madeup_build(tmp_path, monkeypatch) -> Callable:
    """Builds the made-up chapter, after replacing a text in it."""
    monkeypatch.syspath_prepend(MADEUP)
    shutil.copytree(MADEUP, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "book" / "chapters" / "03_scaling.md"

    def change(old: str = "", new: str = ""):
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return build(path, "madeup")

    return change


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("import Counted, STEP, difference", "import Counted", "slope.*STEP"),
        ("default_rng(0)", "default_rng(s)", "no locked cell above defines s"),
        ("import Scaler", "import scale_twice", "scale_twice is an exercise"),
        (":tags: [given]", ":tags: [setup]", "tag it `given`: it needs scale_forward"),
        (":tags: [given]", "", "students do not have"),
        (":tags: [given]", ":tags: [given, setup]", "one of setup and given"),
        ("ys.sum()", "import autograde.wire", "it imports autograde"),
        ("import Scaler", "import Scaler as S", "write `from madeup.module"),
        ("import numpy as np", "import numpy as np, torch", "needs NumPy only"),
        ("grade_id: check_slope", "grade_id: check_other", "check_slope must follow"),
        (":label: ex-slope", ":label: ex-other", "slope.*ex-slope"),
        ("import slope", "import slope\nstep = 1", "slope: an exercise cell"),
        ("import Meter", "import Empty", "Empty has nothing"),
        ("import slope", "import slop", "madeup.scale defines no slop"),
        ("A note with", "{unheard}`of` A note", r"line 30.*\{unheard\}"),
        ("```{note}", "```{unheard}", r"line 29.*\{unheard\}"),
    ],
)
def test_a_broken_rule_is_said_with_chapter_and_cell(madeup_build, old, new, message):
    with pytest.raises(ChapterError, match=f"chapter 03_scaling, cell.*{message}"):
        madeup_build(old, new)


# Rule 3: readable answers

# Teaching functions with a counterpart in the library, and arguments to compare on;
# a backward function gets those of its forward function. A dict holds the options.
X = np.linspace(-35, 35, 60).reshape(4, 3, 5)
COUNTERPARTS: dict[str, tuple] = {
    f"{op}_{way}": args
    for op, args in {
        "sigmoid": (X,),
        "prelu": (X, np.array([-0.5, 0.3, 2.0])),
        "softmax": (X,),
        "unfold": (
            X[None],
            {"kernel_size": (2, 3), "stride": (2, 1), "padding": (1, 2)},
        ),
    }.items()
    for way in ("forward", "backward")
}
MADEUP_COUNTERPARTS = {"clip": (np.linspace(-1, 1, 7), -0.3, 0.4)}


def functions(package) -> dict[str, list[Callable]]:
    """The public functions of a package's modules, by name."""
    found: dict[str, list[Callable]] = {}
    for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if "tests" in info.name or "conftest" in info.name:
            continue
        module = importlib.import_module(info.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == info.name and not name.startswith("_"):
                found.setdefault(name, []).append(function)
    return found


@pytest.mark.parametrize(
    ("package", "teaching", "table"),
    [
        ("solutions", "solutions.teaching", COUNTERPARTS),
        ("madeup", "madeup.scale", MADEUP_COUNTERPARTS),
    ],
)
def test_teaching_functions_equal_the_librarys(monkeypatch, package, teaching, table):
    monkeypatch.syspath_prepend(MADEUP)
    twice = {
        name: found
        for name, found in functions(importlib.import_module(package)).items()
        if len({function.__module__.startswith(teaching) for function in found}) == 2
    }
    assert set(twice) == set(table), "a teaching function needs arguments to compare"
    for name, (one, other) in twice.items():
        for a, b in zip(*(values(f, table[name]) for f in (one, other)), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)
            assert np.asarray(a).dtype == np.asarray(b).dtype


def values(function, args) -> list:
    """What a function returns, its cache left out, as a list."""
    name = function.__name__
    args, options = (args[:-1], args[-1]) if isinstance(args[-1], dict) else (args, {})
    if name.endswith("_forward"):
        return [function(*args, **options)[0]]
    if name.endswith("_backward"):
        forward = name.replace("_backward", "_forward")
        module = sys.modules[function.__module__]
        y, cache = getattr(module, forward)(*args, **options)
        result = function(np.cos(np.arange(y.size)).reshape(y.shape), cache)
    else:
        result = function(*args)
    return list(result) if isinstance(result, tuple) else [result]


# Rules 4 and 5: given code and setup cells


def run(cells: list[ReleaseCell]) -> dict:
    """The names that these cells define, run in order."""
    names: dict = {"__name__": "notebook"}
    for cell in cells:
        exec(compile(cell.source, cell.grade_id, "exec"), names)
    return names


# Something given, as a student makes it, and the function that it calls.
GIVEN = {
    "02_linear": ("linear_forward", lambda given: given["Linear"](3, 2)),
    "03_scaling": ("scale_forward", lambda given: given["Scaler"](2.0)),
}


def test_given_code_runs_on_the_students_own_function(released):
    """The given layer returns what the student's function does, right or wrong."""
    cells = released.record.cells
    answers = {name for cell in released.record.exercises() for name in cell.names}
    given = [cell.source for cell in cells if cell.kind == "given"]
    assert all(answers & free_names(source) for source in given)
    assert not any(answers & set(bound(source)) for source in given)
    if released.name not in GIVEN:
        return
    function, make = GIVEN[released.name]
    names = run([c for c in cells if c.kind in ("setup", "exercise", "given")])
    with pytest.raises(NotImplementedError):
        make(names)(np.ones((1, 3)))
    names[function] = lambda *args: ("the student's", None)
    assert make(names)(np.ones((1, 3))) == "the student's"


def test_first_checks_need_numpy_only(released, tmp_path):
    """Without torch, matplotlib and scikit-learn, the locked cells and checks run."""
    lines = [BLOCK.format(blocked={*OURS, "torch", "matplotlib", "sklearn", "scipy"})]
    lines.append("names = {'__name__': 'notebook'}")
    for cell in released.notebook(solved=True).cells:
        if cell.cell_type != "code":
            continue
        source = "\n".join(s for s in cell.source.split("\n") if not s.startswith("%"))
        must = "raise" if "nbgrader" in cell.metadata else "pass"
        lines.append(f"try: exec({source!r}, names)\nexcept Exception: {must}")
    program = tmp_path / "program.py"
    program.write_text("\n".join(lines), encoding="utf-8")
    command = [sys.executable, "-I", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_long_given_cell_is_collapsed_and_says_what_is_in_it(madeup_build):
    notebook, record = madeup_build(
        "import Counted, STEP", "import long, Counted, STEP"
    )
    (given,) = (cell for cell in notebook.cells if cell.id == "setup_long")
    assert given.metadata["jupyter"]["source_hidden"]
    assert given.source.startswith("# Given: long, Counted, STEP, difference.\n")
    assert given.source in [cell.source for cell in record.cells]
    (short,) = (cell for cell in notebook.cells if cell.id == "given_Scaler")
    assert "jupyter" not in short.metadata


# Rule 6: versions


def test_the_version_is_in_the_notebooks_metadata(released):
    for solved in (False, True):
        assert released.notebook(solved).metadata["layers_from_scratch"] == {
            "assignment": released.name,
            "release": released.record.version,
        }


def test_older_releases_still_load(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(MADEUP)
    shutil.copytree(MADEUP, tmp_path, dirs_exist_ok=True)
    records = tmp_path / "autograde" / "releases"
    (old,) = release(root=tmp_path, package="madeup")
    path = tmp_path / "book" / "chapters" / "03_scaling.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Write both", "Write the two"), encoding="utf-8")
    (prose,) = release(root=tmp_path, package="madeup")
    assert prose.version == old.version
    path.write_text(text.replace("points: 2", "points: 3"), encoding="utf-8")
    (new,) = release(root=tmp_path, package="madeup")
    assert new.version != old.version
    assert load("03_scaling", old.version, records) == old
    assert load("03_scaling", None, records) == new
    assert load("03_scaling", "../../etc/passwd", records) == new

"""What an instructor sets in nbgrader_config.py: limits, and where the checks are.

    c.Grader.limits = {
        "course": {"load_cpu": 20},
        "02_linear": {"memory": 2 << 30},
        "02_linear/bilinear_backward": {"call_cpu": 10},
    }
    c.Grader.checks_dir = "/home/me/private/checks"

The narrower place wins. What can be limited, and the defaults: `limits.py`. A private
folder holds `check_02_linear.py`, and so on, for each chapter that is graded with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from traitlets import Dict, TraitError, Unicode
from traitlets.config import Config, Configurable
from traitlets.config.loader import ConfigFileNotFound, PyFileConfigLoader

from autograde.course import UserError
from autograde.limits import Limits
from autograde.release import Release, load

CONFIG = "nbgrader_config.py"
HERE = Path(__file__).parent
DEFAULTS = Limits()
NAMES = [field.name for field in fields(Limits) if field.name != "calls"]


@dataclass(frozen=True)
class Settings:
    """What holds for one assignment."""

    limits: Limits = DEFAULTS
    checks_dir: Path = HERE / "checks"


class Grader(Configurable):
    """The section `c.Grader` of nbgrader_config.py."""

    limits = Dict(help="Limits by place: course, chapter, or chapter/exercise.")
    limits.tag(config=True)
    checks_dir = Unicode(help="A folder of hidden checks, instead of autograde/checks.")
    checks_dir.tag(config=True)


def settings_in(folder: Path, assignment: str) -> Settings:
    """What a course's nbgrader_config.py says; without one, the defaults."""
    loader = PyFileConfigLoader(CONFIG, path=str(folder.resolve()))
    try:
        config = loader.load_config()
    except ConfigFileNotFound:
        return Settings()
    return settings(config, assignment, folder)


def settings(config: Config, assignment: str, root: Path) -> Settings:
    """What a loaded configuration says of one assignment.

    Raises:
        UserError: an unknown name or place, or a value that is none.
    """
    unknown = set(config.get("Grader", {})) - set(Grader.class_trait_names(config=True))
    if unknown:
        raise UserError(
            f"c.Grader has no {unknown.pop()!r}; it has limits and checks_dir."
        )
    try:
        grader = Grader(config=config)
    except TraitError as error:
        raise UserError(f"{CONFIG}: {error}") from None
    limits = _limits(grader.limits, load(assignment))
    if not grader.checks_dir:
        return Settings(limits)
    checks_dir = (root / Path(grader.checks_dir).expanduser()).resolve()
    if not (checks_dir / f"check_{assignment}.py").is_file():
        raise UserError(
            f"c.Grader.checks_dir = {grader.checks_dir!r}: there is no "
            f"{checks_dir / f'check_{assignment}.py'}."
        )
    return Settings(limits, checks_dir)


def _limits(places: Mapping[str, Any], release: Release) -> Limits:
    """The limits of one assignment, after a look at those of all others."""
    for place, values in places.items():
        _check(place, values)
    limits = Limits()
    for place in ("course", release.assignment):
        limits = replace(limits, **places.get(place, {}))
    calls = [
        (name, places[place]["call_cpu"])
        for cell in release.exercises()
        if (place := f"{release.assignment}/{cell.grade_id}") in places
        for name in cell.names
    ]
    return replace(limits, calls=tuple(calls))


def _check(place: str, values: Any) -> None:
    where = f"c.Grader.limits[{place!r}]"
    chapter, _, exercise = place.partition("/")
    if place != "course":
        try:
            exercises = [cell.grade_id for cell in load(chapter).exercises()]
        except LookupError as error:
            raise UserError(f"{where}: {error.args[0]}, or course.") from None
        if exercise and exercise not in exercises:
            raise UserError(f"{where}: {chapter} has {', '.join(exercises)}.")
    names = ["call_cpu"] if exercise else NAMES
    if not isinstance(values, dict) or not values:
        raise UserError(f"{where} is {values!r}, not a table like {{'call_cpu': 5}}.")
    for name, value in values.items():
        if name not in names:
            raise UserError(f"{where} has no {name!r}; it has {', '.join(names)}.")
        default = getattr(Limits(), name)
        kind = int if isinstance(default, int) else (int, float)
        if not isinstance(value, kind) or isinstance(value, bool) or not value > 0:
            what = "a whole number" if kind is int else "a number"
            raise UserError(f"{where}[{name!r}] is {value!r}, not {what} above 0.")

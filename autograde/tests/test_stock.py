"""What attacks do to stock nbgrader: is it what was measured, does the table hold?"""

from types import SimpleNamespace

from autograde.tests.attacks import every
from autograde.tests.attacks.attack import EXERCISES, POINTS
from autograde.tests.attacks.run import summary, table
from autograde.tests.attacks.stock import measure, stored

SAMPLE = ("torch-inside", "read-home")


def test_a_sample_does_what_was_measured():
    """Through the real `nbgrader autograde`, confined."""
    found = measure([attack for attack in every() if attack.name in SAMPLE])
    assert found == {name: stored()[name] for name in SAMPLE}
    assert "too many" in found["torch-inside"]
    assert "reads what is not its own" in found["read-home"]


def test_what_was_measured_is_of_attacks_that_there_are():
    assert stored().keys() <= {attack.name for attack in every()}
    assert len(stored()) >= 60


def test_the_table_has_a_row_for_each_attack_and_its_sum():
    outcome = SimpleNamespace(
        points=lambda name: dict.fromkeys(EXERCISES, 0), verdict=lambda name: "failed"
    )
    attacks = list(every())
    there = {attacks[0].name: "15 of 15: 7 too many"}
    lines = table(outcome, attacks, there).splitlines()
    assert len(lines) == len(attacks) + 2
    assert all(line.count("|") == 5 for line in lines)
    assert lines[2].endswith(f"| 15 of 15: 7 too many | failed, 0 of {POINTS:g} |")
    assert lines[3].count("not measured") == 1
    assert "more points than the work deserves: 1" in summary(there)

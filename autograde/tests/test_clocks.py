"""Is the time of a submission bounded, and nobody's share of it another's?"""

from dataclasses import replace

import pytest

from autograde import clocks
from autograde.clocks import Account, Clock, Seconds
from autograde.limits import Limits
from autograde.sandbox import NoTimeLeft, TimedOut, open_session
from autograde.tests.programs import QUICK, attack, program
from autograde.tests.test_grade import REFERENCES, checks, graded, verdicts
from solutions.exercise import source_of

BURN = """
import time
def burn(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end: pass
"""
SLEEP = "import time\ndef sleep(seconds): time.sleep(seconds)"

SLOWED = """
{right}
right_{name} = {name}
def {name}(*arguments, **options):
    import time
    time.sleep(0.4)
    return right_{name}(*arguments, **options)
"""


def repeated(session, name, seconds):
    """Call until there is no time left; how often that went well."""
    for done in range(100):
        try:
            session.call(name, (seconds,))
        except TimedOut as fault:
            return done, fault
    raise AssertionError("it never ends")


def test_all_calls_of_a_function_have_a_time_together():
    limits = replace(QUICK, all_calls=2)
    account = Account(limits)
    session = open_session(program(BURN, "burn2 = burn"), limits, account=account)
    done, fault = repeated(session, "burn", 0.3)
    assert done == 3  # 0.9 of 1.0 seconds; the fourth is cut short
    assert not isinstance(fault, NoTimeLeft)
    session = open_session(program(BURN, "burn2 = burn"), limits, account=account)
    with pytest.raises(TimedOut, match=r"all calls take more than 1 seconds"):
        session.call("burn", (0.01,))
    assert session.call("burn2", (0.3,)).value is None  # has its own
    session.close()


@pytest.mark.parametrize(
    ("source", "name", "limits"),
    [
        (BURN, "burn", replace(QUICK, total_cpu=0.8, all_calls=100)),
        (SLEEP, "sleep", replace(QUICK, total_idle=0.8, idle=100)),
    ],
)
def test_a_submission_has_a_time_for_all_its_sessions(source, name, limits):
    account = Account(limits)
    first = open_session(program(source), limits, account=account)
    done, fault = repeated(first, name, 0.3)
    assert done in (2, 3, 4)  # a sleep is counted from the first look on
    assert isinstance(fault, NoTimeLeft)
    assert not first.alive
    with pytest.raises(NoTimeLeft):
        open_session(program(source), limits, account=account)


def test_a_cell_that_ends_the_process_does_so_once_for_a_submission():
    account = Account(QUICK)
    source = "import os\nos._exit(0)", "def f(): return 1"
    for tries in (1, 0):
        before = len(account.left_out)
        session = open_session(program(*source), QUICK, account=account)
        assert len(account.left_out) - before == tries
        assert session.call("f").value == 1
        session.close()


def test_a_reply_that_trickles_faster_than_anyone_looks():
    trickle = attack(
        "import os, time",
        "for byte in b'LFS1' + bytes([0, 255]) + bytes(10) + b'0' * 9999:",
        "    time.sleep(0.01)",
        "    for fd in range(3, 32):",
        "        try: os.write(fd, bytes([byte]))",
        "        except OSError: pass",
    )
    session = open_session(trickle, replace(QUICK, idle=0.5))
    with pytest.raises(TimedOut, match="idle"):
        session.call("attack")


def test_where_nobody_tells_who_waited_idle_seconds_count_little(monkeypatch, tmp_path):
    monkeypatch.setattr(clocks, "PROC", tmp_path)
    clock = Clock(1, Seconds(1, 1))
    clock.look()
    before = clocks.time.monotonic()
    monkeypatch.setattr(clocks.time, "monotonic", lambda: before + 5)
    clock.look()
    assert 0.4 < clock.used.idle < 0.6
    monkeypatch.setattr(clocks.time, "monotonic", lambda: before + 50)
    with pytest.raises(TimedOut, match="idle for more than 1 seconds"):
        clock.look()


def test_what_was_not_run_says_so_and_one_slow_exercise_costs_only_itself():
    """Through the real sandbox."""
    slow = {
        name: SLOWED.format(
            right=source_of(REFERENCES[name].__module__, name), name=name
        )
        for name in ("linear_forward", "flatten_forward", "bilinear_forward")
    }
    one = {"flatten_forward": slow["flatten_forward"]}
    report = graded(connect=None, limits=Limits(idle=0.6), **one)
    said = verdicts(report)
    assert said.pop("flatten_forward") == "timed out"
    assert said.pop("flatten_backward") == "depends on"
    assert set(said.values()) == {"passed"}
    limits = Limits(idle=0.6, total_idle=1)
    report = graded(connect=None, limits=limits, **slow)
    assert verdicts(report)["bilinear_forward"] == "timed out"
    assert checks(report, "bilinear_backward")[0].message.endswith(
        "was not run: the time for the whole notebook was used up before."
    )

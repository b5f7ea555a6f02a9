"""What is kept of earlier submissions: bounded, and found by its replies only."""

from autograde.outcomes import Outcomes, after
from autograde.session import Request

ASKED = Request("f", (), b"frame")


def learned(outcomes, *seeds, reply=b"reply"):
    for seed in seeds:
        outcomes.learn(seed, [(ASKED, reply)], f"of {seed.decode()}")
    return outcomes


def known(outcomes, *seeds, reply=b"reply"):
    return [outcomes.get(after(seed, reply)) for seed in seeds]


def test_an_outcome_is_found_by_its_seed_and_replies():
    outcomes = learned(Outcomes(), b"1", b"2")
    assert known(outcomes, b"1", b"2", b"3") == ["of 1", "of 2", None]
    assert known(outcomes, b"1", reply=b"repl") == [None]


def test_two_replies_are_not_one():
    outcomes = Outcomes()
    outcomes.learn(b"s", [(ASKED, b"a"), (ASKED, b"bc")], "kept")
    assert outcomes.get(after(after(b"s", b"ab"), b"c")) is None
    assert outcomes.get(after(after(b"s", b"a"), b"bc")) == "kept"


def test_what_was_not_used_for_the_longest_time_is_forgotten():
    outcomes = learned(Outcomes(most=40), b"1", b"2")  # 5 + 10 bytes each
    assert [outcomes.get(b"1"), *known(outcomes, b"1")] == [ASKED, "of 1"]
    learned(outcomes, b"3")
    assert [outcomes.get(seed) for seed in (b"1", b"2", b"3")] == [ASKED, None, ASKED]
    assert known(outcomes, b"1", b"3") == ["of 1", "of 3"]


def test_what_is_too_large_leaves_room_for_the_rest():
    outcomes = learned(Outcomes(most=100), b"1")
    learned(outcomes, b"2", reply=bytes(1000))
    learned(outcomes, b"3")
    assert known(outcomes, b"3") == ["of 3"]
    assert known(outcomes, b"2", reply=bytes(1000)) == [None]

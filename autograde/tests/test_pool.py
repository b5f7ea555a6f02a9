import os
import signal
from concurrent.futures import ThreadPoolExecutor
from itertools import count, islice

import pytest

from autograde.pool import each, uninterrupted

DIE = "__import__('os')._exit(3)"


def test_every_task_ends_once_though_one_kills_its_worker():
    tasks = ["1 + 1", DIE, "2 + 2", "3 + 3"]
    results = dict(each(eval, tasks, workers=2))
    assert results == {"1 + 1": 2, DIE: None, "2 + 2": 4, "3 + 3": 6}


def test_tasks_are_taken_as_workers_become_free():
    tasks = count()
    ended = list(islice(each(abs, tasks, workers=2, pool=ThreadPoolExecutor), 4))
    assert all(task == result for task, result in ended)
    assert next(tasks) < 4 + 2 * 2 * 2


def test_an_exception_of_ours_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        list(each(eval, ["1 / 0"], workers=1, pool=ThreadPoolExecutor))


def test_an_interrupt_waits_for_the_end_of_what_must_not_be_torn():
    done, before = [], signal.getsignal(signal.SIGINT)

    def whole():
        with uninterrupted():
            os.kill(os.getpid(), signal.SIGINT)
            done.append("all of it")

    with pytest.raises(KeyboardInterrupt):
        whole()
    assert done == ["all of it"]
    assert signal.getsignal(signal.SIGINT) is before

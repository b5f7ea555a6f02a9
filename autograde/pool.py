"""Many tasks in worker processes: one that kills its worker is tried again, alone."""

import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import contextmanager
from itertools import islice
from multiprocessing import active_children, get_context, parent_process
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


def processes(workers: int) -> Executor:
    """A pool of fresh processes: what a fork would inherit from torch can hang."""
    return ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_begin
    )


def each(
    work: Callable[[Task], Result],
    tasks: Iterable[Task],
    workers: int,
    pool: Callable[[int], Executor] = processes,
) -> Iterator[tuple[Task, Result | None]]:
    """Yield every task with its result, in the order in which they end.

    Tasks are taken as workers become free, so they need not all be in memory. The
    result is None where a task killed its worker twice, the second time alone.

    Example:
        >>> from concurrent.futures import ThreadPoolExecutor
        >>> sorted(each(abs, [-1, -2], workers=2, pool=ThreadPoolExecutor))
        [(-2, 2), (-1, 1)]
    """
    waiting = iter(tasks)
    executor = pool(workers)
    running: dict[Future[Result], Task] = {}
    try:
        while True:
            for task in islice(waiting, 2 * workers - len(running)):
                running[_submit(executor, work, task)] = task
            if not running:
                return
            done = wait(running, return_when=FIRST_COMPLETED).done
            if any(isinstance(f.exception(), BrokenExecutor) for f in done):
                executor.shutdown(wait=False, cancel_futures=True)
                for task in running.values():
                    yield task, _alone(work, task, pool)
                running, executor = {}, pool(workers)
                continue
            for future in done:
                yield running.pop(future), future.result()
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold a Ctrl-C back until the end of a block that must not be torn."""
    held: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: held.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if held:
        raise KeyboardInterrupt


def stop_workers() -> None:
    """After an interrupt: end the workers that we started, and their sandboxes."""
    children = active_children()
    for child in children:
        child.terminate()
    for child in children:
        child.join()


def _submit(
    executor: Executor, work: Callable[[Task], Result], task: Task
) -> Future[Result]:
    """Submit; where a worker has just died, the future says so."""
    try:
        return executor.submit(work, task)
    except BrokenExecutor as error:
        future: Future[Result] = Future()
        future.set_exception(error)
        return future


def _alone(
    work: Callable[[Task], Result], task: Task, pool: Callable[[int], Executor]
) -> Result | None:
    with pool(1) as executor:
        try:
            return executor.submit(work, task).result()
        except BrokenExecutor:
            return None


def _begin() -> None:
    """Interrupts are for the main process, and who loses it ends.

    Cores are shared out by processes.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ[f"{library}_NUM_THREADS"] = "1"


def _end_with_parent() -> None:
    """A killed parent tells nobody: its workers would wait for their next task."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)

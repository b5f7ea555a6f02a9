"""What a submission may use. One place; every default suits a chapter's exercises."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The limits of one submission.

    Time is judged on the CPU seconds that the student's process used, and on the
    seconds in which it was idle, as in a sleep. Waiting for a free core is neither, so
    a busy machine fails nobody.

    Example:
        >>> Limits(call_cpu=5.0).cpu_of("linear_forward")
        5.0
    """

    load_cpu: float = 10.0
    """CPU seconds for all statements of a notebook together."""

    call_cpu: float = 2.0
    """CPU seconds for one call; an exercise's call takes milliseconds."""

    all_calls: float = 5.0
    """How many times the seconds of one call all calls of a function may take."""

    calls: tuple[tuple[str, float], ...] = ()
    """Functions that get other CPU seconds for one call; see `settings`."""

    idle: float = 10.0
    """Idle seconds of all calls of one function together, or of loading."""

    total_cpu: float = 120.0
    """CPU seconds of a submission, in all its sessions; the rest is not run."""

    total_idle: float = 30.0
    """Idle seconds of a submission, in all its sessions; the rest is not run."""

    start_wall: float = 60.0
    """Seconds for the sandbox to start (0.15 when nothing else runs)."""

    restarts: int = 3
    """How often loading starts again without a statement that ended the process."""

    memory: int = 1 << 30
    """Bytes of address space of one process; NumPy itself takes a quarter of that."""

    processes: int = 1
    """Processes and threads. More than one multiplies the memory."""

    file_size: int = 1 << 20
    """Bytes of one file. No disk is writable; this bounds files that live in memory."""

    open_files: int = 32
    """File descriptors of one process."""

    reply_bytes: int = 1 << 21
    """Bytes of all arrays in one reply. The grader keeps all replies to the end."""

    notebook_bytes: int = 100 << 20
    """Bytes of a notebook, with its outputs."""

    notebook_parts: int = 2_000_000
    """Lists and tables in the file of a notebook: each takes memory."""

    code_cells: int = 2_000
    """Cells of code in a notebook."""

    cell_characters: int = 30_000
    """Characters of one cell. Reading it may take a time that grows with the square."""

    source_characters: int = 200_000
    """Characters of all cells of a notebook's code together."""

    statements: int = 2_000
    """Statements of a whole notebook."""

    @property
    def session_cpu(self) -> int:
        """CPU seconds of one session: the kernel's own limit, behind the others."""
        return int(self.total_cpu) + 10

    def cpu_of(self, function: str) -> float:
        """CPU seconds for one call of a function."""
        return dict(self.calls).get(function, self.call_cpu)

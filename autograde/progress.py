"""How far a long command is."""

import sys
import time


class Progress:
    """A line on stderr: how many are done, how fast, how long it will take."""

    def __init__(self, verb: str) -> None:
        self.verb, self.start = verb, time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        """Show; called at the start and after each one."""
        if not total:
            return
        spent = time.monotonic() - self.start
        line = f"  {done}/{total} {self.verb}"
        if done:
            rate = done / spent
            line += f", {rate:.1f} a second, {(total - done) / rate:.0f} s left"
        live = sys.stderr.isatty()
        if live or done == total or done % 5 == 0:
            end = "\n" if done == total or not live else ""
            text = f"\r{line:<60}" if live else line
            sys.stderr.write(f"{text}{end}")
            sys.stderr.flush()

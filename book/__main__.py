"""Build an edition of the book: `python -m book` or `python -m book open`.

As `jupyter-book build .` does it, but several chapters run at a time, and a warning is
an error. The editions share the execution cache: what one has run, all have.
"""

import argparse
import os
import sys
from pathlib import Path

from jupyter_book.sphinx import build_sphinx

from book.extension.editions import EDITIONS

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "_build"


def folder(edition: str) -> Path:
    """Where the pages of an edition are; the public one's are Jupyter Book's."""
    return BUILD / ("html" if edition == "public" else edition)


def build(edition: str, jobs: int) -> int:
    """Build an edition; 0 is success."""
    doctrees = ".doctrees" if edition == "public" else f".doctrees-{edition}"
    done = build_sphinx(
        ROOT,
        folder(edition),
        noconfig=True,  # there is no conf.py
        path_config=ROOT / "_config.yml",
        doctreedir=BUILD / doctrees,
        confoverrides={
            "edition": edition,
            "external_toc_path": str(ROOT / "_toc.yml"),
            "latex_individualpages": False,
            "nitpicky": True,
        },
        warningiserror=True,
        keep_going=True,
        jobs=jobs,
    )
    return done if isinstance(done, int) else 1


def main() -> int:
    parser = argparse.ArgumentParser("python -m book", description=__doc__)
    parser.add_argument("edition", nargs="?", choices=EDITIONS, default="public")
    # Sphinx deals pages out in alphabetical order, chapters beside each other: with
    # more processes than cores, no core gets all of them.
    cores = os.cpu_count() or 1
    parser.add_argument("--jobs", type=int, default=2 * cores, help="processes")
    arguments = parser.parse_args()
    failed = build(arguments.edition, arguments.jobs)
    if not failed:
        print(f"\nOpen {folder(arguments.edition) / 'index.html'}")
    return failed


if __name__ == "__main__":
    sys.exit(main())

"""How the kernel that runs a chapter is started, and where its outputs are kept."""

from jupyter_cache import get_cache
from jupyter_client import KernelManager
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment


def setup(app: Sphinx) -> None:
    """Encrypt what goes to a kernel and back, or each of them prints a warning."""
    KernelManager.transport_encryption.default_value = "auto"
    app.connect("env-before-read-docs", make_cache)


def make_cache(app: Sphinx, env: BuildEnvironment, _pages: list[str]) -> None:
    """Make the execution cache before several processes at once find that it misses."""
    _ = get_cache(env.mystnb_config.execution_cache_path).db

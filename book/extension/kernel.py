"""How the kernel that runs a chapter is started."""

from jupyter_client import KernelManager
from sphinx.application import Sphinx


def setup(app: Sphinx) -> None:
    """Encrypt what goes to a kernel and back, or each of them prints a warning."""
    KernelManager.transport_encryption.default_value = "auto"

"""How a process of ours ends with the one that started it: not later, and when that one says so."""

import ctypes
import signal
import sys

_PR_SET_PDEATHSIG = 1
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def die_with_parent() -> None:
    """Ask the kernel to end this process when its parent dies, however it dies (Linux only)."""
    if _prctl is not None:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def leave_ctrl_c_to_parent() -> None:
    """Do not listen to Ctrl-C, which reaches the whole group: the parent ends us in good order."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})

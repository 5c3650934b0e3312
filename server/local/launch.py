"""Runs a program that ends when its parent does. Started by path with the parent's process id; standard library only.

    python -I -S launch.py PARENT_PID PROGRAM ARGUMENT...

On Linux it becomes the program, after asking the kernel for a SIGTERM at the parent's death (prctl(2),
PR_SET_PDEATHSIG; kept across execve). Elsewhere it stays, and looks for its parent several times a second.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from types import FrameType

PR_SET_PDEATHSIG = 1
LOOK_SECONDS = 0.25
GRACE_SECONDS = 10.0


def main(parent: int, command: list[str]) -> int:
    """Become, or watch over, the program; its exit code where it was watched."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:  # it died before we asked
            return 1
        os.execv(command[0], command)  # noqa: S606
    return watch(parent, command)


def watch(parent: int, command: list[str]) -> int:
    """Run the program, hand on SIGTERM, and end it (harshly after a grace) when the parent is gone."""
    program = subprocess.Popen(command, close_fds=False)

    def hand_on(signum: int, _frame: FrameType | None) -> None:
        program.send_signal(signum)

    signal.signal(signal.SIGTERM, hand_on)
    while True:
        try:
            return program.wait(LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            if os.getppid() != parent:
                return end(program)


def end(program: subprocess.Popen[bytes]) -> int:
    """SIGTERM, a grace, SIGKILL."""
    program.terminate()
    try:
        return program.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        program.kill()
        return program.wait()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))

"""What a test needs from the machine: missing on a developer's machine it is skipped with a reason, in CI it fails."""

from __future__ import annotations

import os
import shutil

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def need(condition: object, reason: str) -> None:
    """Go on only when the condition holds."""
    if condition:
        return
    if os.environ.get("CI"):
        pytest.fail(f"CI must have everything: {reason}", pytrace=False)
    pytest.skip(reason)


def need_program(*names: str) -> str:
    """Full path of the first of these programs that is installed."""
    found = next((path for name in names if (path := shutil.which(name))), "")
    need(found, f"none of {', '.join(names)} is installed")
    return found

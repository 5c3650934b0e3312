"""The offline model: planner, drafter and interpreter that need no service. What it is not sure of is `check`."""

from __future__ import annotations

from server.llm.offline.drafter import OfflineDrafter
from server.llm.offline.interpreter import OfflineInterpreter
from server.llm.offline.planner import OfflinePlanner
from server.llm.offline.reading import SURE_AT

__all__ = ["SURE_AT", "OfflineDrafter", "OfflineInterpreter", "OfflinePlanner"]

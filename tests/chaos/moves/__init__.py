"""What the rig can do to the product, each a function of the driver; every choice comes from its random numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.chaos.moves import again, cells, model, panel, processes, provider, sheet

if TYPE_CHECKING:
    from tests.chaos.driver import Driver

Move = Callable[["Driver"], str]

MOVES: dict[Move, float] = {
    processes.kill: 5,
    processes.kill_senders: 3,
    processes.terminate: 1.5,
    processes.freeze: 2,
    processes.flush: 1.5,
    processes.restart_redis: 1.5,
    processes.fill_redis: 1,
    provider.mood: 5,
    panel.approve: 14,
    panel.pause: 0.7,
    panel.take_back: 3,
    panel.cancel: 1,
    sheet.sort: 3,
    sheet.bench_sort: 3,
    sheet.shuffle: 2,
    sheet.insert: 1,
    sheet.copy: 1,
    sheet.double: 1,
    sheet.delete: 1,
    sheet.move_columns: 1,
    sheet.rename: 1,
    sheet.tear: 0.7,
    sheet.hold: 1.5,
    cells.edit_source: 1,
    cells.type_message: 4,
    cells.type_answer: 4,
    cells.type_status: 4,
    cells.settle_doubt: 4,
    again.remind: 5,
    again.type_remind: 4,
    again.ask_back: 5,
    again.reply: 5,
}
"""Move -> how often, beside the others."""

AGAIN = frozenset({again.remind, again.type_remind, again.ask_back, again.reply})
"""What makes sense once something was sent."""

OF_MODEL: dict[Move, float] = {model.mood: 6, model.kill_reader: 3, model.redraft: 2}
"""The same where a model drafts and reads."""

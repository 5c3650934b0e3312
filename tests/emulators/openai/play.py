"""`make run MODEL=emulated`: the real product with a language model set up, an emulated one, until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.emulators.openai.player import plays
from tests.emulators.openai.server import ModelServer
from tests.emulators.providers import play as providers
from tests.emulators.stage.product import Product

LATENCY = 0.4
"""Seconds before an answer, so that one sees texts arrive."""
PRICES = '{"emulated-1": [0.40, 0.10, 1.60]}'
"""USD a million tokens: invented, so that estimates and budgets have something to show."""


@dataclass(frozen=True)
class Play:
    """Both, running. `phones` is the address of the emulated providers' page, "" without them."""

    model: ModelServer
    product: Product
    phones: str = ""


@contextmanager
def play(
    folder: Path,
    settings: Mapping[str, str],
    *,
    port: int = 0,
    workbook: str = "",
    latency: float = LATENCY,
    with_providers: bool = False,
) -> Iterator[Play]:
    """Start them, with the product's files in `folder`. Raises RuntimeError when the product does not start."""
    with ExitStack() as running:
        model = running.enter_context(ModelServer(port=port, latency=latency))
        model.answer = plays
        told = {**model.environment(), "OPENAI_PRICES": PRICES, **settings}
        if with_providers:
            both = running.enter_context(providers.play(folder, told, workbook=workbook))
            yield Play(model, both.product, f"{both.world.url}/")
        else:
            yield Play(model, running.enter_context(Product(folder, told, workbook=workbook)))


def main() -> int:
    """Start, print the addresses, wait."""
    parser = argparse.ArgumentParser(prog="python -m tests.emulators.openai.play", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="of the emulated model (default: any free one)")
    parser.add_argument("--workbook", default="", help="an .xlsx file of your own (default: the sample)")
    parser.add_argument("--latency", type=float, default=LATENCY, help=f"seconds before an answer (default: {LATENCY})")
    parser.add_argument("--providers", action="store_true", help="emulate mail, SMS, WhatsApp and calls as well")
    given = parser.parse_args()
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    sys.stderr.write("Cellback and the emulated model are starting ...\n")
    with tempfile.TemporaryDirectory(prefix="cellback-model-") as folder:
        workbook = str(Path(given.workbook).resolve()) if given.workbook else ""
        try:
            with play(
                Path(folder), {}, port=given.port, workbook=workbook, latency=given.latency,
                with_providers=given.providers,
            ) as running:  # fmt: skip
                sys.stderr.write(
                    "EMULATED: the model follows a few simple rules, on this machine. It shows how Cellback works with "
                    "one, not what one can do. All but your workbook is gone when you stop (Ctrl-C).\n"
                )
                phones = f"Phones and mailboxes: {running.phones}\n" if running.phones else ""
                sys.stdout.write(f"Desk: {running.product.address}\nModel: {running.model.url}\n{phones}")
                sys.stdout.flush()
                while not stop.wait(0.5):
                    if not running.product.alive():
                        sys.stderr.write("Cellback has ended.\n")
                        return 1
        except (RuntimeError, OSError) as error:
            sys.stderr.write(f"{error}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

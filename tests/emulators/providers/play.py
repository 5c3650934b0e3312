"""`make run PROVIDERS=emulated`: the real product with every provider set up, all of them emulated, until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.emulators.providers import sample
from tests.emulators.providers.world import Providers
from tests.emulators.stage.product import Product

PATIENCE = 45.0
"""Seconds that somebody has to press a key in a call."""
FACTOR = 0.02
"""5 minutes between two tries of a vendor's become 6 seconds."""


@dataclass(frozen=True)
class Play:
    """Both, running."""

    world: Providers
    product: Product


@contextmanager
def play(folder: Path, settings: Mapping[str, str], *, port: int = 0, workbook: str = "") -> Iterator[Play]:
    """Start them, with the product's files in `folder`; without a workbook of one's own on a sample.

    Raises RuntimeError when the product does not start.
    """
    own = _free_port()
    address = f"http://127.0.0.1:{own}"
    with Providers(port=port, target=address, auto=True, delay=0.4, factor=FACTOR) as world:
        world.twilio.patience = PATIENCE
        samples(world)
        told = {**world.environment(), "PORT": str(own), **settings}
        with Product(folder, told, workbook=workbook or str(sample.make(folder / "contestants.xlsx"))) as product:
            yield Play(world, product)


def samples(world: Providers) -> None:
    """Approved templates, so that WhatsApp conversations can be opened."""
    text = "Hello {{1}}, {{2}} Will you come?"
    world.twilio.template("invitation", text, {"yes": "Yes", "no": "No"})
    world.twilio.template("notice", "Hello {{1}}, a word from City Run: {{2}} Thank you.")
    world.meta.template("invitation", text, ["Yes", "No"])
    world.meta.template("notice", "Hello {{1}}, a word from City Run: {{2}} Thank you.")
    world.meta.template("paused_offer", "Hello {{1}}!", status="PAUSED", category="MARKETING")


def _free_port() -> int:
    """A port that nobody listens on: the product must be known by it before it starts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    """Start, print both addresses, wait."""
    parser = argparse.ArgumentParser(prog="python -m tests.emulators.providers.play", description=__doc__)
    parser.add_argument(
        "--port", type=int, default=0, help="of the phones' and mailboxes' page (default: any free one)"
    )
    parser.add_argument("--workbook", default="", help="an .xlsx file of your own (default: the sample)")
    given = parser.parse_args()
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    sys.stderr.write("Cellback and the emulated providers are starting ...\n")
    with tempfile.TemporaryDirectory(prefix="cellback-providers-") as folder:
        try:
            with play(Path(folder), {}, port=given.port, workbook=given.workbook) as running:
                sys.stderr.write(
                    "EMULATED: no mail, message or call leaves this machine, and all of it is gone when you stop "
                    "(Ctrl-C).\n"
                )
                sys.stdout.write(f"Desk: {running.product.address}\nPhones and mailboxes: {running.world.url}/\n")
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

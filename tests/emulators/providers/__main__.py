"""Start the emulator by hand: `python -m tests.emulators.providers --port 8770 --target http://127.0.0.1:5000`."""

from __future__ import annotations

import argparse
import signal
import sys
import threading

from tests.emulators.providers import Providers
from tests.emulators.providers.play import PATIENCE, samples


def main() -> None:
    """Serve until interrupted; print the settings that lead the product here."""
    parser = argparse.ArgumentParser(prog="python -m tests.emulators.providers", description=__doc__)
    parser.add_argument("--port", type=int, default=8770, help="0 takes a free one (default: 8770)")
    parser.add_argument("--target", default="http://127.0.0.1:5000", help="where the product listens")
    parser.add_argument("--public", default="", help="its PUBLIC_BASE_URL, where that is another")
    parser.add_argument("--factor", type=float, default=0.01, help="share of the vendors' own waits before a new try")
    given = parser.parse_args()
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    with Providers(port=given.port, target=given.target, public=given.public, auto=True, factor=given.factor) as world:
        world.twilio.patience = PATIENCE
        samples(world)
        sys.stdout.write("".join(f"{name}={value}\n" for name, value in world.environment().items()))
        sys.stdout.write(f"Page: {world.url}/\n")
        sys.stdout.flush()
        stop.wait()


if __name__ == "__main__":
    main()

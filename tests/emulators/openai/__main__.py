"""Start the emulator by hand: `python -m tests.emulators.openai --port 8780`."""

from __future__ import annotations

import argparse
import signal
import sys
import threading

from tests.emulators.openai import ModelServer


def main() -> None:
    """Serve until interrupted; print the settings that lead the product here."""
    parser = argparse.ArgumentParser(prog="python -m tests.emulators.openai", description=__doc__)
    parser.add_argument("--port", type=int, default=8780, help="0 takes a free one (default: 8780)")
    parser.add_argument("--latency", type=float, default=0.2, help="seconds before an answer (default: 0.2)")
    parser.add_argument("--no-logprobs", action="store_true", help="give no probabilities of tokens")
    given = parser.parse_args()
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    with ModelServer(port=given.port, latency=given.latency, logprobs=not given.no_logprobs) as server:
        sys.stdout.write("".join(f"{name}={value}\n" for name, value in server.environment().items()))
        sys.stdout.flush()
        stop.wait()


if __name__ == "__main__":
    main()

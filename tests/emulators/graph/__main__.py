"""Start the emulator by hand: `python -m tests.emulators.graph --port 8100 [--workbook FILE.xlsx]`.

Prints one JSON object: the addresses, the workbook's ids and links, and a token that opens it. Runs until stopped.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from pathlib import Path

from tests.emulators.graph import CLIENT_ID, CLIENT_SECRET, TENANT, GraphEmulator, contest, from_xlsx


def main(arguments: list[str] | None = None) -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(prog="python -m tests.emulators.graph", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="of Graph itself; 0 takes any that is free")
    parser.add_argument("--sign-in-port", type=int, default=0, help="of the authority, over TLS")
    parser.add_argument("--workbook", type=Path, help="a file to show instead of the sample")
    parser.add_argument("--colleague", type=int, metavar="SEED", help="let somebody else work in it at the same time")
    options = parser.parse_args(arguments)
    ended = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: ended.set())
    with GraphEmulator(port=options.port, sign_in_port=options.sign_in_port) as graph:
        book = from_xlsx(options.workbook.read_bytes()) if options.workbook else contest()
        item = graph.add(book, options.workbook.name if options.workbook else "Contestants.xlsx")
        if options.colleague is not None:
            graph.colleague(item).storm(options.colleague, rate=0.05)
        found = {
            "MSGRAPH_BASE_URL": graph.url,
            "MSGRAPH_AUTHORITY_URL": graph.authority_url,
            "MSGRAPH_TENANT_ID": TENANT,
            "MSGRAPH_CLIENT_ID": CLIENT_ID,
            "MSGRAPH_CLIENT_SECRET": CLIENT_SECRET,
            "ca_file": str(graph.ca_file),
            "drive": item.drive.id,
            "item": item.id,
            "link": graph.links.make(item),
            "address": item.url,
            "token": graph.graph_token(expires_in=30 * 86400),
        }
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
        sys.stdout.flush()
        ended.wait()


if __name__ == "__main__":
    main()

"""What another process does to a ledger, for tests: `python -m tests.store.second WHAT URL [...]`."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

from server.store import open_ledger
from server.store.crypto import SecretCipher
from tests.store import SECRET


def main(what: str, url: str, *args: str) -> str:
    """`open`; or `claim COUNT OWNER`: claim that many messages of campaign c_1, and print the ids that were won."""
    ledger = open_ledger(url, SecretCipher(SECRET))
    try:
        if what == "open":
            ledger.ping()
            return "open"
        count, owner = int(args[0]), args[1]
        now = datetime.now(UTC)
        futures = [ledger.messages.claim_soon(f"m_c_1_{number}", owner, now) for number in range(count)]
        return json.dumps([found.id for future in futures if (found := future.result(30))])
    finally:
        ledger.close()


if __name__ == "__main__":
    print(main(*sys.argv[1:]))  # noqa: T201

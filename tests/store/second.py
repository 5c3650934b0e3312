"""What another process does to a ledger, for tests: `python -m tests.store.second WHAT URL [...]`."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime

from server.domain.usage import Usage, Used
from server.store import open_ledger
from server.store.crypto import SecretCipher
from tests.store import SECRET


def main(what: str, url: str, *args: str) -> str:
    """`open`; or `claim COUNT OWNER`: claim that many messages of campaign c_1, and print the ids that were won;
    `renew COUNT SECRET`: seal anew with that secret, and die once so many records are; `use COUNT`: so many calls of a
    model."""
    cipher = SecretCipher(args[1], [SECRET]) if what == "renew" else SecretCipher(SECRET)
    ledger = open_ledger(url, cipher)
    try:
        if what == "renew":
            ledger.renew_keys(lambda done: os._exit(9) if done >= int(args[0]) else None)
            return "renewed"
        if what == "open":
            ledger.ping()
            return "open"
        if what == "use":
            for _ in range(int(args[0])):
                ledger.usages.add("c_1", Used("read@1", "small", Usage(100, 20, 10, 1)))
            return "used"
        count, owner = int(args[0]), args[1]
        now = datetime.now(UTC)
        futures = [ledger.messages.claim_soon(f"m_c_1_{number}", owner, now) for number in range(count)]
        return json.dumps([found.id for future in futures if (found := future.result(30))])
    finally:
        ledger.close()


if __name__ == "__main__":
    print(main(*sys.argv[1:]))  # noqa: T201

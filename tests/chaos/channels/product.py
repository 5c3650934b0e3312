"""The product's own processes, every provider set up and led to the emulator; the organiser's browser beside them."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from server.local.supervisor import free_port
from tests.chaos.world import World
from tests.emulators.providers import Providers
from tests.emulators.providers.world import PUBLIC

SMS_PER_SECOND = "20"
"""As an account with a higher limit; one a second, as a long code bears, would only make the storm longer."""


@dataclass
class Product(World):
    """Processes that die and are started again; `providers` is one emulated world."""

    port: int = field(default_factory=lambda: free_port("127.0.0.1", 0))
    emulated: Providers = field(init=False)
    _over: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Start everything, and a process manager's eye on it."""
        super().start()
        self._manager = threading.Thread(target=self._manage, daemon=True, name="process manager")
        self._manager.start()

    def stop(self) -> list[str]:
        """End everything; a sentence for each process that is still there."""
        self._over.set()
        self.emulated.posts.stop()  # before the web server ends: it waits for connections that are kept
        if "_manager" in self.__dict__:
            self._manager.join(5)
        return super().stop()

    def _manage(self) -> None:
        while not self._over.wait(0.1):
            self.keep_running()

    def providers(self) -> dict[str, Any]:
        self.emulated = Providers(target=self.address, public=PUBLIC, auto=True, delay=0.05)
        self.emulated.__enter__()
        regional = {"CELLBACK_DEFAULT_REGION": "GB", "TWILIO_SMS_PER_SECOND": SMS_PER_SECOND}
        return {**self.emulated.environment(), **regional, "PORT": self.port, "PUBLIC_BASE_URL": PUBLIC}

    @property
    def address(self) -> str:
        """Where our web server listens, behind its public address."""
        return f"http://127.0.0.1:{self.port}"

    def end_providers(self) -> None:
        self.emulated.__exit__(None, None, None)

    def secrets(self) -> list[str]:
        """What must not stand in a log."""
        named = ("KEY", "TOKEN", "SECRET", "PASSWORD")
        told = self.emulated.environment().items()
        found = [value for name, value in told if any(word in name for word in named) and "PUBLIC" not in name]
        return [*found, self.emulated.smtp.password, self.settings.secret(), self.settings.access_token()]


class Organiser:
    """Somebody with the panel open: the HTTP API, pressed again when nobody answers."""

    def __init__(self, base_url: str, token: str, patience: float = 40.0) -> None:
        self._base, self._patience = f"{base_url}/api", patience
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {token}"

    def ask(self, method: str, path: str, body: object = None, **query: str) -> dict[str, Any]:
        """The answer; {} where the server says in words that it can't be done. Raises AssertionError after a while."""
        end, said = time.monotonic() + self._patience, ""
        while time.monotonic() < end:
            try:
                answer = self._session.request(method, f"{self._base}/{path}", json=body, params=query, timeout=30)
            except requests.RequestException as error:
                said = type(error).__name__
            else:
                if answer.status_code < 400:
                    return dict(answer.json())
                said = f"HTTP {answer.status_code}: {answer.text[:300]}"
                if answer.status_code == 409:
                    return {}
                assert answer.status_code >= 500, f"{method} {path}: {said}"
            time.sleep(0.2)
        raise AssertionError(f"{method} {path}: {said}")

    def messages(self, campaign: str, **query: str) -> list[dict[str, Any]]:
        """All messages of a campaign, or those at a status word."""
        return list(self.ask("GET", f"campaigns/{campaign}/messages", limit="1000", **query)["messages"])

    def drop(self, path: Path) -> Path:
        """Drop a workbook on the desk; where it lies from then on."""
        with path.open("rb") as file:
            answer = self._session.post(f"{self._base}/workbooks", files={"file": (path.name, file)}, timeout=30)
        answer.raise_for_status()
        return Path(answer.json()["workbook"])

    def close(self) -> None:
        """Hang up."""
        self._session.close()

"""Puts everything together: emulator, spreadsheet, real product, the add-on's files, the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from server.cli.addon import write
from tests.emulators.sheets import Emulator, Quota
from tests.emulators.stage.product import Product
from tests.emulators.stage.sample import sample
from tests.emulators.stage.stage import AUDIENCE, ROLES, Stage


@dataclass(frozen=True)
class Play:
    """A running stage. `robot` is the service account's address."""

    google: Emulator
    stage: Stage
    product: Product
    robot: str

    @property
    def url(self) -> str:
        """Where the page is."""
        return self.stage.url


@contextmanager
def play(folder: Path, settings: Mapping[str, str], *, port: int = 0, shared: bool = True,
         quota: Quota | None = None) -> Iterator[Play]:  # fmt: skip
    """Start it, with its files in `folder`; `shared`: whether the service account may edit the sample already.

    Raises RuntimeError when the product does not start.
    """
    with Emulator(port=port, quota=quota) as google:
        robot = google.service_account()
        stage = Stage(google, sample(google, {**ROLES, **({robot.email: "writer"} if shared else {})}))
        key = robot.write(folder / "service-account.json")
        with Product(folder, {**_settings(google, key), **settings}) as product:
            stage.addon = folder / "addon"
            write(stage.addon, product.url, hint=True)
            yield Play(google, stage, product, robot.email)


def _settings(google: Emulator, key: Path) -> dict[str, str]:
    """What tells the product that Google is where the emulator listens."""
    parts = urlsplit(google.url)
    return {
        "GOOGLE_SHEETS_BASE_URL": google.url,
        "GOOGLE_APPLICATION_CREDENTIALS": str(key),
        "GOOGLE_IDENTITY_AUDIENCE": AUDIENCE,
        "GOOGLE_CERTS_URL": f"{google.url}/oauth2/v1/certs",
        "CELLBACK_ALLOWED": "example.org",
        "CELLBACK_ORIGINS": f"{parts.scheme}://{parts.netloc}",
    }

"""Puts everything together: emulated Graph and sign-in, workbook, real product, the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.emulators.excel_stage.stage import Stage
from tests.emulators.graph import CLIENT_ID, CLIENT_SECRET, TENANT, Book, GraphEmulator, contest
from tests.emulators.stage.product import Product


@dataclass(frozen=True)
class Play:
    """A running stage."""

    graph: GraphEmulator
    stage: Stage
    product: Product

    @property
    def url(self) -> str:
        """Where the page is."""
        return self.stage.url


@contextmanager
def play(folder: Path, settings: Mapping[str, str], *, port: int = 0, book: Book | None = None) -> Iterator[Play]:
    """Start it, with its files in `folder`, on that workbook (default: the sample's people).

    Raises RuntimeError when the product does not start.
    """
    with (
        GraphEmulator() as graph,
        Stage(graph, graph.add(book or contest()), port=port) as stage,
        Product(folder, {**_settings(graph, stage), **settings}) as product,
    ):
        stage.pane = f"{product.url}/excel/taskpane"
        yield Play(graph, stage, product)


def _settings(graph: GraphEmulator, stage: Stage) -> dict[str, str]:
    """What tells the product that Microsoft is where the emulator listens, and Excel's script where the stage is."""
    return {
        "MSGRAPH_BASE_URL": graph.url,
        "MSGRAPH_AUTHORITY_URL": graph.sign_in,
        "MSGRAPH_TENANT_ID": TENANT,
        "MSGRAPH_CLIENT_ID": CLIENT_ID,
        "MSGRAPH_CLIENT_SECRET": CLIENT_SECRET,
        "REQUESTS_CA_BUNDLE": str(graph.ca_file),
        "CELLBACK_ALLOWED": "contoso.example",
        "OFFICE_JS_URL": f"{stage.url}office.js",
        "EXCEL_FRAME_ANCESTORS": stage.url.rstrip("/"),
    }

"""Reads the proof that somebody may edit a spreadsheet: words that the sidebar wrote into its metadata (R17)."""

from __future__ import annotations

from server.sheets.google.client import Client

KEY = "cellback-proof"
MOST = 50
"""Proofs looked at: the sidebar takes its own away again, so there are few."""


def proofs(client: Client, spreadsheet: str) -> list[str]:
    """The words under our key in the spreadsheet's own metadata, in one read. Raises what `Client.call` raises."""
    lookup = {"metadataKey": KEY, "locationType": "SPREADSHEET"}
    body = {"dataFilters": [{"developerMetadataLookup": lookup}]}
    found = client.call("read", spreadsheet, "/developerMetadata:search", body)
    entries = [one.get("developerMetadata", {}) for one in found.get("matchedDeveloperMetadata", [])]
    words = [one.get("metadataValue") for one in entries if one.get("metadataKey") == KEY]
    return [word for word in words if isinstance(word, str)][-MOST:]

"""What nobody has seen on a live sheet yet, as switches: a test can try both, the live checklist settles them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Doubts:
    """Each default is our best guess."""

    row_metadata_sorts: str = "whole rows"
    """When metadata of a row goes with it in a sort: "whole rows" (only if all used columns are sorted), "always",
    "never"."""
    row_metadata_cut: str = "stays"
    """When a whole row is cut and pasted elsewhere, its metadata "stays" on the emptied row or "follows" the cells."""
    filter_follows_edits: bool = False
    """Whether the basic filter hides and shows rows after every change, or only when it is set or its rows sorted."""
    unmatched_filter: str = "nothing"
    """A data filter that matches nothing when values are written: "nothing" is written there, or "error" (400)."""
    skipped_cells_echoed: bool = True
    """Whether `includeValuesInResponse` shows cells that were left alone by a null (the documentation says so)."""
    protected_sort: str = "refused"
    """A sort over a protected column by somebody who may not edit it: "refused" or "allowed"."""

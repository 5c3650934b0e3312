"""What nobody can know without Google, tried on a real spreadsheet, in a tab of its own that is deleted afterwards:

GOOGLE_APPLICATION_CREDENTIALS=key.json python -m tests.live.google https://docs.google.com/spreadsheets/d/...

Each line is `ok` (as we believe), `NEW` (otherwise than we believe: set tests/emulators/sheets/doubts.py so, run the
tests, tell the project) or `FAIL` (does not work here). docs/google-live-check.md has the part that needs a person.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from google.auth.exceptions import GoogleAuthError

from server.sheets.google.address import parse
from tests.live.api import Api, Refused

PEOPLE = [["Key", "Name", "Status"], ["k1", "Cleo", "a"], ["k2", "Ana", "b"], ["k3", "Ben", "c"]]
WIDE = 8
"""Columns of the scratch tab."""
MARK = "cellback-check"


@dataclass
class Finding:
    """One line: what was tried, what was found, what we believe."""

    name: str
    found: str
    believed: str = ""

    @property
    def sign(self) -> str:
        """How it is to be taken."""
        return "ok  " if self.found == self.believed or not self.believed else "NEW "


@dataclass
class Check:
    """The checks on one spreadsheet; `tab` is the scratch tab's id."""

    api: Api
    tab: int = -1
    findings: list[Finding] = field(default_factory=list)

    def run(self, tell: Callable[[str], object]) -> bool:
        """All checks, a line for each; whether none failed. The scratch tab is gone afterwards."""
        well = True
        try:
            for name, check in self._checks():
                try:
                    found = [check()]
                except Refused as refused:
                    well = False
                    tell(f"FAIL  {name:<18} {self._advice(refused)}")
                    if self.tab < 0:
                        return False
                    continue
                self.findings += found
                for one in found:
                    believed = f"   (we believed: {one.believed})" if one.sign == "NEW " else ""
                    tell(f"{one.sign}  {one.name:<18} {one.found}{believed}")
        finally:
            if self.tab >= 0:
                self.api.batch({"deleteSheet": {"sheetId": self.tab}})
        tell(f"      {self.api.calls} calls; the scratch tab is gone.")
        return well

    def _checks(self) -> Iterator[tuple[str, Callable[[], Finding]]]:
        yield "reach", self.reach
        yield "edit", self.edit
        yield "proof", self.proof
        yield "raw text", self.raw_text
        yield "null cells", self.null_cells
        yield "no match", self.no_match
        yield "column marks", self.column_marks
        yield "strict dropdown", self.strict_dropdown
        yield "hidden rows", self.hidden_rows
        yield "filter view", self.filter_view
        yield "sorted rows", self.sorted_rows
        yield "copied tab", self.copied_tab

    def reach(self) -> Finding:
        """The key counts, and the spreadsheet is shared."""
        found = self.api.get(fields="properties(title,locale,timeZone)")["properties"]
        return Finding("reach", f"“{found['title']}”, {found['locale']}, {found['timeZone']}")

    def edit(self) -> Finding:
        """It may be edited: the scratch tab, filled."""
        properties = {
            "title": f"Cellback check {secrets.token_hex(3)}",
            "gridProperties": {"rowCount": 50, "columnCount": WIDE},
        }
        self.tab = self.api.batch({"addSheet": {"properties": properties}})[0]["addSheet"]["properties"]["sheetId"]
        self._fill()
        return Finding("edit", f"yes, as {self.api.account}")

    def proof(self) -> Finding:
        """Metadata on the spreadsheet, as the sidebar's proof."""
        location = {"spreadsheet": True}
        self._mark(location, "word")
        words = [one.get("metadataValue") for one in self.api.marks(MARK)]
        self._unmark()
        well = words == ["word"] and not self.api.marks(MARK)
        return Finding("proof", "written, found, removed" if well else str(words), "written, found, removed")

    def raw_text(self) -> Finding:
        """What strangers write, and numbers that are none."""
        texts = ["=1+1", "+41791234567", "007", "1e5", "@x", "2027-06-12"]
        self.api.put_raw(self._area(10, 11, 0, len(texts)), [texts])
        for render in ("FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA"):
            found = self.api.values(self._area(10, 11, 0, len(texts)), render)
            if found != [texts]:
                return Finding("raw text", f"{render} gives {found}", "stays as it is")
        return Finding("raw text", "stays as it is", "stays as it is")

    def null_cells(self) -> Finding:
        """A null leaves a cell alone, and the answer shows it: that is how a write tells whose row it hit."""
        answer = self.api.put_raw(self._area(1, 2, 0, 3), [[None, None, "Sent"]])
        echoed = answer["responses"][0].get("updatedData", {}).get("values", [])
        kept = self.api.values(self._area(1, 2, 0, 3)) == [["k1", "Cleo", "Sent"]]
        found = "left alone, shown" if kept and echoed == [["k1", "Cleo", "Sent"]] else f"kept: {kept}, shown: {echoed}"
        return Finding("null cells", found, "left alone, shown")

    def no_match(self) -> Finding:
        """Values for a metadata filter that matches nothing."""
        try:
            answer = self.api.put({"developerMetadataLookup": {"metadataId": 1}}, [["lost"]])
        except Refused as refused:
            return Finding("no match", f"refused ({refused.code})", "nothing is written")
        cells = answer.get("totalUpdatedCells", 0)
        return Finding(
            "no match", f"{cells} cells are written" if cells else "nothing is written", "nothing is written"
        )

    def column_marks(self) -> Finding:
        """A mark on a column goes where the column goes."""
        self._mark({"dimensionRange": self._lines("COLUMNS", 2, 3)}, "Status")
        self.api.batch({"insertDimension": {"range": self._lines("COLUMNS", 0, 1)}})
        moved = self._place("startIndex")
        self.api.batch({"moveDimension": {"source": self._lines("COLUMNS", 3, 4), "destinationIndex": 1}})
        found = f"{moved}, then {self._place('startIndex')}"
        self._unmark()
        self._fill()
        return Finding("column marks", found, "3, then 1")

    def strict_dropdown(self) -> Finding:
        """A strict list, and a word that is not in it."""
        condition = {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "Sent"}]}
        rule = {"condition": condition, "strict": True, "showCustomUi": True}
        self.api.batch({"setDataValidation": {"range": self._area(1, 4, 2, 3), "rule": rule}})
        try:
            self.api.put_raw(self._area(1, 2, 2, 3), [["Read"]])
            found = (
                "written all the same" if self.api.values(self._area(1, 2, 2, 3)) == [["Read"]] else "silently dropped"
            )
        except Refused as refused:
            found = f"refused ({refused.code})"
        self.api.batch({"setDataValidation": {"range": self._area(1, 4, 2, 3)}})
        return Finding("strict dropdown", found, "written all the same")

    def hidden_rows(self) -> Finding:
        """What the shared filter hides is told; it is ours here, on the scratch tab."""
        criteria = {"1": {"hiddenValues": ["Ana"]}}
        self.api.batch({"setBasicFilter": {"filter": {"range": self._area(0, 4, 0, 3), "criteria": criteria}}})
        hidden = self._hidden()
        self.api.batch({"clearBasicFilter": {"sheetId": self.tab}})
        return Finding("hidden rows", f"{hidden}, then {self._hidden()}", "[2], then []")

    def filter_view(self) -> Finding:
        """A filter view hides nothing for others, and has a number for its link."""
        criteria = {"1": {"hiddenValues": ["Ana"]}}
        made = {"title": "Check", "range": self._area(0, 4, 0, 3), "criteria": criteria}
        reply = self.api.batch({"addFilterView": {"filter": made}})[0]["addFilterView"]["filter"]
        number = isinstance(reply.get("filterViewId"), int)
        return Finding(
            "filter view", f"linked: {number}, hides for others: {self._hidden()}", "linked: True, hides for others: []"
        )

    def sorted_rows(self) -> Finding:
        """Where a mark on a row is after a sort of all columns, and of some."""
        found = []
        for columns, name in ((WIDE, "all columns"), (2, "some columns")):
            self._fill()
            self._mark({"dimensionRange": self._lines("ROWS", 1, 2)}, "k1")
            specs = [{"dimensionIndex": 1, "sortOrder": "ASCENDING"}]
            self.api.batch({"sortRange": {"range": self._area(1, 4, 0, columns), "sortSpecs": specs}})
            went = {3: "goes along", 1: "stays"}.get(self._place("startIndex"), "is elsewhere")
            found.append(f"{name}: {went}")
            self._unmark()
        return Finding("sorted rows", ", ".join(found), "all columns: goes along, some columns: stays")

    def copied_tab(self) -> Finding:
        """A duplicated tab has the values and not the marks."""
        self._mark({"dimensionRange": self._lines("COLUMNS", 2, 3)}, "Status")
        copy = self.api.batch({"duplicateSheet": {"sourceSheetId": self.tab}})[0]["duplicateSheet"]["properties"][
            "sheetId"
        ]
        marks = len(self.api.marks(MARK))
        self.api.batch({"deleteSheet": {"sheetId": copy}})
        self._unmark()
        return Finding("copied tab", "marks stay behind" if marks == 1 else f"{marks} marks", "marks stay behind")

    def _fill(self) -> None:
        blank = [[""] * WIDE for _ in range(4)]
        self.api.put_raw(self._area(0, 4, 0, WIDE), blank)
        self.api.put_raw(self._area(0, 4, 0, 3), PEOPLE)

    def _mark(self, location: dict[str, Any], value: str) -> None:
        mark = {"metadataKey": MARK, "metadataValue": value, "visibility": "DOCUMENT", "location": location}
        self.api.batch({"createDeveloperMetadata": {"developerMetadata": mark}})

    def _unmark(self) -> None:
        lookup = {"developerMetadataLookup": {"metadataKey": MARK}}
        self.api.batch({"deleteDeveloperMetadata": {"dataFilter": lookup}})

    def _place(self, end: str) -> Any:
        marks = self.api.marks(MARK)
        return marks[0]["location"]["dimensionRange"].get(end, 0) if marks else None

    def _hidden(self) -> list[int]:
        wanted = "sheets(properties(sheetId),data(startRow,rowMetadata(hiddenByFilter)))"
        sheets = self.api.get(fields=wanted)["sheets"]
        sheet = next(one for one in sheets if one["properties"].get("sheetId", 0) == self.tab)
        lines = sheet["data"][0].get("rowMetadata", [])
        return [at for at, line in enumerate(lines) if line.get("hiddenByFilter")]

    def _area(self, top: int, bottom: int, left: int, right: int) -> dict[str, int]:
        return {"sheetId": self.tab, "startRowIndex": top, "endRowIndex": bottom, "startColumnIndex": left,
                "endColumnIndex": right}  # fmt: skip

    def _lines(self, dimension: str, start: int, end: int) -> dict[str, Any]:
        return {"sheetId": self.tab, "dimension": dimension, "startIndex": start, "endIndex": end}

    def _advice(self, refused: Refused) -> str:
        if refused.code in {403, 404} and self.tab < 0:
            return f"Share the spreadsheet with {self.api.account} as Editor ({refused})."
        return str(refused)


def main(arguments: list[str] | None = None) -> int:
    """0 when everything works and is as we believe, 2 when something is otherwise, 1 when something fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.live.google", description=__doc__)
    parser.add_argument("spreadsheet", help="address of a spreadsheet that is shared with the service account")
    parser.add_argument("--key", default=os.environ.get("GOOGLE_APPLICATION_CREDENTIALS", ""), metavar="FILE")
    parser.add_argument("--json", action="store_true", help="end with the findings as one JSON object")
    given = parser.parse_args(arguments)
    if not given.key:
        parser.error("name the service account's key file: --key, or GOOGLE_APPLICATION_CREDENTIALS")
    base_url = os.environ.get("GOOGLE_SHEETS_BASE_URL") or "https://sheets.googleapis.com"
    check = Check(Api(Path(given.key), parse(given.spreadsheet).spreadsheet, base_url))
    try:
        well = check.run(lambda line: sys.stdout.write(f"{line}\n"))
    except GoogleAuthError as error:
        sys.stderr.write(f"FAIL  key                Google gives no token for {check.api.account}: {error}\n")
        return 1
    if given.json:
        sys.stdout.write(json.dumps({one.name: one.found for one in check.findings}) + "\n")
    return 1 if not well else 2 if any(one.sign == "NEW " for one in check.findings) else 0


if __name__ == "__main__":
    sys.exit(main())

"""Whether we may work in a workbook, found out by opening it as a campaign would (rule 12)."""

from __future__ import annotations

from server.errors import CellbackError, NotFound, NotShared, PermanentError, SignInAgain
from server.sheets.access import Access, Standing
from server.sheets.excel import sentences
from server.sheets.excel.book import Book, Part


def check(book: Book) -> Access:
    """Read the file's name, open a session for writing, list the tabs, close it: nothing is changed."""
    name = ""
    try:
        found = book.read([Part("GET", "?$select=id,name"), Part("GET", "/workbook/worksheets?$select=id,name")])
        for reply in found:
            if not reply.ok:
                raise sentences.refused(reply)
        name = str(found[0].body.get("name", ""))
        book.must_write()
    except NotShared as error:
        return Access(Standing.VIEW_ONLY if name else Standing.NOT_SHARED, error.sentence, title=name)
    except NotFound as error:
        return Access(Standing.GONE, error.sentence)
    except (PermanentError, SignInAgain) as error:
        return Access(Standing.REFUSED, error.sentence)
    except CellbackError as error:
        return Access(Standing.AWAY, error.sentence, title=name)
    finally:
        book.close()
    return Access(Standing.OK, f"Cellback may edit “{name}”.", title=name)

"""People who come in from Excel: whose access token it is, which workbook they have open, and that they may edit it."""

from __future__ import annotations

from server.errors import NotAllowed
from server.sheets.excel.address import tab_name
from server.web import sessions
from server.web.app import here
from server.web.routes import blueprint
from server.web.schemas import ExcelArrival, ExcelSession, GoogleProblem

api = blueprint("excel-people", "People from Excel", secured=False)


@api.post("/api/excel/session", responses={200: ExcelSession, 403: GoogleProblem})
def arrive(body: ExcelArrival) -> ExcelSession:
    """Come in from the task pane; 403 says what is missing: a sign-in, an administrator's consent, or editing"""
    web = here()
    microsoft = web.services.microsoft
    account = microsoft.identity.account(body.access_token)
    if microsoft.people.role(account.person) is None:
        raise NotAllowed(
            f"{account.name or 'This account'} may not use this Cellback yet. Ask whoever runs it to let you in (as a "
            "viewer, an editor or a sender), or sign in to Excel with another account."
        )
    workbook = microsoft.enter(account, body.access_token, body.document_url)
    return ExcelSession(
        token=sessions.issue_excel(web, account.tenant, account.name, workbook),
        expires_in=sessions.LASTS,
        who=account.name,
        workbook=workbook,
        sheet=tab_name(body.worksheet_id) if body.worksheet_id else "",
    )

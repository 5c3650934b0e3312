"""What a session that is bound to one workbook may reach. What is not named here it may not: new routes are closed."""

from __future__ import annotations

from flask import Response, request

from server.errors import NotFound
from server.web.app import here
from server.web.problems import problem
from server.web.sessions import Bound

OF_A_SHEET = frozenset(
    {
        "/api/session",
        "/api/campaigns",
        "/api/grid",
        "/api/rows/keys",
        "/api/rows/where",
        "/api/rows/values",
        "/api/saved",
        "/api/sheet/check",
        "/api/sheet/changed",
    }
)
"""Routes that open the sheet that is named, which `workbooks.open_sheet` holds to the bound one as well."""

OF_A_PERSON = frozenset({"/api/saved/<saved_id>", "/api/saved/<saved_id>/remove"})
"""Routes to what the person themselves saved, and nobody else."""

OF_A_CAMPAIGN = "/api/campaigns/<campaign_id>"


def refuse(bound: Bound) -> Response | None:
    """The refusal of the present request, or None."""
    rule = request.url_rule.rule if request.url_rule else ""
    if not rule:
        return None  # there is no such address: the answer is 404
    if not all(name in {"", bound.workbook} for name in _named()):
        return _not_yours()
    if rule in OF_A_SHEET:
        return None
    if rule in OF_A_PERSON:
        theirs = here().services.ledger.saved.owned(bound.who)
        return None if str((request.view_args or {})["saved_id"]) in theirs else _not_saved()
    if rule == OF_A_CAMPAIGN or rule.startswith(f"{OF_A_CAMPAIGN}/"):
        return None if _is_of(str((request.view_args or {})["campaign_id"]), bound.workbook) else _no_campaign()
    return _not_yours()


def _named() -> list[object]:
    """Every workbook that the request names."""
    body = request.get_json(silent=True) if request.is_json else None
    named: list[object] = [*request.args.getlist("workbook")]
    if isinstance(body, dict) and "workbook" in body:
        named.append(body["workbook"])
    return named


def _is_of(campaign_id: str, workbook: str) -> bool:
    try:
        return here().services.ledger.campaigns.get(campaign_id).workbook == workbook
    except NotFound:
        return False


def _no_campaign() -> Response:
    return problem(404, "Not found", "There is no such campaign in this workbook.")


def _not_saved() -> Response:
    return problem(404, "Not found", "You have saved no such campaign.")


def _not_yours() -> Response:
    return problem(403, "Not from here", "This panel may only work on the workbook it was opened in.")

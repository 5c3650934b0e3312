"""What keeps people out of a page, as axe-core finds it: WCAG 2.2 AA and good practice."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.needs import need

if TYPE_CHECKING:
    from playwright.sync_api import Page

SCRIPT = Path(__file__).parent / "node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
GRAVE = {"serious", "critical"}
RUN = """async ([tags, within, rules]) => {
    const loose = new CSSStyleSheet(); // what sticks to an edge covers what one would scroll to
    loose.replaceSync(".deed, .steps { position: static !important; }");
    const before = document.adoptedStyleSheets;
    document.adoptedStyleSheets = [...before, loose];
    const found = await axe.run(within ? document.querySelector(within) : document,
        { runOnly: { type: "tag", values: tags }, rules, resultTypes: ["violations"] });
    document.adoptedStyleSheets = before;
    return found.violations;
}"""


def axe(page: Page, *, within: str = "", without: tuple[str, ...] = ()) -> None:
    """Fail with each serious or critical finding in the page, or in what the selector `within` finds there.

    `without` names rules of axe-core that do not count here, such as those about a whole page for a part.
    """
    need(SCRIPT.exists(), "axe-core is not there: npm ci --prefix tests/browser")
    if page.evaluate("() => typeof axe === 'undefined'"):
        page.evaluate(_script())  # the policy of the page forbids script tags of others, not this
    found = page.evaluate(RUN, [TAGS, within, {rule: {"enabled": False} for rule in without}])
    grave = [_readable(finding) for finding in found if finding["impact"] in GRAVE]
    assert not grave, "axe-core found:\n" + "\n".join(grave)


@cache
def _script() -> str:
    return SCRIPT.read_text("utf-8") + "\n;void 0"


def _readable(finding: dict[str, Any]) -> str:
    nodes = "\n".join(
        f"    {' '.join(map(str, node['target']))}: {node['html'][:200]}\n"
        f"      {str(node.get('failureSummary', '')).replace(chr(10), ' ')}"
        for node in finding["nodes"][:5]
    )
    return f"- {finding['impact']}: {finding['id']}: {finding['help']} ({len(finding['nodes'])})\n{nodes}"

"""How soon the panel is painted and can be typed into, from a local server, by Chromium's own clock."""

from __future__ import annotations

import shutil
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tests.browser.conftest import served
from tests.needs import BROWSERS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROUNDS = 9
LANGUAGES = ["en-GB", "de-DE", "es-ES", "fr-FR"]
OBSERVE = """() => {
    window.seen = { shift: 0 };
    const heard = (name, take) => new PerformanceObserver((list) => list.getEntries().forEach(take))
        .observe({ type: name, buffered: true });
    heard("paint", (entry) => { window.seen[entry.name] = entry.startTime; });
    heard("layout-shift", (entry) => { window.seen.shift += entry.value; });
    const look = () => document.querySelector("#panel textarea") ? window.seen.usable ??= performance.now()
        : requestAnimationFrame(look);
    requestAnimationFrame(look);
}"""


def main() -> None:
    """Print the median of several visits, each with a cold cache, and the worst shift of the layout."""
    from playwright.sync_api import sync_playwright

    program = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if program is None:
        print("needs chromium")
        return
    with TemporaryDirectory() as folder, served(Path(folder), {}) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for language in LANGUAGES:
            visits = [_visit(browser, address, language) for _ in range(ROUNDS)]
            paint, usable = (median(one[name] for one in visits) for name in ("first-paint", "usable"))
            shift = max(one["shift"] for one in visits)
            print(f"{language}: painted after {paint:.0f} ms, typed into after {usable:.0f} ms, shifted by {shift:.4f}")
        browser.close()


def _visit(browser: Browser, address: str, language: str) -> dict[str, float]:
    context = browser.new_context(viewport={"width": 300, "height": 760}, locale=language)
    page = context.new_page()
    page.goto(address)  # only for the cookie
    page.add_init_script(f"({OBSERVE})()")
    page.goto(address.partition("/?")[0] + "/panel")
    page.wait_for_function("() => window.seen?.usable")
    page.wait_for_timeout(500)
    seen: dict[str, float] = page.evaluate("() => window.seen")
    context.close()
    return seen


if __name__ == "__main__":
    main()

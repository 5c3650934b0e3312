"""How smoothly 10,000 rows scroll in the desk's grid, by Chromium's own frames, and how much of them is in the page."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from server.sheets.bench import Bench
from server.sheets.xlsx import XlsxSheet
from tests.books import contestants
from tests.browser.conftest import drop, served
from tests.needs import BROWSERS

ROWS = 10_000
WAYS = {"wheel, 120 px a frame": 120, "flung, 1,200 px a frame": 1200, "the bar dragged, 6,000 px a frame": 6000}
SCROLL = """async (step) => {
    const grid = document.querySelector("[role=grid]");
    grid.scrollTop = 0;
    await new Promise((next) => setTimeout(next, 600));
    const frames = [], most = { cells: 0, rows: 0 };
    let empty = 0;
    const long = [];
    const heard = new PerformanceObserver((list) => list.getEntries().forEach((entry) => long.push(entry.duration)));
    heard.observe({ type: "longtask" });
    let before = await new Promise(requestAnimationFrame);
    for (let turn = 0; turn < 180; turn += 1) {
        grid.scrollTop += step;
        const now = await new Promise(requestAnimationFrame);
        frames.push(now - before);
        before = now;
        most.cells = Math.max(most.cells, grid.querySelectorAll(".cell").length);
        most.rows = Math.max(most.rows, grid.querySelectorAll(".grid-row").length);
        empty += grid.querySelector(".grid-row.empty") ? 1 : 0;
    }
    heard.disconnect();
    frames.sort((a, b) => a - b);
    return { median: frames[90], p95: frames[170], worst: frames[179], late: frames.filter((one) => one > 34).length,
        long: long.length, empty, ...most };
}"""


def main() -> None:
    """Print the frames of three ways to scroll, and how long a sort of the file takes."""
    from playwright.sync_api import sync_playwright

    program = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if program is None:
        print("needs chromium")
        return
    with TemporaryDirectory() as folder, served(Path(folder), {}) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address)
        drop(page, contestants(Path(folder) / "many.xlsx", ROWS))
        page.get_by_text("10,000 rows").wait_for()
        page.wait_for_timeout(4000)
        for way, step in WAYS.items():
            print(_line(way, page.evaluate(SCROLL, step)))
        browser.close()
        _sort(contestants(Path(folder) / "sort.xlsx", ROWS))


def _line(way: str, seen: dict[str, Any]) -> str:
    return (
        f"{way}: frames {seen['median']:.1f} ms in the middle, {seen['p95']:.1f} ms at 95%, {seen['worst']:.1f} ms at "
        f"worst; {seen['late']} of 180 late, {seen['long']} tasks over 50 ms; at most {seen['rows']} rows "
        f"({seen['cells']} cells) in the page; {seen['empty']} frames with a row that was not there yet"
    )


def _sort(path: Path) -> None:
    sheet = XlsxSheet(path)
    table = sheet.read()
    began = time.perf_counter()
    Bench(sheet).sort(table, 1, descending=True)
    print(f"{ROWS:,} rows sorted in the file in {time.perf_counter() - began:.2f} s")


if __name__ == "__main__":
    main()

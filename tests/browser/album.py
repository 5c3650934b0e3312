"""Screenshots put together for the documents: contact sheets, an animated walk. Knows pictures, not the product."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

FOLDER = Path(os.environ.get("CELLBACK_PICTURES", "build/pictures"))
LOOKS = ("light", "dark")
GROUND = {"light": "#eef0f4", "dark": "#0b0d12"}
INK = {"light": "#30343c", "dark": "#c8ccd4"}
EDGE = {"light": "#d5d8df", "dark": "#30343d"}
GAP, HEAD = 20, 34
FRAME_MS = 1600


def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The one that Pillow brings along: the same on every machine."""
    return ImageFont.load_default(size)


def shot(page: Page, of: Locator | None = None) -> Image.Image:
    """What a person sees of the page, or of a part of it."""
    content = (of or page).screenshot(animations="disabled", caret="initial")
    return Image.open(io.BytesIO(content)).convert("RGB")


def picture(page: Page, name: str, of: Locator | None = None) -> None:
    """One picture of its own, as a PNG of 256 colours; the pointer out of the way."""
    page.mouse.move(5, 5)
    FOLDER.mkdir(parents=True, exist_ok=True)
    few = shot(page, of).quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(FOLDER / f"{name}.png", optimize=True)


@dataclass
class Album:
    """One family of states: each state once in every look, side by side, under a caption."""

    name: str
    looks: tuple[str, ...] = LOOKS
    captions: list[str] = field(default_factory=list)
    shots: dict[str, list[Image.Image]] = field(default_factory=dict)

    def take(self, page: Page, caption: str, of: Locator | None = None) -> None:
        """The state that the page is in, the pointer out of the way."""
        page.mouse.move(2, 2)
        self.captions.append(caption)
        for look in self.looks:
            page.emulate_media(color_scheme="dark" if look == "dark" else "light")
            page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
            self.shots.setdefault(look, []).append(shot(page, of))
        page.emulate_media(color_scheme="light")

    def save(self) -> None:
        """As one WebP without loss: a row for each look."""
        FOLDER.mkdir(parents=True, exist_ok=True)
        rows = [self._row(look) for look in self.looks]
        sheet = Image.new("RGB", (rows[0].width, sum(row.height for row in rows)))
        top = 0
        for row in rows:
            sheet.paste(row, (0, top))
            top += row.height
        sheet.save(FOLDER / f"{self.name}.webp", lossless=True, quality=100, method=6)

    def _row(self, look: str) -> Image.Image:
        shots = self.shots[look]
        width = GAP + sum(one.width + GAP for one in shots)
        row = Image.new("RGB", (width, HEAD + max(one.height for one in shots) + GAP), GROUND[look])
        draw, left = ImageDraw.Draw(row), GAP
        for caption, one in zip(self.captions, shots, strict=True):
            draw.text((left, 10), caption, INK[look], font(15))
            row.paste(one, (left, HEAD))
            draw.rectangle((left - 1, HEAD - 1, left + one.width, HEAD + one.height), outline=EDGE[look])
            left += one.width + GAP
        return row


@dataclass
class Film:
    """A walk in pictures: each with a line below that says what happens, and a ring where the person clicks next."""

    frames: list[Image.Image] = field(default_factory=list)

    def take(self, page: Page, words: str, click: Locator | None = None) -> None:
        """The next picture."""
        seen = shot(page)
        frame = Image.new("RGB", (seen.width, seen.height + 46), "#14284f")
        frame.paste(seen)
        draw = ImageDraw.Draw(frame)
        draw.text((20, seen.height + 11), f"{len(self.frames) + 1}", "#8fb2ff", font(20))
        draw.text((56, seen.height + 11), words, "#ffffff", font(20))
        if click and (box := click.bounding_box()):
            x, y = box["x"] + min(box["width"] / 2, 170), box["y"] + box["height"] / 2
            for radius, color in ((17, "#ffffff"), (16, "#ff7a1a"), (15, "#ff7a1a"), (14, "#ff7a1a"), (13, "#ffffff")):
                draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=color)
        self.frames.append(frame)

    def save(self, name: str) -> None:
        """As an animated WebP that begins again at its end, after a pause."""
        FOLDER.mkdir(parents=True, exist_ok=True)
        first, *others = self.frames
        times = [FRAME_MS] * len(others) + [2 * FRAME_MS]
        first.save(
            FOLDER / f"{name}.webp", save_all=True, append_images=others, duration=times, loop=0,
            lossless=True, quality=80, method=4, minimize_size=True,
        )  # fmt: skip

// What opens over the grid: menus, and the choice of a filter. One at a time; the keyboard stays in it, Escape gives it back.

import { h, render } from "../panel/dom.js";

/** The one popup of the desk. */
export class Popup {
  constructor() {
    this.box = document.createElement("div");
    this.box.className = "popup";
    /** @type {HTMLElement | null} */
    this.back = null;
    this.box.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("pointerdown", (event) => {
      if (this.box.isConnected && event.target instanceof Node && !this.box.contains(event.target)) this.close(false);
    }, true);
    addEventListener("resize", () => this.close(false));
  }

  get open() {
    return this.box.isConnected;
  }

  /**
   * A menu of [label, work, off] at an element; focus comes back there, or to `back`.
   * @param {Element} anchor
   * @param {string} label
   * @param {([string, () => unknown, boolean?] | null)[]} items null draws a line
   * @param {HTMLElement | null} back
   */
  menu(anchor, label, items, back = null) {
    this.show(anchor, { role: "menu", "aria-label": label }, items.map((item, at) => item
      ? h("button.item", { key: at, role: "menuitem", tabindex: "-1", "aria-disabled": item[2] ? "true" : null,
        onclick: () => {
          if (item[2]) return;
          this.close();
          item[1]();
        } }, item[0])
      : h("hr", { key: at, role: "separator" })), back);
    this.items()[0]?.focus();
  }

  /**
   * Anything, described as dom.js does, at an element.
   * @param {Element} anchor
   * @param {Record<string, string>} attributes
   * @param {unknown} content
   * @param {HTMLElement | null} back
   */
  show(anchor, attributes, content, back = null) {
    this.close(false);
    this.back = back || (anchor instanceof HTMLElement ? anchor : null);
    for (const name of ["role", "aria-label"]) this.box.removeAttribute(name);
    for (const [name, value] of Object.entries(attributes)) this.box.setAttribute(name, value);
    this.draw(content);
    document.body.append(this.box);
    this.place(anchor.getBoundingClientRect());
  }

  draw(content) {
    render(this.box, content);
  }

  /** Below its anchor where there is room, always whole on the page. */
  place(at) {
    const { offsetWidth, offsetHeight } = this.box;
    const start = document.documentElement.dir === "rtl" ? at.right - offsetWidth : at.left;
    const below = at.bottom + offsetHeight + 8 < innerHeight;
    const left = Math.max(8, Math.min(start, innerWidth - offsetWidth - 8));
    const top = below ? at.bottom + 2 : Math.max(8, Math.min(at.top - offsetHeight - 2, innerHeight - offsetHeight - 8));
    this.box.style.setProperty("left", `${left}px`);
    this.box.style.setProperty("top", `${top}px`);
  }

  items() {
    return /** @type {HTMLElement[]} */ ([...this.box.querySelectorAll("[role=menuitem]")]);
  }

  key(event) {
    if (event.key === "Escape" || (event.key === "Tab" && this.box.getAttribute("role") === "menu")) {
      this.close();
    } else if (this.box.getAttribute("role") === "menu") {
      const items = this.items();
      const now = items.findIndex((item) => item === document.activeElement);
      const next = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: items.length - 1 }[event.key];
      if (next === undefined) return;
      items[(next + items.length) % items.length].focus();
    } else if (event.key === "Tab") {
      const stops = /** @type {HTMLElement[]} */ ([...this.box.querySelectorAll("input, button:not(:disabled)")]);
      const edge = event.shiftKey ? stops[0] : stops[stops.length - 1];
      if (document.activeElement !== edge) return;
      stops[event.shiftKey ? stops.length - 1 : 0].focus();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  close(focus = true) {
    if (!this.open) return;
    this.box.remove();
    if (focus) this.back?.focus({ preventScroll: true });
  }
}

// The live grid: only the rows on the screen are in the page. Draws, scrolls, selects; the editor is in editor.js.

import { h, render } from "../panel/dom.js";
import { text } from "../panel/texts.js";
import { toneOf } from "../panel/words.js";
import { dragWidth, NUMBERS, standsRight, widthOf } from "./columns.js";
import { Editor } from "./editor.js";
import { onKey } from "./keys.js";
import { FRESH } from "./model.js";
import { quoted } from "./tsv.js";

export const ROW = 30;
const HEAD = 52;
const MORE = 10;
const T = text.grid;

/** `onSelect` hears when the selection changes. */
export class Grid {
  /**
   * @param {HTMLElement} root
   * @param {import("./model.js").Model} model
   * @param {() => void} onSelect
   */
  constructor(root, model, onSelect) {
    this.root = root;
    this.model = model;
    this.onSelect = onSelect;
    /** @type {import("./bench.js").Bench | null} what arranges rows, once it is there */
    this.bench = null;
    /** @type {number | undefined} */
    this.first = undefined;
    /** @type {number | undefined} */
    this.last = undefined;
    this.active = { row: 0, column: 0 };
    /** @type {{row: number, column: number} | null} */
    this.anchor = null;
    this.wholeRows = false;
    this.shownRows = new Map();
    /** @type {HTMLElement[]} elements of rows that left the screen in this frame */
    this.spare = [];
    this.drawn = -1;
    this.widths = new Map();
    this.right = new Set();
    this.pinned = "";
    this.build();
    this.editor = new Editor(this);
  }

  build() {
    this.head = element("div", "grid-head", { role: "row" });
    this.body = element("div", "grid-body", { role: "rowgroup" });
    this.scroller = element("div", "grid", { role: "grid", tabindex: "0", "aria-label": T.label });
    this.scroller.append(this.head, this.body);
    this.peek = element("div", "peek", { "aria-hidden": "true" });
    this.root.append(this.scroller);
    this.scroller.addEventListener("scroll", () => this.soon(), { passive: true });
    this.scroller.addEventListener("keydown", (event) => onKey(this, event));
    this.scroller.addEventListener("copy", (event) => this.copy(event));
    this.scroller.addEventListener("paste", (event) => this.paste(event));
    this.scroller.addEventListener("contextmenu", (event) => this.context(event));
    this.body.addEventListener("pointerdown", (event) => this.press(event));
    this.body.addEventListener("dblclick", (event) => this.cellOf(event.target) && this.editor.start());
    new ResizeObserver(() => this.soon()).observe(this.scroller);
  }

  /**
   * Columns that are shown, as [column, index in the sheet].
   * @returns {[Schema.GridColumn, number][]}
   */
  get columns() {
    return this.model.columns.map((column, index) => /** @type {[Schema.GridColumn, number]} */ ([column, index]))
      .filter(([column]) => !column.hidden);
  }

  /** The sheet changed: keep the place by the row's key, and draw anew. */
  changed() {
    const { visible, rows } = this.model;
    const typing = this.editor?.open;
    if (typing?.row.fresh) {
      if (!typing.busy) this.active.row = visible.indexOf(FRESH);
    } else if (this.activeKey && this.model.at(this.active.row)?.key !== this.activeKey) {
      const place = visible.findIndex((index) => rows[index]?.key === this.activeKey);
      if (place >= 0) this.active.row = place;
    }
    this.active.row = Math.max(0, Math.min(this.active.row, visible.length - 1));
    this.active.column = Math.max(0, Math.min(this.active.column, this.columns.length - 1));
    this.shownRows.forEach((entry) => { entry.stale = true; });
    this.drawHead();
    this.draw();
    this.editor.place();
  }

  /** Scrolls to a column (a campaign's Message) at the moment it comes into the sheet. */
  reveal(title) {
    const place = this.columns.findIndex(([column]) => column.title === title);
    if (place >= 0 && this.missed === title && !this.editor.open) {
      const widths = this.columns.map(([column, index]) => this.width(column, index));
      const right = widths.slice(0, place + 1).reduce((sum, width) => sum + width, NUMBERS);
      const left = this.direction * Math.max(0, right - this.scroller.clientWidth + 40);
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      this.scroller.scrollTo({ left, behavior: calm ? "auto" : "smooth" });
    }
    this.missed = place < 0 ? title : "";
  }

  /** -1 where columns run from right to left: what is scrolled by is then counted below zero. */
  get direction() {
    return getComputedStyle(this.scroller).direction === "rtl" ? -1 : 1;
  }

  /** How far an element lies from the edge at which its row begins. */
  startOf(cell) {
    return this.direction > 0 ? cell.offsetLeft : this.body.offsetWidth - cell.offsetLeft - cell.offsetWidth;
  }

  soon() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      this.draw();
    });
  }

  width(column, index) {
    const known = this.widths.get(column.title + index);
    if (known) return known;
    const width = widthOf(column, index, this.model.rows.slice(0, 200));
    if (this.model.loaded) this.widths.set(column.title + index, width);
    return width;
  }

  drawHead() {
    const { columns } = this;
    const widths = columns.map(([column, index]) => this.width(column, index));
    const template = [NUMBERS, ...widths].map((width) => `${width}px`).join(" ");
    const sample = this.model.rows.slice(0, 100);
    this.right = new Set(columns.flatMap(([, index], place) => (standsRight(index, sample) ? [place] : [])));
    this.scroller.style.setProperty("--columns", template);
    this.scroller.style.setProperty("--width", `${NUMBERS + widths.reduce((sum, width) => sum + width, 0)}px`);
    this.scroller.setAttribute("aria-colcount", String(columns.length));
    this.scroller.setAttribute("aria-rowcount", String(this.model.total + 1));
    render(this.head,
      h(".corner", { role: "columnheader", "aria-label": T.numbers }),
      columns.map(([column, index], place) => h("div", {
        key: index, role: "columnheader", class: this.headClass(column, place), "aria-sort": this.sortOf(column),
        "aria-colindex": String(place + 1),
        title: column.ours ? `${column.title} (${T.ours})` : column.title },
        h("span.letter", { "aria-hidden": "true" }, column.letter),
        h("span.name", { dir: "auto" }, column.title),
        this.bench?.able && h("button.head-menu", { tabindex: "-1", "aria-haspopup": "menu",
          class: this.bench.state.filters.some((one) => one.column === index) ? "on" : "",
          "aria-label": text.bench.columnMenu(column.title),
          onclick: (event) => {
            this.select({ row: this.active.row, column: place });
            this.bench?.columnMenu(index, event.currentTarget);
          } }),
        h("span.edge", { "aria-hidden": "true", onpointerdown: (event) =>
          dragWidth(event, column, widths[place], (width) => {
          this.widths.set(column.title + index, width);
          this.drawHead();
          this.editor.place();
        }) }))));
  }

  sortOf(column) {
    const sorted = this.bench?.sorted;
    if (!sorted || sorted.title !== column.title) return null;
    return sorted.descending ? "descending" : "ascending";
  }

  headClass(column, place) {
    const marks = { ours: column.ours, at: place === this.active.column, pinned: column.title === this.pinned };
    return ["title", ...Object.keys(marks).filter((name) => marks[name])].join(" ");
  }

  /** Rows on the screen and a few more, each an element of its own that is only refilled when it changed. */
  draw() {
    const { model, scroller } = this;
    if (this.drawn !== model.visible.length) {
      this.drawn = model.visible.length;
      this.body.style.setProperty("height", `${this.drawn * ROW}px`);
    }
    const first = Math.max(0, Math.floor(scroller.scrollTop / ROW) - MORE);
    const bottom = scroller.scrollTop + scroller.clientHeight;
    const last = Math.min(model.visible.length - 1, Math.ceil(bottom / ROW) + MORE);
    for (const [place, entry] of this.shownRows) {
      if (place >= first && place <= last) continue;
      this.spare.push(entry.element);
      this.shownRows.delete(place);
    }
    const { columns } = this;
    for (let place = first; place <= last; place += 1) this.drawRow(place, columns);
    for (const element of this.spare.splice(0)) element.remove();
    const on = this.cellElement(this.active.row, this.active.column);
    if (on) scroller.setAttribute("aria-activedescendant", on.id);
    else scroller.removeAttribute("aria-activedescendant");
    this.drawPeek(on);
    if (first !== this.first || last !== this.last) {
      Object.assign(this, { first, last });
      model.look(first, last);
    }
  }

  drawRow(place, columns) {
    let entry = this.shownRows.get(place);
    const mark = this.markOf(place);
    if (!entry) {
      // An element of a row that left the screen is refilled: making one takes several times as long.
      const known = this.spare.pop();
      entry = { element: known || element("div", "grid-row", { role: "row" }), mark: null, stale: true };
      this.shownRows.set(place, entry);
      if (!known) this.body.append(entry.element);
    }
    if (!entry.stale && entry.mark === mark) return;
    Object.assign(entry, { mark, stale: false });
    const range = this.range();
    const row = this.model.at(place);
    const { visible } = this.model;
    const before = visible[place - 1] === FRESH ? visible[place - 2] ?? -1 : visible[place - 1] ?? -1;
    const gap = visible[place] - before > 1 ? " gap" : "";
    const kind = row ? (row.fresh ? " fresh" : "") : " empty";
    entry.element.className = `grid-row${gap}${mark ? " on" : ""}${kind}`;
    entry.element.style.setProperty("top", `${place * ROW}px`);
    entry.element.setAttribute("aria-rowindex", String(row?.fresh ? this.model.total + 2 : visible[place] + 2));
    render(entry.element,
      h(".number", { role: "rowheader", "aria-label": row?.fresh ? T.fresh : null },
        row ? (row.fresh ? "+" : row.position) : ""),
      columns.map(([column, index], at) => this.cell(place, at, column, row?.cells[index], range)));
  }

  cell(place, at, column, cell, [from, to]) {
    const shown = cell?.shown || "";
    const chip = column.ours && (toneOf(shown) || { check: "warn", sure: "good" }[shown]);
    const inside = place >= from.row && place <= to.row && (this.wholeRows || (at >= from.column && at <= to.column));
    const here = place === this.active.row && at === this.active.column;
    const marks = { ours: column.ours, locked: cell?.locked, right: this.right.has(at), active: here,
      pinned: this.pinned === column.title, in: this.anchor && inside };
    const kind = Object.keys(marks).filter((name) => marks[name]).join(" ");
    return h("div", { key: at, class: `cell ${kind}`, role: "gridcell", id: `c${place}-${at}`, dir: "auto",
      "aria-selected": here || inside ? "true" : null, "aria-readonly": cell?.locked ? "true" : null,
        "data-column": column.title },
      chip ? h("span", { class: `status ${chip}` }, shown) : shown);
  }

  /** What of the selection a row shows; rows are refilled when it changes. */
  markOf(place) {
    const [from, to] = this.range();
    const inside = place >= from.row && place <= to.row;
    if (!inside && place !== this.active.row) return "";
    const { column } = this.active;
    return [place === this.active.row, column, inside, from.column, to.column, this.wholeRows, !!this.anchor].join();
  }

  /**
   * The first and the last cell of the selection.
   * @returns {[{row: number, column: number}, {row: number, column: number}]}
   */
  range() {
    const other = this.anchor || this.active;
    const rows = [this.active.row, other.row].sort((a, b) => a - b);
    const columns = [this.active.column, other.column].sort((a, b) => a - b);
    return [{ row: rows[0], column: columns[0] }, { row: rows[1], column: columns[1] }];
  }

  /** A text that its cell cuts off shows in full while the cell is the active one. */
  drawPeek(on) {
    if (!on || this.editor.open || document.activeElement !== this.scroller) return void this.peek.remove();
    const cut = on.scrollWidth > on.clientWidth + 1 || on.textContent.includes("\n");
    if (!cut) return void this.peek.remove();
    this.peek.textContent = on.textContent;
    this.peek.style.setProperty("top", `${this.active.row * ROW}px`);
    this.peek.style.setProperty("min-width", `${on.offsetWidth}px`);
    this.body.append(this.peek);
    const most = Math.abs(this.scroller.scrollLeft) + this.scroller.clientWidth - this.peek.offsetWidth - 16;
    this.peek.style.setProperty("inset-inline-start", `${Math.max(0, Math.min(this.startOf(on), most))}px`);
  }

  cellElement(row, column) {
    return this.shownRows.get(row)?.element.children[column + 1];
  }

  cellOf(target) {
    const cell = target.closest(".cell, .number");
    if (!cell) return null;
    const found = [...this.shownRows].find(([, entry]) => entry.element === cell.parentElement);
    return found && { row: found[0], column: [...cell.parentElement.children].indexOf(cell) - 1 };
  }

  press(event) {
    const cell = this.cellOf(event.target);
    if (!cell || event.button !== 0) return;
    event.preventDefault();
    this.scroller.focus({ preventScroll: true });
    const whole = cell.column < 0;
    this.select({ row: cell.row, column: Math.max(0, cell.column) }, { extend: event.shiftKey, whole });
    const start = this.anchor || { ...this.active };
    this.body.onpointermove = (move) => {
      const over = this.cellOf(document.elementFromPoint(move.clientX, move.clientY) || this.body);
      if (!over || (over.row === this.active.row && (whole || over.column === this.active.column))) return;
      this.anchor = start;
      this.select({ row: over.row, column: Math.max(0, over.column) }, { extend: true, whole });
    };
    window.addEventListener("pointerup", () => { this.body.onpointermove = null; }, { once: true });
  }

  /** Moves the active cell; with `extend` the selection grows from where it began. */
  select(cell, { extend = false, whole = false } = {}) {
    const last = { row: this.model.visible.length - 1, column: this.columns.length - 1 };
    if (last.row < 0) return;
    const next = { row: clamp(cell.row, last.row), column: clamp(cell.column, last.column) };
    if (extend) this.anchor ??= { ...this.active };
    else this.anchor = whole ? { ...next } : null;
    this.wholeRows = whole || (extend && this.wholeRows);
    this.active = next;
    this.activeKey = this.model.at(next.row)?.key || "";
    this.show();
    this.drawHead();
    this.draw();
    this.onSelect();
  }

  /** Scrolls just far enough for the active cell. */
  show() {
    const { scroller } = this;
    const top = this.active.row * ROW;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    const least = top + ROW + HEAD - scroller.clientHeight + 12;
    if (least > scroller.scrollTop) scroller.scrollTop = least;
    const widths = this.columns.map(([column, index]) => this.width(column, index));
    const left = widths.slice(0, this.active.column).reduce((sum, width) => sum + width, 0);
    const pinned = this.columns.findIndex(([column]) => column.title === this.pinned);
    const covered = pinned >= 0 && pinned < this.active.column ? widths[pinned] : 0;
    const by = this.direction;
    if (left - covered < scroller.scrollLeft * by) scroller.scrollLeft = (left - covered) * by;
    const right = left + widths[this.active.column] + NUMBERS - scroller.clientWidth;
    if (right > scroller.scrollLeft * by) scroller.scrollLeft = Math.min(left, right) * by;
  }

  /** Rows that a person selected as rows (by their numbers, or more than one): [row]. */
  selectedRows() {
    const [from, to] = this.range();
    if (!this.anchor || (!this.wholeRows && from.row === to.row)) return [];
    return this.model.visible.slice(from.row, to.row + 1).map((index) => this.model.rows[index]).filter((row) => !!row);
  }

  /** Shows a cell by row key and column title (and makes it blink once). Answers whether it could. */
  async jumpTo(key, title, position) {
    const index = key || position ? await this.model.find(key, position) : this.model.visible[0];
    const row = this.model.visible.indexOf(index);
    const column = this.columns.findIndex(([one]) => one.title === title);
    if (row < 0) return false;
    this.scroller.scrollTop = row * ROW - this.scroller.clientHeight / 3;
    this.select({ row, column: Math.max(0, column) });
    const cell = this.cellElement(row, Math.max(0, column));
    cell?.classList.add("blink");
    setTimeout(() => cell?.classList.remove("blink"), 1600);
    return true;
  }

  copy(event) {
    if (this.editor.open) return;
    const [from, to] = this.range();
    /** @type {string[]} */
    const lines = [];
    for (let place = from.row; place <= to.row; place += 1) {
      const cells = this.columns.filter((_, at) => this.wholeRows || (at >= from.column && at <= to.column));
      lines.push(cells.map(([, index]) => quoted(this.model.at(place)?.cells[index]?.shown || "")).join("\t"));
    }
    event.clipboardData?.setData("text/plain", lines.join("\n"));
    event.preventDefault();
  }

  paste(event) {
    const words = event.clipboardData?.getData("text/plain");
    if (this.editor.open || !words) return;
    event.preventDefault();
    if (this.model.at(this.active.row)?.fresh) this.editor.start(words.trim(), true);
    else this.bench?.paste(words);
  }

  /** The row's menu, by the mouse or by the keyboard's own key for it. */
  context(event) {
    if (!this.bench?.able) return;
    event.preventDefault();
    const cell = event.button === 2 && event.target instanceof Element ? this.cellOf(event.target) : null;
    const [from, to] = this.range();
    if (cell && (cell.row < from.row || cell.row > to.row)) {
      this.select({ row: cell.row, column: Math.max(0, cell.column) }, { whole: cell.column < 0 });
    }
    this.bench.rowMenu(this.cellElement(this.active.row, this.active.column) || this.scroller);
  }

  /** The menu of the active cell's column. */
  columnMenu() {
    const column = this.columns[this.active.column];
    const head = this.head.children[this.active.column + 1];
    if (this.bench?.able && column) this.bench.columnMenu(column[1], head || this.scroller);
  }

  /** Makes a place for a new row above that one, to type into. */
  insertAbove(row) {
    this.model.insert(row);
    this.shownRows.forEach((entry) => { entry.stale = true; });
    this.select({ row: this.model.visible.indexOf(FRESH), column: this.active.column });
    this.changed();
  }
}

function clamp(value, most) {
  return Math.max(0, Math.min(value, most));
}

function element(tag, name, attributes) {
  const made = document.createElement(tag);
  made.className = name;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

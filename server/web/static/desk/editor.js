// Editing one cell in its place. What was typed stays until the sheet has taken it or the person gives up.

import { h, render } from "../panel/dom.js";
import { problem } from "../panel/parts.js";
import { text } from "../panel/texts.js";

const LONG = 40;
const [NARROW, ROOMY] = [120, 360];
const T = text.grid;

/** The editor of a grid; `open` while somebody types. */
export class Editor {
  constructor(grid) {
    /** @type {import("./grid.js").Grid} */
    this.grid = grid;
    /** @type {any} what is being edited: row, column, index, value, failure, locked, busy */
    this.open = null;
    this.box = document.createElement("div");
    this.box.className = "editor";
  }

  /** Starts on the active cell, with its text or with what was typed; `save` at once clears or sets it. */
  start(typed = null, save = false) {
    const { grid } = this;
    const row = grid.model.at(grid.active.row);
    const [column, index] = grid.columns[grid.active.column] || [];
    if (!row || !column) return;
    const cell = row.cells[index];
    const locked = cell.locked || grid.bench?.may === false;
    this.open = { row, column, index, value: typed ?? cell.shown, failure: null, locked, busy: false };
    if (save && !locked) return void this.save();
    this.draw();
    const area = this.box.querySelector("textarea");
    area?.focus({ preventScroll: true });
    area?.setSelectionRange(area.value.length, area.value.length);
    grid.draw();
  }

  draw() {
    const { open, grid } = this;
    if (!open) {
      this.box.remove();
      return;
    }
    const long = open.value.length > LONG || open.value.includes("\n")
      || /^(Message|Reply|Note)\b/.test(open.column.title);
    render(this.box, open.locked
      ? h("p.locked-note", { role: "status", tabindex: "-1" },
        grid.bench?.may === false ? text.parts.mayNot.edit : T.locked)
      : h("textarea", {
        "aria-label": T.edit(open.row.fresh ? T.fresh : `${open.column.letter}${open.row.position}`, open.column.title), value: open.value,
          dir: "auto",
        rows: long ? "7" : "1", readOnly: open.busy, spellcheck: "true",
        oninput: (event) => { open.value = event.target.value; },
        onkeydown: (event) => this.key(event), onblur: () => this.left() }),
      !open.locked && long && h("p.keys", T.keysLong),
      problem(open.failure));
    this.box.classList.toggle("long", long);
    grid.body.append(this.box);
    this.place();
    if (open.locked) this.close(2600);
  }

  /** Over its cell, wherever that has moved. */
  place() {
    const { open, grid } = this;
    if (!open) return;
    const cell = grid.cellElement(grid.active.row, grid.active.column);
    if (!cell) return;
    const room = grid.scroller.clientWidth;
    const roomy = this.box.classList.contains("long") || open.locked;
    const wide = Math.max(cell.offsetWidth, roomy ? ROOMY : NARROW);
    const start = Math.min(grid.startOf(cell), Math.abs(grid.scroller.scrollLeft) + room - wide - 16);
    this.box.style.setProperty("top", `${grid.active.row * 30}px`);
    this.box.style.setProperty("inset-inline-start", `${Math.max(0, start)}px`);
    this.box.style.setProperty("width", `${wide}px`);
  }

  key(event) {
    event.stopPropagation();
    if (event.key === "Escape") {
      this.close();
    } else if (event.key === "Enter" && !event.altKey && !event.shiftKey) {
      this.save(1, 0);
    } else if (event.key === "Enter" && event.altKey) {
      const area = event.target;
      area.setRangeText("\n", area.selectionStart, area.selectionEnd, "end");
      this.open.value = area.value;
    } else if (event.key === "Tab") {
      this.save(0, event.shiftKey ? -1 : 1);
    } else {
      return;
    }
    event.preventDefault();
  }

  /** Clicking elsewhere saves, as in any spreadsheet; a text that was refused stays. */
  left() {
    if (this.open?.row.fresh && !this.open.value) this.close();
    else if (this.open && !this.open.busy && !this.open.failure && document.hasFocus()) this.save();
  }

  async save(down = 0, right = 0) {
    const { open, grid } = this;
    const before = open.row.cells[open.index].shown;
    if (open.busy) return;
    if (open.value === before) return void this.close(0, down, right);
    Object.assign(open, { busy: true, failure: null });
    try {
      if (open.row.fresh) {
        if (!(await grid.bench?.addRow(open.index, open.value))) return void this.stay(open, null);
      } else {
        await grid.model.edit(open.row, open.index, open.value);
      }
      if (this.open === open) this.close(0, down, right);
    } catch (failure) {
      this.stay(open, failure);
    }
  }

  /** What was typed stays, with what is wrong with it. */
  stay(open, failure) {
    const { grid } = this;
    if (this.open === open) {
      const same = (one) => (open.row.key ? one?.key === open.row.key : one?.position === open.row.position);
      const row = grid.model.rows.find(same);
      Object.assign(open, { busy: false, failure, row: row || open.row });
      this.draw();
      this.box.querySelector("textarea")?.focus();
    }
  }

  close(after = 0, down = 0, right = 0) {
    const { open, grid } = this;
    if (after) {
      setTimeout(() => this.open === open && this.close(), after);
      grid.scroller.focus({ preventScroll: true });
      return;
    }
    const typing = this.box.contains(document.activeElement);
    this.open = null;
    this.box.remove();
    if (typing) grid.scroller.focus({ preventScroll: true });
    if (down || right) grid.select({ row: grid.active.row + down, column: grid.active.column + right });
    else grid.draw();
  }
}

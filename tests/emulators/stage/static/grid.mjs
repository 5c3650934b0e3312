// The emulated spreadsheet as a table: cells as shown, what is selected, one cell's editor. Draws the whole tab anew.

const MOST_ROWS = 400;

/** A letter per column, as spreadsheets have it. */
export function letter(index) {
  return (index >= 26 ? letter(Math.floor(index / 26) - 1) : "") + String.fromCharCode(65 + (index % 26));
}

/** Shows one tab; `type(row, column, text)` is called for what a person types. Rows and columns count from 0. */
export class Grid {
  constructor(room, type, moved) {
    Object.assign(this, { room, type, moved });
    this.at = { row: 0, column: 0 };
    this.spans = [{ top: 0, left: 0, bottom: 0, right: 0 }];
    room.tabIndex = 0;
    room.addEventListener("mousedown", (event) => this.press(event));
    room.addEventListener("mouseover", (event) => event.buttons === 1 && this.place(event.target, true));
    room.addEventListener("dblclick", (event) => event.target.closest("td") && this.edit());
    room.addEventListener("keydown", (event) => this.key(event));
  }

  draw(sheet) {
    this.sheet = sheet;
    const columns = Array.from({ length: sheet.shownColumns }, (_, at) => at).filter((at) => !sheet.hiddenColumns.includes(at));
    const hidden = new Set([...sheet.hiddenByFilter, ...sheet.hiddenByUser]);
    const rows = Array.from({ length: Math.min(sheet.shownRows, MOST_ROWS) }, (_, at) => at).filter((at) => !hidden.has(at));
    this.room.querySelector("thead").replaceChildren(line([make("th"), ...columns.map((at) =>
      make("th", letter(at), { column: at }))]));
    this.room.querySelector("tbody").replaceChildren(...rows.map((row) => this.row(row, columns, hidden)));
    this.mark();
  }

  row(row, columns, hidden) {
    const made = line([make("th", row + 1, { row }), ...columns.map((column) => this.cell(row, column))]);
    made.classList.toggle("gap", hidden.has(row + 1));
    made.classList.toggle("frozen", row < this.sheet.frozenRows);
    return made;
  }

  cell(row, column) {
    const cell = this.sheet.cells[row]?.[column] || {};
    const made = make("td", cell.shown || "", { row, column });
    made.title = cell.note || cell.shown || "";
    made.classList.toggle("number", !!cell.number);
    made.classList.toggle("list", !!cell.list && row >= 1);
    made.style.background = cell.background || "";
    made.style.color = cell.colour || "";
    made.style.fontWeight = cell.bold ? "600" : "";
    return made;
  }

  /** The selection, with rows and columns from 1, as Apps Script counts. */
  ranges() {
    return this.spans.map((span) => ({ top: span.top + 1, left: span.left + 1, bottom: span.bottom + 1, right: span.right + 1 }));
  }

  select(spans) {
    this.spans = spans;
    this.at = { row: spans[0].top, column: spans[0].left };
    this.mark();
    this.room.querySelector("td.at")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.moved();
  }

  mark() {
    for (const cell of this.room.querySelectorAll("td")) {
      const row = Number(cell.dataset.row);
      const column = Number(cell.dataset.column);
      const inside = this.spans.some((one) => row >= one.top && row <= one.bottom && column >= one.left && column <= one.right);
      const single = this.spans.length === 1 && this.spans[0].top === this.spans[0].bottom && this.spans[0].left === this.spans[0].right;
      cell.classList.toggle("on", inside && !single);
      cell.classList.toggle("at", row === this.at.row && column === this.at.column);
    }
  }

  press(event) {
    if (event.target.closest("input")) return;
    this.place(event.target, event.shiftKey, event.ctrlKey || event.metaKey);
  }

  place(target, extend = false, more = false) {
    const cell = target.closest("td, th");
    if (!cell) return;
    const { row, column } = cell.dataset;
    const top = row === undefined ? 0 : Number(row);
    const left = column === undefined ? 0 : Number(column);
    const bottom = row === undefined ? this.sheet.rowCount - 1 : top;
    const right = column === undefined ? this.sheet.columnCount - 1 : left;
    const from = this.at;
    const span = extend
      ? { top: Math.min(from.row, top), left: Math.min(from.column, left), bottom: Math.max(from.row, bottom), right: Math.max(from.column, right) }
      : { top, left, bottom, right };
    if (extend) this.spans = [...this.spans.slice(0, -1), span];
    else this.select(more ? [span, ...this.spans] : [span]);
    this.mark();
    this.moved();
  }

  key(event) {
    if (event.target !== this.room) return;
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (step) {
      const row = Math.min(this.sheet.rowCount - 1, Math.max(0, this.at.row + step[0]));
      const column = Math.min(this.sheet.columnCount - 1, Math.max(0, this.at.column + step[1]));
      this.select([{ top: row, left: column, bottom: row, right: column }]);
    } else if (event.key === "Enter" || event.key === "F2") this.edit();
    else if (event.key === "Delete") this.type(this.at.row, this.at.column, "");
    else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) this.edit(event.key);
    else return;
    event.preventDefault();
  }

  /** An editor in the active cell; Enter keeps, Escape drops. */
  edit(start) {
    const cell = this.room.querySelector("td.at");
    if (!cell) return;
    const { row, column } = this.at;
    const input = make("input");
    input.value = start ?? this.sheet.cells[row]?.[column]?.shown ?? "";
    input.setAttribute("aria-label", `${letter(column)}${row + 1}`);
    cell.replaceChildren(input);
    this.editing = true;
    const end = (keep) => {
      if (!this.editing) return;
      this.editing = false;
      if (keep) this.type(row, column, input.value);
      this.draw(this.sheet);
      this.room.focus();
    };
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === "Escape") end(event.key === "Enter");
      event.stopPropagation();
    });
    input.addEventListener("blur", () => end(true));
    input.focus();
  }
}

function line(cells) {
  const made = document.createElement("tr");
  made.append(...cells);
  return made;
}

function make(tag, text = "", data = {}) {
  const made = document.createElement(tag);
  made.append(String(text));
  Object.assign(made.dataset, data);
  return made;
}

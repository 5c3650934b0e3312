// The desk: puts the live sheet, the panel and the mailbox on one page and keeps them in step.

import { Api } from "../panel/api.js";
import { h, render } from "../panel/dom.js";
import { recall, remember } from "../panel/memory.js";
import { mountPanel } from "../panel/panel.js";
import { choice, problem } from "../panel/parts.js";
import { text } from "../panel/texts.js";
import { Bench } from "./bench.js";
import { Grid } from "./grid.js";
import { MailboxDock } from "./mailbox.js";
import { Model } from "./model.js";

const T = text.desk;
const RECENT = 6;
const place = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
/** @type {{words: string, failure: import("../panel/api.js").Failure | null}} */
const notice = { words: "", failure: null };
/** @type {Schema.Session | null} */
let session = null;
/** @type {import("../panel/api.js").Failure | null} */
let lost = null;
/** @type {Schema.CampaignView | null} */
let current = null;

export const api = new Api();
const asked = new URLSearchParams(location.search);
api.path = { workbook: asked.get("workbook") || "", sheet: asked.get("sheet") || "" };

const model = new Model(api, sheetChanged, reachable);
const grid = new Grid(place("grid"), model, selected);
const bench = new Bench(api, grid, tell, () => {
  drawCellBar();
  drawFoot();
});
grid.bench = bench;
const host = {
  name: "desk",
  selection: () => {
    const keys = grid.selectedRows().map((row) => row.key);
    return { keys: keys.filter(Boolean), keyless: keys.filter((key) => !key).length };
  },
  selected: () => grid.selectedRows().length,
  keyed: () => model.poll(),
  reworded: () => location.reload(),
  jumpTo: async (key, column, position) =>
    tell({ words: (await grid.jumpTo(key, titleOf(column), position)) ? "" : T.notSeen }),
  rowNumber: (key) => model.rows.find((row) => row?.key === key)?.position,
  changed: (view) => {
    current = view;
    if (grid.pinned !== view.plan.name_column) {
      grid.pinned = view.plan.name_column; // the person stays in sight while the columns scroll by
      grid.changed();
    }
    model.poll();
    mailbox.load();
  },
};
const mailbox = new MailboxDock(place("mailbox"), api, watch);
const panel = mountPanel(place("panel"), host, api);
place("open").addEventListener("click", () => place("file").click());
render(place("open"), T.open);
place("open").title = T.openHint;
place("file").setAttribute("aria-label", T.openHint);
render(place("veil"), h("strong", T.drop));
learn();
model.poll();

/** The title that a role has in the sheet for the campaign on show. */
function titleOf(role) {
  return current?.columns[role] || role;
}

/** Brings the row of somebody who has just answered into sight, so that its cells are seen filling in. */
function watch(mail) {
  const row = model.rows.find((one) => one?.key && one.cells.some((cell) => cell.shown.includes(mail.to)));
  if (row) grid.jumpTo(row.key, titleOf("Flag"));
}

/** Another workbook or sheet; the address of the page says which, so that a reload comes back here. */
export function show({ workbook, sheet }, name = "") {
  api.path = { workbook, sheet };
  history.replaceState(null, "", `${location.pathname}?${new URLSearchParams(api.path)}`);
  if (name) {
    const others = recall("recent", []).filter((one) => one.workbook !== workbook);
    remember("recent", [{ workbook, name }, ...others].slice(0, RECENT));
  }
  grid.editor.close();
  bench.clear();
  grid.widths.clear();
  current = null;
  grid.pinned = "";
  grid.scroller.scrollTo(0, 0);
  model.clear();
  grid.changed();
  grid.select({ row: 0, column: 0 });
  panel.open(api.path);
  learn();
  model.poll();
}

async function learn() {
  const { path } = api;
  try {
    const learnt = await api.get("/api/session", path);
    if (path !== api.path) return; // another workbook is on show by now
    session = learnt;
    bench.may = learnt.may.includes("edit");
    bench.version = "";
    bench.learn();
    document.title = learnt.file_name ? `${learnt.file_name} · ${T.title}` : T.title;
  } catch (failure) {
    if (path !== api.path) return;
    if (failure.status) tell({ failure });
  }
  drawTop();
  drawFoot();
}

function sheetChanged() {
  bench.learn();
  grid.changed();
  grid.reveal(titleOf("Message"));
  drawFoot();
  drawCellBar();
}

function selected() {
  drawFoot();
  drawCellBar();
  panel.set({});
}

function reachable(failure) {
  const before = lost;
  lost = failure;
  if (before?.detail !== failure?.detail) drawTop();
  if (failure || !before) return;
  learn();
  if (panel.state.stop) panel.start();
}

/** @param {{words?: string, failure?: import("../panel/api.js").Failure | null}} said */
export function tell({ words = "", failure = null }) {
  Object.assign(notice, { words, failure });
  drawTop();
}

function drawTop() {
  const all = recall("recent", []);
  const isShown = (one) => one.workbook === session?.workbook;
  const recent = all.filter((one) => !isShown(one));
  render(place("name"),
    h("strong", { dir: "auto" }, all.find(isShown)?.name || session?.file_name || T.title),
    session?.workbook && !session.workbook.includes("://") && h("a.ghost.small.take-out", { href: `/api/workbooks/file?${
      new URLSearchParams({ workbook: session.workbook, sheet: session.sheet })}`, download: "", title: T.takeOutHint },
      T.takeOut),
    recent.length > 0 && choice("", [["", T.recent], ...recent.map((one) => [one.workbook, one.name])],
      (workbook) => workbook && show({ workbook, sheet: "" }), { class: "plain", "aria-label": T.recent }));
  const trouble = lost && lost.status !== 401 ? (lost.status ? lost.detail : T.lost) : "";
  render(place("notice"),
    trouble && h("p.problem", { role: "alert" }, trouble),
    problem(notice.failure),
    notice.words && h("p.note", { role: "status" }, notice.words),
    (notice.failure || notice.words) && h("button.ghost.small", { onclick: () => tell({}) }, T.dismiss));
}

function drawCellBar() {
  const row = model.at(grid.active.row);
  const [column, index] = grid.columns[grid.active.column] || [];
  const where = row && column ? (row.fresh ? `${column.letter} +` : `${column.letter}${row.position}`) : "";
  render(place("cellbar"),
    h("output.where", where),
    h("output.full", { dir: "auto" }, row?.cells[index]?.shown || ""),
    bench.able && h(".cell-tools",
      h("button.ghost.small", { "aria-haspopup": "menu", title: text.bench.columnHint, disabled: !column || bench.busy,
        onclick: (event) => bench.columnMenu(index, event.currentTarget) }, text.bench.column),
      h("button.ghost.small", { "aria-haspopup": "menu", title: text.bench.rowHint, disabled: bench.busy,
        onclick: (event) => bench.rowMenu(event.currentTarget) }, text.bench.row),
      h("button.ghost.small", { disabled: !bench.state.undo || bench.busy, title: text.bench.undoHint,
        onclick: () => bench.undo() }, text.bench.undo)));
  render(place("filters"), bench.chips());
}

function drawFoot() {
  const { hidden, total, columns, warnings, loaded } = model;
  const hiddenColumns = columns.filter((column) => column.hidden && !column.ours).length;
  const selection = grid.selectedRows().length;
  const facts = [
    hiddenColumns && text.grid.hiddenColumns(hiddenColumns),
    selection && text.grid.selected(selection),
  ];
  render(place("empty"), loaded && total === 0 && h("p", columns.length ? text.grid.empty : text.grid.noHeader));
  render(place("foot"),
    h(".tabs", { role: "group", "aria-label": T.sheets }, (session?.sheets || []).map((name) => h("button", {
      key: name, "aria-pressed": String(name === session?.sheet),
        onclick: () => show({ workbook: session?.workbook || "", sheet: name }) }, name))),
    h("span.grow"),
    warnings.length > 0 && h("details.notes",
      h("summary", text.grid.warnings(warnings.length)),
      h("ul", warnings.map((warning) => h("li", { key: warning }, warning)))),
    loaded && h("span.facts", text.grid.rows(total - hidden),
      hidden > 0 && [" · ", bench.able
        ? h("button.link", { title: text.bench.showThem, disabled: bench.busy, onclick: () => bench.showAll() },
          text.grid.hidden(hidden)) : text.grid.hidden(hidden)],
      facts.filter(Boolean).map((fact) => ` · ${fact}`).join("")));
}

// The stage: an emulated workbook, live, and beside it the task pane as Excel would show it.

import { Grid, letter } from "./grid.mjs";

const LOOK_MS = 400;
const TOLD_MS = 6000;
const place = (id) => document.getElementById(id);
const frame = document.querySelector("iframe");
/** `?nested`: an Excel that leaves the sign-in to MSAL.js, which opens a window where there is no bridge. */
const sets = new URLSearchParams(location.search).has("nested") ? { NestedAppAuth: "1.1" } : {};
const state = { book: null, active: "" };
const grid = new Grid(place("sheet"), (row, column, text) => act(() => type(row, column, text)), moved);

await look();
setInterval(() => grid.editing || look().catch(() => {}), LOOK_MS);
document.body.dataset.ready = "yes";
openPane();

/** Fetches the workbook if it has changed, and draws it. */
async function look() {
  const found = await call("GET", `/book?version=${state.book?.version ?? ""}`);
  if (found.unchanged) return;
  state.book = found;
  state.active ||= found.sheets[0].id;
  document.title = `${found.name} (emulated)`;
  place("title").textContent = found.name;
  drawTabs();
  if (!grid.editing) grid.draw(sheet());
  moved();
}

function sheet() {
  return state.book.sheets.find((one) => one.id === state.active) || state.book.sheets[0];
}

/** What the pane may ask. */
const answers = {
  book: async () => {
    await look();
    return {
      sets, url: state.book.url, active: state.active, selection: grid.spans,
      sheets: state.book.sheets.map(({ id, name, visibility, cells, hiddenByFilter, hiddenByUser, hiddenColumns }) => ({
        id, name, visibility, hiddenColumns, hiddenRows: [...hiddenByFilter, ...hiddenByUser],
        cells: cells.map((row) => row.map((cell) => cell.shown)),
      })),
    };
  },
  token: () => call("GET", "/token"),
  show: (effect) => {
    if (effect.active && effect.active !== state.active) turn(effect.active);
    if (effect.select) grid.select([effect.select]);
  },
};

addEventListener("message", async ({ source, data }) => {
  if (source !== frame.contentWindow || !(data.stage in answers)) return;
  const origin = new URL(state.book.pane).origin;
  try {
    source.postMessage({ id: data.id, answer: await answers[data.stage](data.given) }, origin);
  } catch (error) {
    source.postMessage({ id: data.id, failure: error.message }, origin);
  }
});

/** Tells the pane what a person did. */
function tell(event) {
  frame.contentWindow?.postMessage({ event }, "*");
}

function openPane() {
  place("sidebar").hidden = false;
  frame.src = state.book.pane;
}

function drawTabs() {
  const tabs = state.book.sheets.map((one) => {
    const tab = document.createElement("button");
    tab.textContent = one.name;
    tab.role = "tab";
    tab.ariaSelected = String(one.id === state.active);
    tab.addEventListener("click", () => turn(one.id));
    return tab;
  });
  const told = document.createElement("output");
  told.textContent = sheet().hiddenByFilter.length ? "Filter on" : "";
  place("tabs").replaceChildren(...tabs, told);
}

function turn(id) {
  state.active = id;
  drawTabs();
  grid.draw(sheet());
  grid.select([{ top: 0, left: 0, bottom: 0, right: 0 }]);
  tell("onActivated");
}

function moved() {
  const { row, column } = grid.at;
  place("where").textContent = `${letter(column)}${row + 1}`;
  place("content").value = sheet().cells[row]?.[column]?.typed ?? "";
}

/** Does something as a person at the sheet; what is refused is told. */
async function act(work, event = "onChanged") {
  try {
    await work();
    await look();
    tell(event);
  } catch (error) {
    const told = place("toast");
    told.textContent = error.message;
    told.hidden = false;
    setTimeout(() => (told.hidden = true), TOLD_MS);
  }
}

const title = () => sheet().cells[sheet().header]?.[grid.at.column]?.shown ?? "";
const type = (row, column, text) => call("POST", "/type", { sheet: state.active, address: `${letter(column)}${row + 1}`, text });
const sort = (ascending) => act(() => call("POST", "/sort", { column: title(), ascending }), "onRowSorted");
const hide = (rows) => act(() => call("POST", "/hide", { sheet: state.active, rows }), "onRowHiddenChanged");

place("open").addEventListener("click", openPane);
place("close").addEventListener("click", () => { place("sidebar").hidden = true; frame.src = "about:blank"; });
place("up").addEventListener("click", () => sort(true));
place("down").addEventListener("click", () => sort(false));
place("hide").addEventListener("click", () => hide(grid.spans.flatMap(({ top, bottom }) =>
  Array.from({ length: Math.min(bottom, 9999) - top + 1 }, (_, at) => top + at))));
place("show").addEventListener("click", () => hide([]));
place("filter").addEventListener("click", () => act(() => call("POST", "/filter",
  { column: title(), text: sheet().cells[grid.at.row]?.[grid.at.column]?.shown ?? "" }), "onRowHiddenChanged"));
place("clear").addEventListener("click", () => act(() => call("POST", "/clear", {}), "onRowHiddenChanged"));
place("content").addEventListener("keydown", (event) => event.key === "Enter"
  && act(() => type(grid.at.row, grid.at.column, place("content").value)));

async function call(method, address, body) {
  const answer = await fetch(address, { method, body: body && JSON.stringify(body) });
  const content = await answer.json();
  if (!answer.ok) throw new Error(content.detail);
  return content;
}

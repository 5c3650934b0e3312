// The stage: an emulated spreadsheet, live, and beside it the add-on as Google would show it.

import { Grid, letter } from "./grid.mjs";
import { run, serveScriptRun, withScriptRun } from "./script_run.mjs";

const LOOK_MS = 400;
const place = (id) => document.getElementById(id);
const asked = new URLSearchParams(location.search);
const addon = await call("GET", "/stage/addon");
const grid = new Grid(place("sheet"), (row, column, text) => act(() => type(row, column, text)), moved);
const kept = { cache: {}, triggers: [] };
const state = { book: null, sheetId: null, account: asked.get("account") || addon.accounts[0], effective: asked.get("effective") || "" };
state.effective ||= state.account;

await look();
setInterval(() => grid.editing || look().catch(() => {}), LOOK_MS);
fillAccounts();
serveScriptRun(place("sidebar").querySelector("iframe"), () => world(state.effective), show);
await menu("onOpen");
document.body.dataset.ready = "yes";
if (asked.has("open")) await menu("openPanel");

/** Fetches the spreadsheet if it has changed, and draws it. */
async function look() {
  const book = await call("GET", `/stage/book?account=${encodeURIComponent(state.account)}&cells=1&version=${state.book?.version ?? ""}`);
  if (book.unchanged) return;
  state.book = book;
  state.sheetId = sheet().sheetId;
  document.title = `${book.title} (emulated)`;
  place("title").textContent = book.title;
  drawTabs();
  drawShares();
  if (!grid.editing) grid.draw(sheet());
  moved();
}

function sheet() {
  return state.book.sheets.find((one) => one.sheetId === state.sheetId) || state.book.sheets[0];
}

/** The world of one execution of the .gs files, for an account: Google refuses one that can't open the sheet. */
async function world(account) {
  const refused = state.book.roles[account]
    ? "" : "We’re sorry, a server error occurred while reading from storage. Error code PERMISSION_DENIED.";
  const { token } = await call("GET", `/stage/token?account=${encodeURIComponent(account)}`);
  return { refused, sources: addon.sources, pages: addon.pages, user: account, language: navigator.language, authorised: true, token, kept,
    view: { sheetId: state.sheetId, ranges: grid.ranges() } };
}

/** A menu item runs as the account whose sheet this is, whoever else is signed in. */
async function menu(name) {
  place("menu").open = false;
  await act(async () => run(name, [], async () => ({ ...(await world(state.account)), authorised: name !== "onOpen" }), show));
}

/** What the add-on wants to be seen. */
function show(effect) {
  if (effect.menu) drawMenu(effect.menu);
  if (effect.sidebar) openSidebar(effect);
  if (effect.alert) alert(effect.title, effect.alert);
  if (effect.toast) toast(effect);
  if (effect.activate) {
    const { sheetId, ranges } = effect.activate;
    if (sheetId !== state.sheetId) turn(sheetId);
    grid.select(ranges.map((one) => ({ top: one.top - 1, left: one.left - 1, bottom: one.bottom - 1, right: one.right - 1 })));
  }
}

function openSidebar({ sidebar, title }) {
  const room = place("sidebar");
  room.hidden = false;
  room.querySelector("strong").textContent = title;
  room.querySelector("iframe").srcdoc = withScriptRun(sidebar);
}

function alert(title, words) {
  const dialog = place("alert");
  dialog.querySelector("h2").textContent = title;
  dialog.querySelector("p").textContent = words;
  dialog.showModal();
}

function toast(effect) {
  const told = place("toast");
  told.textContent = `${effect.title}: ${effect.toast}`;
  told.hidden = false;
  setTimeout(() => (told.hidden = true), effect.seconds * 1000);
}

function drawMenu(items) {
  place("menu").querySelector("ul").replaceChildren(...items.map((item) => {
    const entry = document.createElement("li");
    entry.append(item ? button(`Cellback: ${item.label}`, () => menu(item.call)) : document.createElement("hr"));
    return entry;
  }));
}

function drawTabs() {
  const tabs = state.book.sheets.map((one) => {
    const tab = button(one.title, () => turn(one.sheetId));
    tab.role = "tab";
    tab.ariaSelected = String(one.sheetId === state.sheetId);
    return tab;
  });
  const { filterViews, filtered } = sheet();
  const words = [filtered && "Filter on", filterViews.length && `Filter views: ${filterViews.join(", ")}`];
  const told = document.createElement("output");
  told.textContent = words.filter(Boolean).join(" · ");
  place("tabs").replaceChildren(...tabs, told);
}

function drawShares() {
  place("share").querySelector("ul").replaceChildren(...Object.entries(state.book.roles).map(([address, role]) => {
    const entry = document.createElement("li");
    entry.textContent = `${address}: ${role}`;
    return entry;
  }));
}

function turn(sheetId) {
  state.sheetId = sheetId;
  drawTabs();
  grid.draw(sheet());
  grid.select([{ top: 0, left: 0, bottom: 0, right: 0 }]);
}

function moved() {
  const { row, column } = grid.at;
  place("where").textContent = `${letter(column)}${row + 1}`;
  place("content").value = sheet().cells[row]?.[column]?.typed ?? "";
}

function fillAccounts() {
  for (const name of ["account", "effective"]) {
    const select = place(name);
    select.replaceChildren(...addon.accounts.map((address) => new Option(address, address)));
    select.value = state[name];
    select.addEventListener("change", () => {
      state[name] = select.value;
      if (name === "account") place("effective").value = state.effective = state.account;
      place("sidebar").hidden = true;
      act(look);
    });
  }
}

/** Does something as a person at the sheet; what is refused is told. */
async function act(work) {
  try {
    await work();
  } catch (error) {
    alert("That did not work", error.message);
  }
}

/** What a person does runs the triggers, what the API does runs none. */
const changed = () => kept.triggers.length && run("(change)", [], () => world(state.account), show);
const batch = (...requests) => call("POST", "/stage/batch", { account: state.account, requests }).then(look).then(changed);
const type = (row, column, text) => call("POST", "/stage/type", { account: state.account, sheetId: state.sheetId, row, column, text }).then(look).then(changed);

/** All rows below the header, in all columns: what a sort by a person takes along. */
function table() {
  const { sheetId, values, frozenRows } = sheet();
  return { sheetId, startRowIndex: frozenRows || 1, endRowIndex: values.length, startColumnIndex: 0,
    endColumnIndex: Math.max(...values.map((row) => row.length)) };
}

function sort(sortOrder) {
  return batch({ sortRange: { range: table(), sortSpecs: [{ dimensionIndex: grid.at.column, sortOrder }] } });
}

function rowsHidden(hiddenByUser, startIndex, endIndex) {
  const range = { sheetId: state.sheetId, dimension: "ROWS", startIndex, endIndex };
  return { updateDimensionProperties: { range, properties: { hiddenByUser }, fields: "hiddenByUser" } };
}

function filterOut() {
  const { row, column } = grid.at;
  const value = sheet().cells[row]?.[column]?.shown ?? "";
  const range = { ...table(), startRowIndex: table().startRowIndex - 1 };
  return batch({ setBasicFilter: { filter: { range, criteria: { [column]: { hiddenValues: [value] } } } } });
}

place("up").addEventListener("click", () => act(() => sort("ASCENDING")));
place("down").addEventListener("click", () => act(() => sort("DESCENDING")));
place("hide").addEventListener("click", () => act(() => batch(...grid.spans.map((one) => rowsHidden(true, one.top, one.bottom + 1)))));
place("show").addEventListener("click", () => act(() => batch(rowsHidden(false, 0, sheet().rowCount))));
place("filter").addEventListener("click", () => act(filterOut));
place("clear").addEventListener("click", () => act(() => batch({ clearBasicFilter: { sheetId: state.sheetId } })));
place("close").addEventListener("click", () => (place("sidebar").hidden = true));
place("content").addEventListener("keydown", (event) => event.key === "Enter"
  && act(() => type(grid.at.row, grid.at.column, place("content").value)));
place("share").querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const { address, role } = Object.fromEntries(new FormData(event.target));
  act(() => call("POST", "/stage/share", { address, role }).then(look));
});

function button(label, press) {
  const made = document.createElement("button");
  made.textContent = label;
  made.addEventListener("click", press);
  return made;
}

async function call(method, address, body) {
  const answer = await fetch(address, { method, body: body && JSON.stringify(body) });
  const content = await answer.json();
  if (!answer.ok) throw new Error(content.detail);
  return content;
}

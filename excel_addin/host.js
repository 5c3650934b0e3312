// The panel in Excel's task pane: reaches the sheet through Office.js, and the backend with a session that a token of
// Microsoft's is exchanged for.

import { Api, Failure } from "/static/panel/api.js";
import { mountPanel } from "/static/panel/panel.js";
import { speak } from "/static/panel/texts.js";
import { identity, SignInNeeded } from "./identity.js";
import * as rows from "./rows.js";

/** @typedef {{token: string, expires_in: number, who: string, workbook: string, sheet: string}} Session */

const READY_MS = 15000;
/** Sheets are looked at once for so many changes: at most one hint in this time. */
const HINT_MS = 4000;
const SOON_MS = 3000;

const root = /** @type {HTMLElement} */ (document.getElementById("panel"));
const { clientId = "", authority = "", scope = "", msal = "" } = root.dataset;
const registration = { clientId, authority, scope, msal };

/** @type {Session | null} */
let session = null;
/** @type {Promise<Session> | null} */
let coming = null;
/** A token that a person just signed in for. */
let given = "";
/** @type {{sheetId: string, sheetName: string} | null} */
let tab = null;
/** @type {typeof import("./help.js") | null} */
let help = null;
/** @typedef {{id: string, columns: Record<string, string>, plan?: {version?: number}}} View */

/** @type {View | null} */
let view = null;
/** Campaigns whose columns were looked at, with the titles and the plan that they had then. */
const dressed = new Set();
let watching = false;
let looked = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let hint;

/**
 * Does something in Excel; what fails there has a sentence.
 *
 * @template T
 * @param {() => Promise<T>} work
 */
async function ask(work) {
  try {
    return await work();
  } catch (error) {
    const type = error instanceof SignInNeeded ? "sign-in" : "excel";
    throw new Failure({ type, detail: /** @type {Error} */ (error).message });
  }
}

/** Waits for Excel. Throws a Failure when this is no Excel that we can work with. */
async function excel() {
  if (typeof Office === "undefined") throw new Failure({ type: "office", detail: "Without it Cellback can’t see the sheet." });
  const late = new Promise((resolve) => { setTimeout(resolve, READY_MS, null); });
  const info = await Promise.race([Office.onReady(), late]);
  if (!info || info.host !== Office.HostType.Excel) {
    throw new Failure({ type: "elsewhere", detail: "Cellback shows itself beside a workbook." });
  }
  if (!rows.supports(rows.LEAST)) {
    throw new Failure({ type: "old", detail: "It can’t tell which rows are visible." });
  }
}

/** The session's token; with `fresh` that of a new session. */
async function token(fresh = false) {
  if (fresh) session = null;
  coming ??= (session ? Promise.resolve(session) : arrive()).finally(() => { coming = null; });
  return (await coming).token;
}

/** In, with the workbook that is open and the tab in front. The backend finds the file by its address. */
async function arrive() {
  const url = Office.context.document.url || "";
  if (!/^https:\/\//i.test(url)) {
    throw new Failure({ type: "local", detail: "Cellback goes on working when Excel is closed, so it must reach the file itself." });
  }
  tab = await ask(rows.sheetNow);
  const accessToken = given || await ask(() => identity(registration));
  given = "";
  const entered = /** @type {Session} */ (await new Api(location.origin).post("/api/excel/session",
    { access_token: accessToken, document_url: url, worksheet_id: tab.sheetId }));
  session = entered;
  return entered;
}

/** With its own address named: what is said about a lost sign-in is then the backend's, not the desk's. */
const api = new Api(location.origin, token);

const host = {
  name: "excel",
  ready: async () => {
    await excel();
    await token();
    if (session) api.path = { workbook: session.workbook, sheet: session.sheet };
    if (!watching) rows.watch(changed, turned).catch(() => { watching = false; }); // the server looks by itself
    watching = true;
  },
  selection: () => named(rows.selection),
  visibleKeys: () => named(rows.visibleKeys),
  jumpTo: (/** @type {string} */ key, /** @type {string} */ column, /** @type {number | undefined} */ row) =>
    ask(() => rows.jumpTo(key, view?.columns[column] || column, row)),
  changed: (/** @type {object} */ next) => {
    view = /** @type {View} */ (next);
    dress(view).catch(() => {}); // a protected sheet, an older Excel: all works without colours
  },
  stopped: (/** @type {Failure} */ failure) => {
    if (help) return help.draw(failure, { again, signIn });
    speak("excel").then(() => import("./help.js")).then((module) => { help = module; panel.set({}); });
    return null;
  },
};

/**
 * Numbers of rows without a key go no further: only how many they are is of use.
 *
 * @param {() => Promise<{keys: string[], rows: number[]}>} work
 */
async function named(work) {
  const { keys, rows: keyless } = await ask(work);
  return { keys, keyless: keyless.length };
}

/**
 * Colours, words to choose from and notes for our columns: what the backend can't do in Excel.
 *
 * @param {View} campaign
 */
async function dress({ id, columns, plan }) {
  const mark = `${id} ${plan?.version} ${Object.values(columns || {}).join("|")}`;
  if (!columns?.Status || dressed.has(mark)) return;
  dressed.add(mark);
  const { LEAST, give } = await import("./dressing.js");
  if (!rows.supports(LEAST)) return;
  await give(id, /** @type {import("./dressing.js").Dress} */ (await api.get(`/api/campaigns/${id}/dress`)));
}

/** Somebody changed the sheet: the backend may look soon. Many changes are one hint. */
function changed() {
  hint ??= setTimeout(() => {
    hint = undefined;
    if (session) api.post("/api/sheet/changed", api.path).catch(() => {}); // it looks by itself anyway
  }, HINT_MS);
}

/** Another tab in front: its campaigns, unless something is being done for this one. */
async function turned() {
  if (!session || Object.values(panel.state.busy).some(Boolean)) return;
  const now = await rows.sheetNow().catch(() => null);
  if (!now || !session || now.sheetId === tab?.sheetId) return;
  session = null;
  panel.open(api.path);
}

/** From the door on. */
function again() {
  session = null;
  panel.start();
}

/** Straight from the press: only then may a window open. */
async function signIn() {
  const refused = /** @type {Failure | null} */ (panel.state.stop)?.type === "urn:cellback:sign-in";
  try {
    given = await ask(() => identity(registration, true, refused));
  } catch (failure) {
    panel.set({ stop: failure });
    return;
  }
  again();
}

const panel = mountPanel(root, host, api);

// Where Excel does not tell of another tab: when a person comes over.
document.addEventListener("pointerenter", () => {
  if (performance.now() - looked < SOON_MS) return;
  looked = performance.now();
  turned();
}, true);

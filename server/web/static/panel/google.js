// The panel in Google Sheets' sidebar: reaches the sheet through the add-on (`window.cellback`, Sidebar.html), and the
// backend with a session that Google's identity token is exchanged for.

import { Api, Failure } from "./api.js";
import { mountPanel } from "./panel.js";
import { speak } from "./texts.js";

const { backend, call } = /** @type {any} */ (window).cellback;
/** What `start()` of Api.gs told. @type {any} */
let here = null;
/** @type {Schema.GoogleSession | null} */
let session = null;
/** An arrival that is under way. @type {Promise<Schema.GoogleSession> | null} */
let coming = null;
/** How to explain a standstill. @type {typeof import("./google-help.js") | null} */
let help = null;
/** The campaign on show. @type {Schema.CampaignView | null} */
let view = null;

/** Runs a function of the add-on. */
async function ask(name, ...args) {
  try {
    return await call(name, ...args);
  } catch (error) {
    throw new Failure({ type: "google", detail: error.message });
  }
}

/** The session's token; with `fresh` that of a new session. */
async function token(fresh = false) {
  if (fresh) session = null;
  coming ??= (session ? Promise.resolve(session) : arrive()).finally(() => { coming = null; });
  return (await coming).token;
}

/** @returns {Promise<Schema.GoogleSession>} */
async function arrive() {
  const started = here;
  here ??= await ask("start");
  const identity = started ? await ask("identity") : here.identityToken;
  const entered = await enter(identity);
  if (here.account && here.account.toLowerCase() !== entered.who) {
    throw new Failure({ type: "accounts", shown: here.account, runs: entered.who });
  }
  session = entered;
  return entered;
}

/** In; if it must be, with a proof that this person may edit this spreadsheet. */
async function enter(identity, proven = false) {
  const door = new Api(backend);
  try {
    return await door.post("/api/google/session",
      { identity_token: identity, spreadsheet_id: here.spreadsheetId, sheet_id: here.sheetId });
  } catch (failure) {
    if (failure.type !== "urn:cellback:prove" || proven) throw failure;
    await ask("prove", failure.nonce);
    try {
      return await enter(identity, true);
    } finally {
      call("unprove", failure.nonce).catch(() => {}); // an old word proves nothing
    }
  }
}

/** Rows.gs names rows without a key by number: only how many they are is of use here. */
async function rows(name) {
  const { keys, rows: keyless } = await ask(name);
  return { keys, keyless: keyless.length };
}

const api = new Api(backend, token);
const host = {
  name: "google",
  ready: async () => {
    await token();
    if (session) api.path = { workbook: session.workbook, sheet: session.sheet };
  },
  selection: () => rows("selection"),
  visibleKeys: () => rows("visibleKeys"),
  jumpTo: (key, column, row) => ask("jumpTo", key, view?.columns[column] || column, row ?? 0),
  changed: (next) => { view = next; },
  stopped: (failure) => {
    if (help) return help.draw(panel, failure, { backend, connect: failure.connect || session?.connect || "", again });
    speak("google").then(() => import("./google-help.js")).then((module) => { help = module; panel.set({}); });
    return null;
  },
};
const panel = mountPanel(/** @type {HTMLElement} */ (document.getElementById("panel")), host, api);

/** From the door on: somebody shared the sheet, signed in, or just hopes. */
function again() {
  session = null;
  panel.start();
}

/** Another tab in front: its campaigns. */
async function look() {
  const tab = session && await call("sheetNow").catch(() => null);
  if (!tab || !session || tab.sheetId === here.sheetId) return;
  Object.assign(here, tab);
  session = null;
  panel.open(api.path);
}

import("./google-follow.js").then(({ follow }) => follow(panel, look));

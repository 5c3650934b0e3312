// The add-on's .gs files, against a spreadsheet in memory.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { execute } from "../emulators/stage/static/apps_script.mjs";
import { keys, mark, people, select, sources, tab, world } from "./world.js";

const NONCE = "n0nce-n0nce-n0nce-n0nce";

test("the menu is built before the user has agreed to anything", () => {
  const made = world([people()], { authorised: false });
  made.call("onOpen");
  const labels = made.shown.menu.map((item) => item && item.label);
  assert.deepEqual(labels, ["Open", "Visible rows…", "Hints on or off", null, "About"]);
  for (const item of made.shown.menu.filter(Boolean)) assert.match(Object.values(sources).join("\n"), new RegExp(`function ${item.call}\\(`));
});

test("installing builds the menu as opening does", () => {
  const made = world();
  made.call("onInstall");
  assert.equal(made.shown.menu.length, 5);
});

test("without the hints there is no menu item for them", () => {
  const made = world();
  const { "Hint.gs": _, ...others } = sources;
  execute(others, made, "onOpen", []);
  assert.ok(!made.shown.menu.some((item) => item?.call === "switchHints"));
});

/** A backend that answers as told; `asked` has what it was asked. */
function backend(made, ...answers) {
  const asked = [];
  made.fetch = (url, options) => {
    asked.push({ url, token: options.headers.Authorization, body: JSON.parse(options.payload) });
    const [status, body] = answers.shift();
    return { status, text: JSON.stringify(body) };
  };
  return asked;
}

const SESSION = { token: "session-1", workbook: "https://docs.google.com/spreadsheets/d/book-1", sheet: "gid:7" };

test("a change is told once hints are on, with a session and without any data", () => {
  const made = world([people({ sheetId: 7 })]);
  const asked = backend(made, [200, SESSION], [200, { changed: 1 }]);
  made.change();
  assert.deepEqual(asked, []);
  made.call("switchHints");
  assert.equal(made.shown.title, "Hints are on");
  made.change();
  assert.deepEqual(asked, [
    { url: "https://cellback.example.org/api/google/session", token: undefined,
      body: { identity_token: made.token, spreadsheet_id: "book-1", sheet_id: 7 } },
    { url: "https://cellback.example.org/api/sheet/changed", token: "Bearer session-1",
      body: { workbook: SESSION.workbook, sheet: "gid:7" } },
  ]);
});

test("many changes at once are one hint", () => {
  const made = world();
  const asked = backend(made, [200, SESSION], [200, { changed: 1 }]);
  made.call("switchHints");
  for (let at = 0; at < 30; at += 1) made.change();
  assert.equal(asked.length, 2);
  made.kept.cache.sheetChanged = 0;
  backend(made, [200, SESSION], [200, { changed: 1 }]);
  made.change();
});

test("a hint that is refused, or finds nobody, is of no consequence", () => {
  for (const answer of [[403, { type: "urn:cellback:prove" }], [500, {}]]) {
    const made = world();
    const asked = backend(made, answer);
    made.call("switchHints");
    made.change();
    assert.equal(asked.length, 1);
  }
  const made = world();
  made.fetch = () => { throw new Error("DNS error"); };
  made.call("switchHints");
  made.change();
});

test("hints are switched off again", () => {
  const made = world();
  made.call("switchHints");
  made.call("switchHints");
  assert.equal(made.shown.title, "Hints are off");
  assert.deepEqual(made.kept.triggers, []);
});

test("the sidebar carries the backend's address and the account, escaped", () => {
  const made = world([people()], { user: 'o"><script>@example.org' });
  made.call("openPanel");
  assert.equal(made.shown.title, "Cellback");
  assert.match(made.shown.sidebar, /data-backend="https:\/\/cellback\.example\.org"/);
  assert.match(made.shown.sidebar, /data-account="o&#34;&#62;&#60;script&#62;@example.org"/);
  assert.ok(!made.shown.sidebar.includes("<?"));
});

test("the sidebar is told the language that its user has at Google", () => {
  const made = world([people()], { language: "pt-BR" });
  made.call("openPanel");
  assert.match(made.shown.sidebar, /data-language="pt-BR"/);
});

test("start tells the panel which sheet this is and who asks", () => {
  const made = world([people({ sheetId: 7 })]);
  assert.deepEqual(made.call("start"), {
    spreadsheetId: "book-1", sheetId: 7, sheetName: "Contestants", title: "Saturday", locale: "en_GB",
    timeZone: "Europe/London", identityToken: made.token, account: "ana@example.org",
  });
});

test("without an identity token there is a sentence instead of a sign-in that fails", () => {
  assert.throws(() => world([people()], { token: "" }).call("start"), /no identity token.*agree when asked/);
});

test("the tab in front is told anew", () => {
  const made = world([people(), tab([["Other"]], { sheetId: 5, title: "Budget" })]);
  made.view.sheetId = 5;
  assert.deepEqual(made.call("sheetNow"), { sheetId: 5, sheetName: "Budget" });
});

test("a proof is written where every credential with access can read it, and taken away again", () => {
  const made = world();
  made.call("prove", NONCE);
  const [proof] = made.book.metadata;
  assert.deepEqual([proof.key, proof.value, proof.visibility], ["cellback-proof", NONCE, "DOCUMENT"]);
  assert.deepEqual(proof.location, { type: "SPREADSHEET" });
  made.call("unprove");
  assert.deepEqual(made.book.metadata, []);
});

test("two people prove themselves at once without taking each other's proof", () => {
  const made = world();
  made.call("prove", NONCE);
  made.call("prove", `${NONCE}-2`);
  made.call("unprove", NONCE);
  assert.deepEqual(made.book.metadata.map((one) => one.value), [`${NONCE}-2`]);
});

test("proofs that nobody took away do not pile up", () => {
  const made = world();
  for (let at = 0; at < 45; at += 1) made.call("prove", `${NONCE}-${at}`);
  assert.ok(made.book.metadata.length <= 20);
  assert.equal(made.book.metadata.at(-1).value, `${NONCE}-44`);
});

test("only what looks like a proof is ever written, and column marks stay when proofs go", () => {
  const made = mark(world(), 2, "key");
  for (const wrong of ["", "short", `${NONCE} `, "=HYPERLINK(\"https://example.org\")", "x".repeat(200), null]) {
    assert.throws(() => made.call("prove", wrong), /no proof/);
  }
  made.call("unprove");
  assert.equal(made.book.metadata.length, 1);
});

test("who may only look is told so in a sentence", () => {
  assert.throws(() => world([people()], { editable: false }).call("prove", NONCE), /not edit it.*make you an editor/);
});

test("selected rows are told by their keys, and by number where they have none", () => {
  const made = select(world(), [2, 3], [5, 5]);
  assert.deepEqual(made.call("selection"), { keys: [keys[0], keys[1]], rows: [5] });
});

test("a selected column means all rows but the header", () => {
  assert.deepEqual(select(world(), [1, 100]).call("selection"), { keys, rows: [5] });
});

test("overlapping selections count a row once", () => {
  assert.deepEqual(select(world(), [2, 3], [3, 3]).call("selection").keys, [keys[0], keys[1]]);
});

test("nothing selected is nothing", () => {
  assert.deepEqual(world().call("selection"), { keys: [], rows: [] });
});

test("rows that nobody sees are not selected, even in the middle of a selection", () => {
  const made = select(world([people({ hiddenByFilter: [1], hiddenByUser: [2] })]), [1, 100]);
  assert.deepEqual(made.call("selection"), { keys: [keys[2]], rows: [5] });
});

test("visible rows are those that neither a filter nor a person hides", () => {
  const made = world([people({ hiddenByFilter: [1], hiddenByUser: [2] })]);
  assert.deepEqual(made.call("visibleKeys"), { keys: [keys[2]], rows: [5] });
  made.call("tellVisibleRows");
  assert.match(made.shown.alert, /^2 of 4 rows are visible: 1 hidden by the filter, 1 hidden by hand\./);
});

test("a row that is hidden twice is counted once", () => {
  const made = world([people({ hiddenByFilter: [1], hiddenByUser: [1] })]);
  made.call("tellVisibleRows");
  assert.match(made.shown.alert, /^3 of 4 rows are visible: 1 hidden by the filter\./);
});

test("with nothing hidden, all rows are visible", () => {
  const made = world();
  made.call("tellVisibleRows");
  assert.match(made.shown.alert, /^All 4 rows are visible\./);
});

test("empty rows between people, and rows that hold but a key, are no rows", () => {
  const made = world([tab([["Name", "Row key"], ["Ana", keys[0]], ["", ""], ["  ", keys[1]], ["Ben", keys[2]]])]);
  assert.deepEqual(made.call("visibleKeys"), { keys: [keys[0], keys[2]], rows: [] });
});

test("an empty tab has no rows", () => {
  assert.deepEqual(world([tab([])]).call("visibleKeys"), { keys: [], rows: [] });
});

test("before there are keys, rows go by their numbers below the header", () => {
  const values = [["Spring meeting", ""], ["Name", "Start"], ["Ana", "9:00"], ["Ben", "9:10"]];
  assert.deepEqual(world([tab(values, { frozenRows: 2 })]).call("visibleKeys").rows, [3, 4]);
  assert.deepEqual(world([tab([["", ""], ...values.slice(1)])]).call("visibleKeys").rows, [3, 4]);
});

test("the key column is found by its mark when somebody renamed or moved it", () => {
  const made = mark(world([tab([["Row key", "Name", "internal"], ["notes", "Ana", keys[0]]])]), 2, "key");
  assert.deepEqual(made.call("visibleKeys"), { keys: [keys[0]], rows: [] });
});

test("what merely stands in the key column is no key", () => {
  const made = world([tab([["Name", "Row key"], ["Ana", "call her"], ["Ben", keys[1]]])]);
  assert.deepEqual(made.call("visibleKeys"), { keys: [keys[1]], rows: [2] });
});

test("a jump goes to the cell of a key and a title, wherever a sort has put the row", () => {
  const made = world();
  assert.deepEqual(made.call("jumpTo", keys[1], "status"), { found: true, hidden: false });
  assert.deepEqual(made.shown.activate, { sheetId: 0, ranges: [{ top: 3, left: 2, bottom: 3, right: 2 }] });
  made.book.sheets[0].values.reverse();
  made.book.sheets[0].values.unshift(made.book.sheets[0].values.pop());
  made.call("jumpTo", keys[1], "Status");
  assert.equal(made.shown.activate.ranges[0].top, 4);
});

test("a jump follows the mark of a column whose title was changed", () => {
  const made = mark(world([tab([["Name", "State of play", "Row key"], ["Ana", "", keys[0]]])]), 1, "c_1:Status");
  made.call("jumpTo", keys[0], "c_1:Status");
  assert.equal(made.shown.activate.ranges[0].left, 2);
});

test("a jump finds the row on another tab", () => {
  const made = world([tab([["Budget"]], { sheetId: 5 }), people({ sheetId: 6 })]);
  assert.equal(made.call("jumpTo", keys[2], "Name").found, true);
  assert.equal(made.shown.activate.sheetId, 6);
});

test("a jump says when the row is hidden, and when it is gone", () => {
  const made = world([people({ hiddenByFilter: [1] })]);
  assert.deepEqual(made.call("jumpTo", keys[0], "Status"), { found: true, hidden: true });
  assert.match(made.shown.toast, /filter or somebody hides it/);
  assert.deepEqual(made.call("jumpTo", "r_zzzzzzzzzz", "Status"), { found: false, hidden: false });
  assert.match(made.shown.toast, /not in the sheet any more/);
});

test("a row without a key is found by its number; an unknown column leads to the first one", () => {
  const made = world();
  assert.deepEqual(made.call("jumpTo", "", "No such column", 5), { found: true, hidden: false });
  assert.deepEqual(made.shown.activate.ranges, [{ top: 5, left: 1, bottom: 5, right: 1 }]);
});

test("about names the backend, the account and the audience that the operator has to set", () => {
  const made = world();
  made.call("about");
  assert.match(made.shown.alert, /https:\/\/cellback\.example\.org/);
  assert.match(made.shown.alert, /ana@example\.org/);
  assert.match(made.shown.alert, /GOOGLE_IDENTITY_AUDIENCE=42\.apps\.googleusercontent\.com/);
});

test("private functions can't be called from the page", () => {
  assert.throws(() => world().call("proofs_"), /not found/);
});

test("the manifest asks for no more than the code uses", () => {
  const manifest = JSON.parse(readFileSync(new URL("../../sheets_addon/appsscript.json", import.meta.url), "utf8"));
  const uses = { openid: "getIdentityToken", "userinfo.email": "getEmail", "spreadsheets.currentonly": "getActiveSpreadsheet",
    "script.container.ui": "getUi", "script.external_request": "UrlFetchApp", "script.scriptapp": "newTrigger" };
  const code = Object.entries(sources).filter(([name]) => name !== "Hint.gs").map(([, text]) => text).join("\n");
  const needed = Object.keys(uses).filter((scope) => code.includes(uses[scope]));
  assert.deepEqual(manifest.oauthScopes.map((scope) => scope.split("/").at(-1)).sort(), needed.sort());
});

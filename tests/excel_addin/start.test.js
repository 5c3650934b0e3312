// What happens before the panel is loaded.

import assert from "node:assert/strict";
import { test } from "node:test";
import { office } from "./office.mjs";

/** Starts the pane in that Excel, or outside of any; answers what the page's language became. */
async function language(world) {
  const documentElement = { dataset: {} };
  globalThis.document = { documentElement };
  globalThis.Office = world && office({ sets: {}, ...world }).Office;
  const panel = import(`../../excel_addin/start.js?${JSON.stringify(world)}`);
  await assert.rejects(panel, /static|host/); // the panel itself is a page's
  return documentElement.dataset.language;
}

test("the panel speaks the language of Excel", async () => {
  assert.equal(await language({ language: "de-DE" }), "de-DE");
});

test("without Excel, or one that does not say, the browser's language stands", async () => {
  assert.equal(await language(undefined), undefined);
  assert.equal(await language({ language: "" }), undefined);
});

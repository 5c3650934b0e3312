// excel_addin/identity.js: which way in there is, what is shown to a person, and what they are told.

import assert from "node:assert/strict";
import { test } from "node:test";
import { office } from "./office.mjs";

const REGISTRATION = { clientId: "client", authority: "https://login.example/tenant", scope: "api://host/client/access_as_user", msal: "sha384-x" };
const BOTH = { NestedAppAuth: "1.1", IdentityAPI: "1.3" };
let count = 0;

/** A fresh identity.js in such an Excel. `msal` are the answers of MSAL.js; null where it is not installed. */
async function excel({ sets = BOTH, msal = null, token = () => assert.fail("Office was asked") } = {}) {
  const asked = [];
  const answer = async (name, ask) => {
    asked.push(name);
    const outcome = msal[name];
    if (outcome instanceof Error) throw outcome;
    return { accessToken: outcome, scopes: ask.scopes };
  };
  const application = {
    acquireTokenSilent: (ask) => answer("silent", ask),
    acquireTokenPopup: (ask) => answer("popup", ask),
    getAllAccounts: () => [],
  };
  const library = { createNestablePublicClientApplication: async (configuration) => {
    asked.push(configuration);
    if (msal.start) throw msal.start;
    return application;
  } };
  globalThis.window = { msal: msal ? library : undefined };
  globalThis.location = new URL("https://cellback.example.org/excel/taskpane");
  globalThis.document = {
    createElement: () => ({}),
    head: { append: (script) => { asked.push(script.src, script.integrity); queueMicrotask(msal ? script.onload : script.onerror); } },
  };
  globalThis.Office = office({ sets, token }).Office;
  return { ...(await import(`../../excel_addin/identity.js?${(count += 1)}`)), asked };
}

const coded = (errorCode) => Object.assign(new Error("x"), { errorCode });
const numbered = (code) => () => { throw Object.assign(new Error("x"), { code }); };

test("nested sign-in answers without a word to the person", async () => {
  const { identity, asked } = await excel({ msal: { silent: "token" } });
  assert.equal(await identity(REGISTRATION), "token");
  assert.deepEqual(asked.slice(0, 2), ["/excel/msal.js", "sha384-x"]);
  assert.deepEqual(asked[2].auth, { clientId: "client", authority: "https://login.example/tenant",
    redirectUri: "https://cellback.example.org/excel/signed-in", knownAuthorities: ["login.example"] });
  assert.equal(asked.includes("popup"), false);
});

test("the library is fetched and started once", async () => {
  const { identity, asked } = await excel({ msal: { silent: "token" } });
  await identity(REGISTRATION);
  await identity(REGISTRATION);
  assert.equal(asked.filter((one) => one === "/excel/msal.js").length, 1);
});

test("no window opens before somebody presses Sign in", async () => {
  const { identity, SignInNeeded, asked } = await excel({ msal: { silent: coded("interaction_required"), popup: "token" } });
  await assert.rejects(identity(REGISTRATION), SignInNeeded);
  assert.equal(asked.includes("popup"), false);
  assert.equal(await identity(REGISTRATION, true), "token");
});

test("what the backend could do nothing with is not offered again: the press asks Microsoft anew", async () => {
  const { identity, asked } = await excel({ msal: { silent: "the same", popup: "new" } });
  assert.equal(await identity(REGISTRATION, true, true), "new");
  assert.equal(asked.includes("silent"), false);
  assert.equal(await identity(REGISTRATION, false, true), "the same");
});

for (const [code, says] of [["user_cancelled", /closed/], ["popup_window_error", /pop-ups/], ["consent_required", /administrator/],
  ["server_error", /server_error/]]) {
  test(`a sign-in that fails by ${code} is explained and can be tried again`, async () => {
    const { identity, SignInNeeded } = await excel({ msal: { silent: coded("no_account_error"), popup: coded(code) } });
    await assert.rejects(identity(REGISTRATION, true), (error) => error instanceof SignInNeeded && says.test(error.message));
  });
}

test("where the library is not installed, or does not start, Office signs in", async () => {
  for (const msal of [null, { start: new Error("no bridge") }]) {
    const { identity } = await excel({ msal, token: () => "office token" });
    assert.equal(await identity(REGISTRATION), "office token");
  }
});

test("an Excel without nested sign-in does not even fetch the library", async () => {
  const { identity, asked } = await excel({ sets: { IdentityAPI: "1.3" }, token: () => "office token" });
  assert.equal(await identity(REGISTRATION), "office token");
  assert.deepEqual(asked, []);
});

test("Office's prompts come only after a press", async () => {
  const options = [];
  const { identity } = await excel({ sets: { IdentityAPI: "1.3" }, token: (given) => { options.push(given); return "t"; } });
  await identity(REGISTRATION);
  await identity(REGISTRATION, true);
  assert.deepEqual(options, [{ allowSignInPrompt: false, allowConsentPrompt: false }, { allowSignInPrompt: true, allowConsentPrompt: true }]);
});

for (const [code, press, says] of [[13001, true, /who you are/], [13002, true, /who you are/], [13003, false, /work or school/],
  [13012, false, /Excel on the web/], [13008, true, /13008/]]) {
  test(`Office's error ${code} ${press ? "asks for a press" : "is final"}`, async () => {
    const { identity, SignInNeeded } = await excel({ sets: { IdentityAPI: "1.3" }, token: numbered(code) });
    await assert.rejects(identity(REGISTRATION), (error) => (error instanceof SignInNeeded) === press && says.test(error.message));
  });
}

test("an Excel that has neither says what to do", async () => {
  const { identity } = await excel({ sets: { ExcelApi: "1.7" } });
  await assert.rejects(identity(REGISTRATION), /update Excel/);
});

test("a backend that is not set up says what is missing", async () => {
  const { identity, asked } = await excel({ msal: { silent: "token" } });
  await assert.rejects(identity({ ...REGISTRATION, clientId: "" }), /MSGRAPH_CLIENT_ID/);
  assert.deepEqual(asked, []);
});

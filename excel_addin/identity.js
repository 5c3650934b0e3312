// Who is at the sheet: an access token for our own backend, by nested app authentication, else by Office itself.

/** Somebody has to press a button before a sign-in may open. The sentence says why. */
export class SignInNeeded extends Error {}

/**
 * What the page says about our app registration. `msal` is the digest of the one build of MSAL.js that may run.
 * @typedef {{clientId: string, authority: string, scope: string, msal: string}} Registration
 */

/** The part of MSAL.js that is used here.
 * @typedef {{accessToken: string}} Result
 * @typedef {{scopes: string[], account?: object}} Ask
 * @typedef {{acquireTokenSilent: (ask: Ask) => Promise<Result>, acquireTokenPopup: (ask: Ask) => Promise<Result>,
 *   getAllAccounts: () => object[]}} Application
 * @typedef {{createNestablePublicClientApplication: (configuration: object) => Promise<Application>}} Msal
 */

const MSAL = "/excel/msal.js";
const SIGNED_IN = "/excel/signed-in";
const USUAL = "login.microsoftonline.com";

/** Numbers of Office's own sign-in: those that a person can do something about by signing in. */
const PRESS = new Set([13001, 13002, 13005, 13006, 13007, 13010]);

/** @type {Promise<Application> | null} */
let application = null;

/**
 * An access token for the backend. Without `pressed` nothing is shown to anybody.
 *
 * Throws SignInNeeded, or an Error with a sentence when signing in can't help.
 *
 * @param {Registration} registration
 * @param {boolean} [pressed] a person pressed "Sign in" just now, so that a window may open
 * @param {boolean} [refused] the backend could do nothing with what was to be had silently: ask Microsoft anew
 */
export async function identity(registration, pressed = false, refused = false) {
  if (!registration.clientId) {
    throw new Error("Whoever runs Cellback has not set it up for Excel yet: MSGRAPH_CLIENT_ID is missing.");
  }
  const nested = isSupported("NestedAppAuth", "1.1") && (await nestable(registration));
  if (nested) return byMsal(nested, registration, pressed, refused);
  if (isSupported("IdentityAPI", "1.3")) return byOffice(pressed);
  throw new Error("This Excel can’t sign you in to Cellback. Open the workbook in Excel on the web, or update Excel.");
}

/**
 * @param {string} set
 * @param {string} version
 */
function isSupported(set, version) {
  return Office.context.requirements.isSetSupported(set, version);
}

/**
 * The application of MSAL.js; null where its file is not installed, or its start failed.
 *
 * @param {Registration} registration
 */
async function nestable({ clientId, authority, msal }) {
  application ??= load(msal).then((library) => library.createNestablePublicClientApplication({
    auth: { clientId, authority, redirectUri: new URL(SIGNED_IN, location.href).href, knownAuthorities: known(authority) },
    cache: { cacheLocation: "sessionStorage" },
    // In a browser without the bridge a window opens. Its answer is looked for there: a BroadcastChannel of a page
    // inside Excel's page does not reach a window of its own.
    system: { enableLegacyPolling: true },
  }));
  try {
    return await application;
  } catch {
    application = null;
    return null;
  }
}

/** Another authority than Microsoft's usual one is the operator's word: nobody else is asked about it. @param {string} authority */
function known(authority) {
  const { host } = new URL(authority);
  return host === USUAL ? [] : [host];
}

/**
 * @param {string} integrity
 * @return {Promise<Msal>}
 */
function load(integrity) {
  return new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src: MSAL, integrity });
    script.onload = () => resolve(/** @type {{msal: Msal}} */ (/** @type {unknown} */ (window)).msal);
    script.onerror = () => reject(new Error(MSAL));
    document.head.append(script);
  });
}

/**
 * @param {Application} nested
 * @param {Registration} registration
 * @param {boolean} pressed
 * @param {boolean} refused
 */
async function byMsal(nested, { scope }, pressed, refused) {
  const ask = { scopes: [scope], account: nested.getAllAccounts()[0] };
  try {
    if (!(pressed && refused)) return (await nested.acquireTokenSilent(ask)).accessToken;
  } catch (error) {
    if (!pressed) throw new SignInNeeded("Cellback has to know who you are before it works on this workbook.", { cause: error });
  }
  try {
    return (await nested.acquireTokenPopup(ask)).accessToken;
  } catch (error) {
    const { errorCode = "" } = /** @type {{errorCode?: string}} */ (error);
    throw new SignInNeeded(refusal(errorCode), { cause: error });
  }
}

/** @param {string} code of MSAL.js */
function refusal(code) {
  if (/user_cancel/.test(code)) return "The sign-in was closed before it was through.";
  if (/popup_window|empty_window/.test(code)) return "The browser kept the sign-in window from opening. Allow pop-ups for this site.";
  if (/consent|access_denied/.test(code)) return "Your organisation has not agreed to Cellback yet. Its administrator can.";
  return `Microsoft did not sign you in (${code || "no reason given"}).`;
}

/** @param {boolean} pressed */
async function byOffice(pressed) {
  try {
    return await Office.auth.getAccessToken({ allowSignInPrompt: pressed, allowConsentPrompt: pressed });
  } catch (error) {
    const { code = 0 } = /** @type {{code?: number}} */ (error);
    if (code === 13003) {
      throw new Error("Cellback needs a work or school account: Excel is signed in with another kind.", { cause: error });
    }
    if (code === 13012) {
      throw new Error("This Excel can’t sign you in to Cellback. Open the workbook in Excel on the web.", { cause: error });
    }
    if (PRESS.has(code)) {
      throw new SignInNeeded("Cellback has to know who you are before it works on this workbook.", { cause: error });
    }
    throw new SignInNeeded(`Office did not sign you in (error ${code}).`, { cause: error });
  }
}

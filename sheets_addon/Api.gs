/** What the panel asks Google for: which sheet this is, who the user is, and the proof that they may edit it. */

/** Key of the spreadsheet's own metadata that holds a proof. The backend looks for it with its own credential. */
const PROOF_KEY = 'cellback-proof';

/** So many unfinished sign-ins may lie about (closed sidebars) before the next one clears them away. */
const MOST_PROOFS = 20;

/** What the backend hands out as a proof: letters, digits, `-` and `_`. Nothing else is ever written. */
const NONCE = /^[\w-]{16,128}$/;

/**
 * All that the panel needs at its start, in one call.
 *
 * @return {{spreadsheetId: string, sheetId: number, sheetName: string, title: string, locale: string,
 *   timeZone: string, identityToken: string, account: string}}
 */
function start() {
  const spreadsheet = SpreadsheetApp.getActiveSpreadsheet();
  return {
    spreadsheetId: spreadsheet.getId(),
    ...sheetNow(),
    title: spreadsheet.getName(),
    locale: spreadsheet.getSpreadsheetLocale(),
    timeZone: spreadsheet.getSpreadsheetTimeZone(),
    identityToken: identity(),
    account: Session.getEffectiveUser().getEmail(),
  };
}

/** A fresh identity token of the user, good for about an hour; the backend swaps it for a session. */
function identity() {
  const token = ScriptApp.getIdentityToken();
  if (!token) {
    throw new Error('Google gave no identity token. Open the sheet again, choose Cellback → Open and agree when asked.');
  }
  return token;
}

/** The tab in front. */
function sheetNow() {
  const sheet = SpreadsheetApp.getActiveSheet();
  return { sheetId: sheet.getSheetId(), sheetName: sheet.getName() };
}

/**
 * Writes a nonce into the spreadsheet's metadata, under the user's own authority: only an editor can.
 *
 * Another person's proof stays where it is: two people may sign in at once.
 *
 * @param {string} nonce from the backend
 */
function prove(nonce) {
  if (!NONCE.test(nonce)) throw new Error('This is no proof that Cellback hands out. Nothing was written.');
  const spreadsheet = SpreadsheetApp.getActiveSpreadsheet();
  const waiting = proofs_(spreadsheet);
  if (waiting.length >= MOST_PROOFS) waiting.forEach((proof) => proof.remove());
  try {
    spreadsheet.addDeveloperMetadata(PROOF_KEY, nonce, SpreadsheetApp.DeveloperMetadataVisibility.DOCUMENT);
  } catch (error) {
    throw new Error('You can look at this sheet but not edit it, so Cellback can’t work on it for you. ' +
      'Ask its owner to make you an editor.', { cause: error });
  }
}

/**
 * Takes the proof away again.
 *
 * @param {string} [nonce] only this one; without it, all
 */
function unprove(nonce) {
  proofs_(SpreadsheetApp.getActiveSpreadsheet())
    .filter((proof) => !nonce || proof.getValue() === nonce)
    .forEach((proof) => proof.remove());
}

/** @param {GoogleAppsScript.Spreadsheet.Spreadsheet} spreadsheet */
function proofs_(spreadsheet) {
  return spreadsheet.createDeveloperMetadataFinder()
    .withLocationType(SpreadsheetApp.DeveloperMetadataLocationType.SPREADSHEET)
    .withKey(PROOF_KEY)
    .find();
}

/**
 * Optional (`python -m server addon FOLDER --hint`): tells Cellback that somebody changed the sheet, so that it looks
 * sooner. Only a hint, without any data: Cellback looks by itself anyway, and what it does rests on what it reads then.
 */

const HINT_HANDLER = 'sheetChanged';

/** Changes within so many seconds after a hint are left to Cellback's own looking. */
const HINT_PAUSE_SECONDS = 20;

/** Switches the hints of this user for this spreadsheet on, or off again. They run as this user. */
function switchHints() {
  const ui = SpreadsheetApp.getUi();
  const spreadsheet = SpreadsheetApp.getActiveSpreadsheet();
  const ours = ScriptApp.getUserTriggers(spreadsheet).filter((one) => one.getHandlerFunction() === HINT_HANDLER);
  if (ours.length) {
    ours.forEach((one) => ScriptApp.deleteTrigger(one));
    ui.alert('Hints are off', 'Cellback looks at the sheet by itself, as before.', ui.ButtonSet.OK);
  } else {
    ScriptApp.newTrigger(HINT_HANDLER).forSpreadsheet(spreadsheet).onChange().create();
    ui.alert('Hints are on', 'Cellback is told when somebody changes this sheet. It is told nothing else.', ui.ButtonSet.OK);
  }
}

/**
 * Runs after a change, as whoever switched hints on. Whatever goes wrong here is of no consequence, and nobody is told.
 *
 * @param {{source: GoogleAppsScript.Spreadsheet.Spreadsheet}} event
 */
function sheetChanged(event) {
  const cache = CacheService.getDocumentCache();
  if (cache && cache.get(HINT_HANDLER)) return;
  if (cache) cache.put(HINT_HANDLER, 'told', HINT_PAUSE_SECONDS);
  try {
    const session = post_('/api/google/session', {
      identity_token: ScriptApp.getIdentityToken(),
      spreadsheet_id: event.source.getId(),
      sheet_id: event.source.getActiveSheet().getSheetId(),
    });
    if (session) post_('/api/sheet/changed', { workbook: session.workbook, sheet: session.sheet }, session.token);
  } catch (error) {
    console.info('No hint was given: %s', error);
  }
}

/**
 * @param {string} address
 * @param {object} body
 * @param {string} [token]
 * @return {any} the answer, or null for a refusal
 */
function post_(address, body, token) {
  const answer = UrlFetchApp.fetch(BACKEND + address, {
    method: 'post',
    contentType: 'application/json',
    payload: JSON.stringify(body),
    headers: token ? { Authorization: `Bearer ${token}` } : {},
    muteHttpExceptions: true,
    followRedirects: false,
  });
  return answer.getResponseCode() === 200 ? JSON.parse(answer.getContentText()) : null;
}

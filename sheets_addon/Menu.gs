/** The menu under Extensions, and what it opens. */

/** Runs when a sheet is opened. May only build the menu: until the user agrees, nothing else is allowed. */
function onOpen() {
  const menu = SpreadsheetApp.getUi()
    .createAddonMenu()
    .addItem('Open', 'openPanel')
    .addItem('Visible rows…', 'tellVisibleRows');
  if (typeof switchHints === 'function') menu.addItem('Hints on or off', 'switchHints');
  menu.addSeparator().addItem('About', 'about').addToUi();
}

/** Runs once, when the add-on is installed into a sheet that is open. */
function onInstall() {
  onOpen();
}

/**
 * Opens the sidebar; an open one is replaced, which is how the page's own “Try again” works.
 *
 * The page is told who the user is here, where Google always knows: with two accounts signed in, the page's later
 * calls may run as somebody else.
 */
function openPanel() {
  const page = HtmlService.createTemplateFromFile('Sidebar');
  page.backend = BACKEND;
  page.account = Session.getEffectiveUser().getEmail();
  page.language = Session.getActiveUserLocale();
  SpreadsheetApp.getUi().showSidebar(page.evaluate().setTitle('Cellback'));
}

/** Says how many rows a campaign to “visible rows” would reach now, and what is left out. */
function tellVisibleRows() {
  const ui = SpreadsheetApp.getUi();
  const { all, byFilter, byHand } = countVisible();
  const visible = all - byFilter - byHand;
  const hidden = [
    byFilter && `${byFilter} hidden by the filter`,
    byHand && `${byHand} hidden by hand`,
  ].filter(Boolean).join(', ');
  const sentence = hidden ? `${visible} of ${all} rows are visible: ${hidden}.` : `All ${all} rows are visible.`;
  ui.alert('Visible rows', `${sentence}\n\nRows that only your own filter view hides count as visible.`, ui.ButtonSet.OK);
}

/** Says what this add-on talks to and as whom; the last line is what an operator has to set. */
function about() {
  const ui = SpreadsheetApp.getUi();
  const lines = [
    'A message for each row, each answer back in its cells.',
    '',
    `Cellback runs at: ${BACKEND}`,
    `You are: ${Session.getEffectiveUser().getEmail() || 'not known to this add-on'}`,
    `For the operator: GOOGLE_IDENTITY_AUDIENCE=${audience_()}`,
  ];
  ui.alert('Cellback', lines.join('\n'), ui.ButtonSet.OK);
}

/** The OAuth client of this script project, as its identity tokens name it. */
function audience_() {
  const token = ScriptApp.getIdentityToken();
  if (!token) return '(no identity token: is the scope “openid” in appsscript.json?)';
  const payload = Utilities.newBlob(Utilities.base64DecodeWebSafe(token.split('.')[1])).getDataAsString();
  return JSON.parse(payload).aud;
}

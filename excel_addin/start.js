// Before the panel: the language that Excel itself speaks, by which the panel's catalogues go when they are loaded.

/** Without an answer of Excel's the browser's language is good enough; host.js tells what is wrong then. */
const PATIENCE_MS = 3000;

if (typeof Office !== "undefined") {
  await Promise.race([Office.onReady(), new Promise((resolve) => { setTimeout(resolve, PATIENCE_MS); })]);
  const { displayLanguage } = Office.context || {};
  if (displayLanguage) document.documentElement.dataset.language = displayLanguage;
}
await import("./host.js");

export {};

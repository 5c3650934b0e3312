// What the browser remembers between visits: unfinished texts and choices, never data of the sheet.
// A host may forbid storage (private windows, third-party frames); then it is simply forgotten.

const PREFIX = "cellback:";

/** The value kept under that name, else `otherwise`. */
export function recall(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

/** Keeps a value (anything JSON can hold; null forgets it). */
export function remember(name, value) {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // Forbidden or full: nothing that the product needs is kept here.
  }
}

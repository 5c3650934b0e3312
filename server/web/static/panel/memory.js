// What the browser remembers between visits: unfinished texts and choices, never data of the sheet.
// A host may forbid storage (private windows, third-party frames); then it lasts as long as the page.

const PREFIX = "cellback:";
const here = new Map();

/** The value kept under that name, else `otherwise`. */
export function recall(name, otherwise) {
  try {
    return JSON.parse(here.get(name) ?? localStorage.getItem(PREFIX + name)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

/** Keeps a value (anything JSON can hold; null forgets it). */
export function remember(name, value) {
  here.set(name, JSON.stringify(value));
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, JSON.stringify(value));
    here.delete(name);
  } catch {
    // Forbidden or full: nothing that the product needs is kept here.
  }
}

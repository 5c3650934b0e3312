// Which rows the host's "selected" and "visible" mean at this moment, as row keys: frozen when a person chooses.

import { Failure } from "./api.js";
import { text } from "./texts.js";

/**
 * Row keys of the selected or visible rows, or of those that a condition means; null when the host leaves that to the server. Rows that have no key yet
 * get one first, and are then asked for again: no row number ever leaves the host, so that a sort in between does
 * nothing wrong.
 */
export async function chosenKeys(panel, kind, where = null) {
  const { host, api } = panel;
  const ask = () => (kind === "where" ? meant(panel, where) : (kind === "selected" ? host.selection : host.visibleKeys)?.());
  let found = await ask();
  if (!found) return null;
  if (found.keyless) {
    await api.post("/api/rows/keys", api.path);
    await host.keyed?.();
    found = await ask();
  }
  if (!found.keys.length) throw new Failure({ status: 422, detail: text.write.noneOf[kind] });
  return found.keys;
}

/** The visible rows for which a condition holds. */
function meant({ api }, where) {
  const { column = "", test = "is", value = "" } = where || {};
  return api.post("/api/rows/where", { ...api.path, column, test, value });
}

// What to do when the panel stands still in Excel's task pane.

import { h } from "/static/panel/dom.js";
import { standstill } from "/static/panel/standstill.js";
import { text } from "/static/panel/texts.js";

/**
 * Describes the standstill. `again` starts from the door, `signIn` opens Microsoft's window.
 *
 * @param {{type?: string, status: number, detail: string, connect?: string}} failure
 * @param {{again: () => void, signIn: () => void}} ways
 */
export function draw(failure, { again, signIn }) {
  const tryAgain = { words: text.excel.again, do: again };
  const stop = (/** @type {string} */ title, press = tryAgain, more = {}) => standstill(title, [failure.detail], press, more);
  /** @type {Record<string, () => object>} */
  const kinds = {
    "sign-in": () => stop(text.excel.signIn, { words: text.excel.signInNow, do: signIn }),
    "urn:cellback:sign-in": () => stop(text.excel.signInAgain, { words: text.excel.signInNow, do: signIn }),
    "urn:cellback:consent": () => stop(text.excel.consent, tryAgain, { more: consent(failure.connect) }),
    "urn:cellback:share": () => stop(text.excel.share),
    local: () => stop(text.excel.local, tryAgain, { steps: text.excel.localSteps }),
    old: () => stop(text.excel.old, tryAgain, { steps: text.excel.oldSteps }),
    elsewhere: () => stop(text.excel.elsewhere, tryAgain, { steps: text.excel.elsewhereSteps }),
    office: () => stop(text.excel.office, tryAgain, { steps: text.excel.officeSteps }),
  };
  if (kinds[failure.type || ""]) return kinds[failure.type || ""]();
  if (failure.status === 0 && failure.type !== "excel") return stop(text.excel.unreachable);
  /** @type {Record<number, string>} */
  const titles = { 401: text.excel.unknown, 403: text.excel.denied };
  return stop(titles[failure.status] || text.excel.other);
}

/** The administrator's page, if the backend named one of Microsoft's. @param {string} [address] */
function consent(address = "") {
  if (!address.startsWith("https://")) return null;
  return h("a.link", { href: address, target: "_blank", rel: "noopener" }, text.excel.consentPage);
}

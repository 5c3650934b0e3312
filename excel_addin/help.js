// What to do when the panel stands still in Excel's task pane.

import { h } from "/static/panel/dom.js";
import { standstill } from "/static/panel/standstill.js";
import { text } from "./texts.js";

/**
 * Describes the standstill. `again` starts from the door, `signIn` opens Microsoft's window.
 *
 * @param {{type?: string, status: number, detail: string, connect?: string}} failure
 * @param {{again: () => void, signIn: () => void}} ways
 */
export function draw(failure, { again, signIn }) {
  const tryAgain = { words: text.again, do: again };
  const stop = (/** @type {string} */ title, press = tryAgain, more = {}) => standstill(title, [failure.detail], press, more);
  /** @type {Record<string, () => object>} */
  const kinds = {
    "sign-in": () => stop(text.signIn, { words: text.signInNow, do: signIn }),
    "urn:cellback:sign-in": () => stop(text.signInAgain, { words: text.signInNow, do: signIn }),
    "urn:cellback:consent": () => stop(text.consent, tryAgain, { more: consent(failure.connect) }),
    "urn:cellback:share": () => stop(text.share),
    local: () => stop(text.local, tryAgain, { steps: text.localSteps }),
    old: () => stop(text.old, tryAgain, { steps: text.oldSteps }),
    elsewhere: () => stop(text.elsewhere, tryAgain, { steps: text.elsewhereSteps }),
    office: () => stop(text.office, tryAgain, { steps: text.officeSteps }),
  };
  if (kinds[failure.type || ""]) return kinds[failure.type || ""]();
  if (failure.status === 0 && failure.type !== "excel") return stop(text.unreachable);
  /** @type {Record<number, string>} */
  const titles = { 401: text.unknown, 403: text.denied };
  return stop(titles[failure.status] || text.other);
}

/** The administrator's page, if the backend named one of Microsoft's. @param {string} [address] */
function consent(address = "") {
  if (!address.startsWith("https://")) return null;
  return h("a.link", { href: address, target: "_blank", rel: "noopener" }, text.consentPage);
}

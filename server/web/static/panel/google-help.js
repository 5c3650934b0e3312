// What to do when the panel stands still in Google's sidebar: not shared, not allowed, the wrong account, no answer.

import { h } from "./dom.js";
import { list, standstill } from "./standstill.js";
import { text } from "./texts.js";

const PRIVATE = /^(localhost|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|\[|[^.]+$|.*\.(local|internal|lan|home\.arpa)$)/;

/** Describes the standstill; `again` starts from the door. */
export function draw(panel, failure, { backend, connect, again }) {
  const { host } = new URL(backend);
  const kinds = {
    "urn:cellback:share": () => share(panel, failure, backend, connect, again),
    accounts: () => stop(text.google.accounts, [text.google.accountsWords(failure.shown, failure.runs)], again, text.google.accountsSteps),
    google: () => stop(text.google.other, [failure.detail], again),
  };
  if (kinds[failure.type]) return kinds[failure.type]();
  if (failure.status === 0) return stop(text.google.unreachable, PRIVATE.test(host) ? [text.google.privateWords(host)] : [failure.detail], again);
  const title = { 401: text.google.unknown, 403: text.google.denied }[failure.status] || text.google.other;
  return stop(title, [failure.detail], again);
}

/** @param {string[]} steps */
function stop(title, sentences, again, steps = []) {
  return standstill(title, sentences, { words: text.google.again, do: again }, { steps });
}

function share(panel, failure, backend, connect, again) {
  const { account } = failure;
  const { copied } = panel.state;
  return h(".panel.stopped", { key: "stopped", role: "alert" },
    h("h2", account || !connect ? text.google.share : text.google.connect),
    h("p", failure.detail),
    account && [
      h(".field", { key: "address" },
        h("label", { for: "account" }, text.google.address),
        h(".inline",
          h("input.grow", { id: "account", readOnly: true, value: account, onfocus: (event) => event.target.select() }),
          h("button.secondary.small", { onclick: () => copy(panel, account) }, text.google.copy)),
        h("p.hint", { role: "status" }, copied ? text.google.copied : "")),
      list(text.google.shareSteps),
    ],
    h("button.primary", { onclick: again }, text.google.check),
    connect && [
      h("p.soft", text.google.orConnect),
      h("a.link", { href: backend + connect, target: "_blank", rel: "noopener" }, text.google.connect),
      h("p.hint", text.google.connectHint),
    ]);
}

/** Google's frame may forbid the clipboard: then by the field itself. */
async function copy(panel, words) {
  try {
    await navigator.clipboard.writeText(words);
  } catch {
    /** @type {HTMLInputElement | null} */ (document.getElementById("account"))?.select();
    document.execCommand("copy");
  }
  panel.set({ copied: true });
}

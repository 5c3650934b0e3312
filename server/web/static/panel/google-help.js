// What to do when the panel stands still in Google's sidebar: not shared, not allowed, the wrong account, no answer.

import { h } from "./dom.js";
import { text } from "./google-texts.js";
import { list, standstill } from "./standstill.js";

const PRIVATE = /^(localhost|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|\[|[^.]+$|.*\.(local|internal|lan|home\.arpa)$)/;

/** Describes the standstill; `again` starts from the door. */
export function draw(panel, failure, { backend, connect, again }) {
  const { host } = new URL(backend);
  const kinds = {
    "urn:cellback:share": () => share(panel, failure, backend, connect, again),
    accounts: () => stop(text.accounts, [text.accountsWords(failure.shown, failure.runs)], again, text.accountsSteps),
    google: () => stop(text.other, [failure.detail], again),
  };
  if (kinds[failure.type]) return kinds[failure.type]();
  if (failure.status === 0) return stop(text.unreachable, PRIVATE.test(host) ? [text.privateWords(host)] : [failure.detail], again);
  const title = { 401: text.unknown, 403: text.denied }[failure.status] || text.other;
  return stop(title, [failure.detail], again);
}

function stop(title, sentences, again, steps = []) {
  return standstill(title, sentences, { words: text.again, do: again }, { steps });
}

function share(panel, failure, backend, connect, again) {
  const { account } = failure;
  const { copied } = panel.state;
  return h(".panel.stopped", { key: "stopped", role: "alert" },
    h("h2", account || !connect ? text.share : text.connect),
    h("p", failure.detail),
    account && [
      h(".field", { key: "address" },
        h("label", { for: "account" }, text.address),
        h(".inline",
          h("input.grow", { id: "account", readOnly: true, value: account, onfocus: (event) => event.target.select() }),
          h("button.secondary.small", { onclick: () => copy(panel, account) }, text.copy)),
        h("p.hint", { role: "status" }, copied ? text.copied : "")),
      list(text.shareSteps),
    ],
    h("button.primary", { onclick: again }, text.check),
    connect && [
      h("p.soft", text.orConnect),
      h("a.link", { href: backend + connect, target: "_blank", rel: "noopener" }, text.connect),
      h("p.hint", text.connectHint),
    ]);
}

/** Google's frame may forbid the clipboard: then by the field itself. */
async function copy(panel, words) {
  try {
    await navigator.clipboard.writeText(words);
  } catch {
    document.getElementById("account").select();
    document.execCommand("copy");
  }
  panel.set({ copied: true });
}

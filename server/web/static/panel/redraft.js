// Drafts written anew with a remark: the box for it, for this draft or for many, and one step back.

import { chosenKeys } from "./chosen.js";
import { changes } from "./diff.js";
import { h } from "./dom.js";
import { MODEL_MS } from "./api.js";
import { language, nameOfLanguage } from "./language.js";
import { action, choice, may, outcomeAt, selectable } from "./parts.js";
import { text } from "./texts.js";
import { countOf } from "./words.js";

const T = text.redraft;
const PAGE = 1000;
const OPEN = ["Draft", "Check draft", "Changed"];
const LIKELY = ["en", "es", "de", "fr"];

/** The box under a draft. */
export function redraftBox(panel, message) {
  const { check, view } = panel.state;
  if (!["drafting", "drafted", "done"].includes(view.state)) return null;
  if (![...OPEN, "Approved"].includes(message.status)) return null;
  return h("details.fold.light", { key: "redraft", open: !!check.redraft,
    ontoggle: ({ target }) => target.open !== !!check.redraft && panel.setIn("check",
      { redraft: target.open ? { remark: "", scope: "this" } : null }) },
    h("summary", T.title),
    check.redraft && box(panel, message, check.redraft));
}

function box(panel, message, { remark, scope }) {
  const set = (patch) => panel.setIn("check", { redraft: { ...panel.state.check.redraft, ...patch } });
  const go = () => ask(panel, message);
  return h("form.stack.tight", { onsubmit: (event) => { event.preventDefault(); panel.act("redraft", go); } },
    h("label.sr", { for: "remark" }, T.remark),
    h("input", { id: "remark", value: remark, maxlength: "500", placeholder: T.example, autocomplete: "off", dir: "auto",
      oninput: (event) => set({ remark: event.target.value }) }),
    h(".chips", { role: "group", "aria-label": T.quick }, quick(panel).map((words) => h("button.chip", { key: words,
      "aria-pressed": String(remark === words), onclick: () => set({ remark: words }) }, words))),
    h(".inline.wrap",
      h("label.sr", { for: "remark-for" }, T.scope),
      choice(scope, scopes(panel), (next) => set({ scope: next }), { id: "remark-for", class: "grow" }),
      action(panel, "redraft", T.go, go, { needs: "edit", type: "submit", onclick: null, disabled: !remark.trim() })),
    scope === "this" && message.edited && h("p.hint", T.replacesEdit),
    scope === "this" && message.status === "Approved" && h("p.hint", T.lapses));
}

/** Words that are often wanted, in the panel's language: the server understands them in all four. */
function quick(panel) {
  const { plan } = panel.state.view;
  const other = [language, ...LIKELY].find((code) => code !== plan.language);
  return [T.shorter, T.friendlier, T.formal, T.inLanguage(other, nameOfLanguage(other))];
}

function scopes(panel) {
  const { check, view, host } = { ...panel.state, host: panel.host };
  const open = countOf(view, OPEN);
  return [
    ["this", T.this],
    check.filter && check.total > 1 && ["shown", T.shown(check.filter, check.total)],
    selectable(host) && ["selected", T.selected],
    open > 1 && ["all", T.all(open)],
  ].filter(Boolean);
}

async function keysOf(panel, message, scope) {
  if (scope === "this") return [message.key];
  if (scope === "selected") return chosenKeys(panel, "selected");
  if (scope !== "shown") return null;
  const { filter, total } = panel.state.check;
  const keys = [];
  for (let offset = 0; offset < total; offset += PAGE) {
    const page = await panel.api.get(panel.at("/messages"), { status: filter, offset, limit: PAGE });
    keys.push(...page.messages.map((one) => one.key));
  }
  return keys;
}

async function ask(panel, message) {
  const { remark, scope } = panel.state.check.redraft;
  const keys = await keysOf(panel, message, scope);
  const edited = scope === "this";
  const done = await panel.api.post(panel.at("/redraft"), { keys, remark, edited }, MODEL_MS);
  panel.setIn("check", { batch: done.batch, redraft: done.changed ? null : panel.state.check.redraft, diff: true });
  await panel.reload();
  return told(done);
}

/** What came of it, and who stays as they are. */
function told(done) {
  return [
    done.changed ? (done.one_text ? T.oneText(done.changed) : T.each(done.changed)) : T.none,
    done.edited > 0 && T.keptEdited(done.edited),
    done.approved > 0 && T.keptApproved(done.approved),
    done.unmet > 0 && (done.column ? T.unmet(done.unmet, done.column, done.value) : T.noLanguage(done.unmet)),
    done.fixed > 0 && T.fixed(done.fixed),
  ].filter(Boolean).join(" ");
}

/** What came of the last one, and the way back from it. */
export function afterRedraft(panel) {
  const { check, view } = panel.state;
  const back = async () => {
    const done = await panel.api.post(panel.at("/redraft/undo"), { batch: check.batch });
    panel.setIn("check", { batch: "" });
    await panel.reload();
    return T.undone(done.changed);
  };
  return h(".stack.tight", { key: "after-redraft" },
    view.state === "drafting" && h(".underway", { key: "underway" },
      h("progress", { max: String(view.rows || 1), value: view.drafted + view.approved, "aria-label": T.progress }),
      h("p.soft", text.check.drafting(view.drafted + view.approved, view.rows))),
    outcomeAt(panel, "redraft"),
    check.batch && h("p", { key: "undo" }, action(panel, "redraft", T.undo, back, { kind: "link", needs: "edit" })));
}

/** What is remarked about this draft, what changed, and the way back to the text before. */
export function remarked(panel, message) {
  if (!message.remark && !message.before) return null;
  const { diff } = panel.state.check;
  const writing = message.status === null;
  const back = async () => {
    await panel.api.post(panel.at("/redraft/undo"), { keys: [message.key] });
    await panel.reload();
    return T.undone(1);
  };
  return h("section.remarked", { key: "remarked", "aria-label": T.title },
    message.remark && h("p.small-text", h("span.soft", T.said), " ",
      h("span", { dir: "auto" }, message.remark.split("\n").join(" · "))),
    writing && h("p.soft.small-text", T.writing),
    message.before && !writing && h("p.links",
      h("button.link", { "aria-expanded": String(!!diff), onclick: () => panel.setIn("check", { diff: !diff }) },
        diff ? T.hideChanges : T.showChanges),
      may(panel, "edit") && action(panel, "card", T.back, back, { kind: "link", key: "back", needs: "edit" })),
    message.before && !writing && diff && changes(message.before.text, message.text));
}

// One reply on show: what it says, how it was read and why; accept that, correct it, or ask back.

import { askBack, editor } from "./askback.js";
import { channelsOf } from "./channels.js";
import { h } from "./dom.js";
import { action, cellLink, choice, field, may, outcomeAt } from "./parts.js";
import { shortened } from "./shortened.js";
import { text } from "./texts.js";
import { OUTCOMES } from "./words.js";

const T = text.review;

/**
 * The card of an item; `settle(panel, item, {outcome, values})` takes a person's word for it, `go(by)` turns to
 * another one (null: there is no turning). In a spot check nobody is asked back: `sample` says that it is one.
 */
export function card(panel, item, { at, total, go, settle, sample = false }) {
  const { choice: made, ask, newer = [] } = panel.state.answers;
  const clear = OUTCOMES.includes(item.outcome);
  const proposed = { id: item.message_id, outcome: clear ? item.outcome : "", values: { ...item.values } };
  const chosen = made?.id === item.message_id ? made : null;
  const pick = (patch) => panel.setIn("answers", { choice: { ...proposed, ...chosen, ...patch } });
  const turnTo = (outcome) => pick({ outcome, values: valuesFor(panel, outcome, proposed, chosen || proposed) });
  const correcting = !!chosen || !clear;
  const asking = ask?.id === item.message_id;
  const take = (word) => may(panel, "edit") && panel.act("settle", () => settle(panel, item, word));
  const does = {
    ...Object.fromEntries(OUTCOMES.map((outcome, index) => [index + 1, () => turnTo(outcome)])),
    a: () => clear && !chosen && take(proposed),
    Enter: () => clear && !chosen && take(proposed),
    b: () => !sample && may(panel, "edit") && askBack(panel, item),
    w: () => panel.converse(item.key),
    c: () => pick({}),
  };
  const submit = (event) => {
    event.preventDefault();
    if (!asking && (chosen || proposed).outcome) take(chosen || proposed);
  };
  return h("form.review.card", { key: item.message_id, role: "group", "aria-label": T.replyOf(item.person),
    tabindex: "-1", focus: follows(sample && at === 0) && "still", onsubmit: submit,
    onkeydown: (event) => !asking && key(event, does) },
    pager(item, at, total, go),
    item.asked && h("p.asked", { dir: "auto" }, h("span.sr", T.asked, " "), item.asked),
    newer.includes(item.message_id) && h("p.note", { role: "status", key: "newer" }, T.newer),
    shortened(panel, item),
    item.files.length > 0 && h("p.file", { dir: "auto" }, T.files(item.files)),
    item.channel && channelsOf(panel.state.view.plan).length > 1 && h("p.soft", T.cameBy(text.by[item.channel])),
    asking ? editor(panel, item) : [
      h("p.proposal", { key: "proposal", dir: "auto" }, h("b", T.proposal(item)),
        item.confidence !== null && h("span.soft", T.sure(item.confidence))),
      item.reason && h("p.why", { key: "why" }, item.reason),
      h("p.hint", { key: "made" }, T.readBy(item.made)),
      correcting && h(".stack", { key: "fields" },
        outcomes(item, chosen || proposed, turnTo),
        values(panel, chosen || proposed, pick)),
      outcomeAt(panel, "settle"),
      outcomeAt(panel, "ask"),
      correcting
        ? action(panel, "settle", T.settle, null, { kind: "primary wide", key: "settle", type: "submit", onclick: null,
          disabled: !(chosen || proposed).outcome, needs: "edit" })
        : action(panel, "settle", [T.accept, hint("a")], () => settle(panel, item, proposed),
          { kind: "primary wide", key: "accept", "aria-keyshortcuts": "a", needs: "edit" }),
      h(".buttons", { key: "buttons" },
        correcting
          ? clear && h("button.ghost", { key: "back", onclick: () => panel.setIn("answers", { choice: null }) },
            text.parts.cancel)
          : h("button.secondary", { key: "correct", "aria-keyshortcuts": "c", onclick: does.c }, T.correct, hint("c")),
        !sample && action(panel, "ask", [T.askBack, hint("b")], null, { key: "ask", "aria-keyshortcuts": "b",
          onclick: does.b, needs: "edit" }),
        h("button.ghost", { key: "whole", "aria-keyshortcuts": "w", onclick: does.w }, T.conversation, hint("w")),
        panel.host.jumpTo && cellLink(panel, { key: item.key, column: "Reply" }, text.check.inSheet)),
    ]);
}

/** Whoever decides one after the other goes on with the next; nobody else's focus is taken by a reply that comes. */
function follows(begins) {
  return begins || !!document.activeElement?.closest(".review");
}

function hint(letter) {
  return h("kbd", { "aria-hidden": "true" }, letter);
}

function pager(item, at, total, go) {
  return h(".pager",
    h("strong.grow", { dir: "auto" }, item.person || text.check.nobody),
    total > 1 && go && h("button.ghost.small", { "aria-label": T.previous, onclick: () => go(-1) }, "‹"),
    total > 1 && h("span.soft", text.check.where(at + 1, total)),
    total > 1 && go && h("button.ghost.small", { "aria-label": T.next, onclick: () => go(1) }, "›"));
}

/** Plain keys act while nothing is being typed; one that is held down acts once, and Enter only on the card itself. */
function key(event, does) {
  const { target } = event;
  if (target.matches("input:not([type=radio]), textarea, select") || event.ctrlKey || event.metaKey || event.altKey
    || event.repeat || (event.key === "Enter" && target !== event.currentTarget)) return;
  const act = does[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

/**
 * The values beside another outcome: a choice that has its word gets that one, what was proposed for the outcome that
 * it is not is let go, and what a person put there stays.
 */
function valuesFor(panel, outcome, proposed, { values: now }) {
  const kept = (name) => (outcome !== proposed.outcome && now[name] === proposed.values[name] ? "" : now[name]);
  return Object.fromEntries(panel.state.view.plan.answer_columns.map(({ name, allowed }) =>
    [name, allowed.find((value) => value === text.outcomes[outcome]) || kept(name) || ""]));
}

function outcomes(item, chosen, turnTo) {
  return h("fieldset.bare",
    h("legend", T.outcome),
    h(".pills", OUTCOMES.map((name, index) => h("label", { key: name, class: "pill" },
      h("input", { type: "radio", name: `outcome-${item.message_id}`, value: name, checked: chosen.outcome === name,
        onchange: () => turnTo(name) }),
      h("span", text.outcomes[name], hint(index + 1))))));
}

function values(panel, chosen, pick) {
  return panel.state.view.plan.answer_columns.map((column, index) => {
    const value = chosen.values[column.name] || "";
    const put = (next) => pick({ values: { ...chosen.values, [column.name]: next } });
    const control = column.kind === "choice" && column.allowed.length
      ? choice(value, [["", T.noValue], ...column.allowed], put)
      : h("input", { value, inputmode: column.kind === "number" ? "decimal" : null,
        oninput: (event) => put(event.target.value) });
    return h("div", { key: column.name }, field(`answer-${index}`, column.name, control));
  });
}

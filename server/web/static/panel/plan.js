// The plan in words, with every part of it editable in place while nothing has been sent.

import { carriersOf, channelChoices, channelsOf } from "./channels.js";
import { h } from "./dom.js";
import { missing } from "./missing.js";
import { styled } from "./panel.js";
import { choice, field, may, outcomeAt } from "./parts.js";
import { rules } from "./rules.js";
import { text } from "./texts.js";
import { wording } from "./wording.js";
import { WENT, countOf } from "./words.js";

const T = text.plan;
const S = text.chip;
styled("plan");
const LANGUAGES = ["en", "es", "fr", "de", "pt", "it", "nl", "pl", "cs", "sv", "da", "nb", "fi", "tr", "uk", "ar", "he",
  "hi", "ja", "zh"];
const KINDS = ["choice", "text", "number", "date", "time"];

/** What has to be settled, words, then fields; what the texts are made of is read-only once all are being written. */
export function planCard(panel) {
  const { view } = panel.state;
  const { plan } = view;
  const locked = !mayReplan(view);
  const late = locked && mayRetemplate(view);
  return h("section.card.plan", { "aria-label": text.check.plan },
    !locked && h("fieldset.bare", { key: "missing", disabled: !may(panel, "edit"), hidden: !plan.missing.length }, missing(panel, plan)),
    h("p.words", plan.words),
    h("fieldset.bare", { key: "plan", disabled: locked || !may(panel, "edit") },
      h("legend.sr", T.change),
      h(".chips", channelChips(panel, plan), senderChip(panel, plan),
        columnChip(panel, "address_column", T.address, plan.address_column),
        columnChip(panel, "name_column", T.name, plan.name_column, T.noName), languageChip(panel, plan),
        toneChip(panel, plan)),
      h("p.sr", { role: "status" }, saying(panel)),
      outcomeAt(panel, "edit", (suggestion, failure) => failure.field && edit(panel, { [failure.field]: suggestion })),
      answerChips(panel, plan),
      readColumns(panel, plan),
      wording(panel, view),
      h("details.fold.light", { open: !!panel.state.check.detailsOpen,
        ontoggle: ({ target }) => panel.setIn("check", { detailsOpen: target.open }) }, h("summary", T.details), h(".stack",
        lines(panel, "subject", T.subject, plan.subject),
        lines(panel, "question", T.question, plan.question),
        answers(panel, plan))),
      !late && moreWays(panel, plan)),
    late && h("fieldset.bare", { key: "late", disabled: !may(panel, "edit") }, moreWays(panel, plan)),
    locked && !late && outcomeAt(panel, "template"),
    h("fieldset.bare", { key: "rules", disabled: !may(panel, "edit") }, rules(panel, view)),
    locked && h("p.hint", T.locked));
}

/** Whether what the texts are made of may still change: until all are being written, or one is approved. */
export function mayReplan(view) {
  const { state, trial, approved } = view;
  return state === "planned" || (state === "drafted" && trial > 0 && !approved && !countOf(view, WENT));
}

/** Whether another WhatsApp template may still be chosen: what goes by WhatsApp is then written anew with it. */
export function mayRetemplate(view) {
  return view.state === "drafted" && !view.approved && !countOf(view, WENT) && channelsOf(view.plan).includes("whatsapp");
}

/**
 * Changes fields of the plan, one after the other: a quick hand's second choice waits for the first to be taken. What
 * is made from the plan as it is (a list without one) is a function of it, or it would bring back what is gone by then.
 */
export function edit(panel, patch, part = "/plan") {
  const { id, plan } = panel.state.view;
  const fields = Object.keys(typeof patch === "function" ? patch(plan) : patch);
  const save = async () => {
    const { view } = panel.state;
    if (view?.id !== id) return;
    panel.take(await panel.api.patch(panel.at(part), typeof patch === "function" ? patch(view.plan) : patch));
  };
  const change = async () => {
    panel.setIn("check", { change: { fields, how: "saving" } });
    const done = await panel.act("edit", save);
    if (panel.state.view?.id === id) panel.setIn("check", { change: { fields, how: done ? "saved" : "wrong" } });
    return done; // who drafts next asks whether it was taken
  };
  panel.edited = Promise.resolve(panel.edited).then(change);
  return panel.edited;
}

/** How the last change of that field goes: "saving", "saved", "wrong", or "". */
function how(panel, name) {
  const { change } = panel.state.check;
  return name && change?.fields.includes(name) ? change.how : "";
}

/** The same for who can't see it. */
function saying(panel) {
  const { change } = panel.state.check;
  return { saving: S.saving, saved: S.saved }[change?.how] || "";
}

/** A labelled control the size of a chip; it shows how the change of its field goes. */
export function chip(label, control, state = "") {
  if (state === "wrong") control.props["aria-invalid"] = "true";
  return h("label.chip-field", { class: state, "aria-busy": state === "saving" ? "true" : null }, h("span", label), control);
}

/** From whom people get it: our address or number, or what a column of theirs says. */
function senderChip(panel, { channel, provider, sender_column: column }) {
  const offer = panel.state.session.channels.find((one) => one.name === channel && one.provider === provider);
  if (channel === "email" && panel.state.columns.length) {
    return columnChip(panel, "sender_column", S.from, column, offer?.sender || S.usual);
  }
  return offer?.sender && h("span.chip-field.plain", h("span", S.from), h("b", { dir: "auto" }, offer.sender));
}

/** Which columns a reply fills, each a way to where it is changed. */
function answerChips(panel, plan) {
  const to = (index) => {
    panel.setIn("check", { detailsOpen: true });
    requestAnimationFrame(() => document.getElementById(`answer-${index}`)?.focus());
  };
  return plan.answer_columns.length > 0 && h(".field",
    h("span.label", { id: "answer-chips" }, T.answers),
    h(".chips.answer-chips", { role: "group", "aria-labelledby": "answer-chips" }, plan.answer_columns.map((column, index) =>
      h("button.chip", { key: index, "aria-label": S.change(column.name), onclick: () => to(index) },
        column.name, column.allowed.length > 0 && h("span.soft", column.allowed.join(" | "))))));
}

/** The channel, and its provider where several carry it. */
function channelChips(panel, { channel, provider, routes }) {
  const offers = panel.state.session.channels;
  const move = (next) => edit(panel, { channel: next, routes: routes.filter((way) => way.channel !== next) });
  return [
    chip(T.channel, choice(channel, channelChoices(offers), move), how(panel, "channel")),
    carrierChip(offers, channel, provider, (next) => edit(panel, { provider: next })),
  ];
}

/** The provider of a channel, where there is a choice. */
export function carrierChip(offers, channel, provider, pick) {
  const carriers = carriersOf(offers, channel);
  return carriers.length > 1 && chip(T.carrier, choice(provider, carriers, pick));
}

/** What few need, fetched when it is opened; not even offered where there is but the local mailbox. */
function moreWays(panel, plan) {
  const { ways } = panel.parts;
  const beyond = panel.state.session.channels.some((one) => one.ready && one.name !== "outbox");
  if (!beyond && channelsOf(plan).join() === "outbox") return null;
  const open = () => panel.act("ways", async () => {
    panel.parts.ways = await import("./ways.js");
  });
  return h("details.fold.light", { id: "more-ways", ontoggle: (event) => event.target.open && !ways && open() },
    h("summary", T.moreWays),
    outcomeAt(panel, "ways"),
    ways?.draw(panel, plan));
}

/** Titles of the organiser's own columns. */
export function titles(panel) {
  return panel.state.columns.filter((column) => !column.ours).map((column) => column.title);
}

/** A column of the organiser's, or none where `none` says what that means. @param {string | null} none */
export function columnChip(panel, name, label, value, none = null, put = (column) => edit(panel, { [name]: column })) {
  const options = titles(panel).map((title) => [title, title]);
  if (none !== null) options.unshift(["", none]);
  if (value && !titles(panel).includes(value)) options.push([value, value]);
  return chip(label, choice(value, options, put), how(panel, name));
}

function readColumns(panel, plan) {
  const rest = titles(panel).filter((title) => !plan.read_columns.includes(title));
  const without = (title) => edit(panel, (now) => ({ read_columns: now.read_columns.filter((one) => one !== title) }));
  return h(".field",
    h("span.label", { id: "reads" }, T.reads),
    h(".chips", { role: "group", "aria-labelledby": "reads" },
      plan.read_columns.map((title) => h("button", { key: title, class: "chip on", "aria-label": T.remove(title),
        onclick: () => without(title) },
        title, h("span.cross", { "aria-hidden": "true" }, "×"))),
      rest.length > 0 && h("label.chip.add", h("span.sr", T.addColumn),
        choice("", [["", T.add], ...rest], (title) => title && edit(panel, (now) => (
          { read_columns: [...new Set([...now.read_columns, title])] }))))));
}

function languageChip(panel, { language }) {
  const known = [...new Set([language, ...LANGUAGES])];
  return chip(T.language, choice(language, known.map((code) => [code, T.languageOf(code)]),
    (code) => edit(panel, { language: code })), how(panel, "language"));
}

/** Only a language model has one. */
function toneChip(panel, { tone }) {
  const save = ({ target }) => target.value.trim() !== tone && edit(panel, { tone: target.value.trim() });
  return !panel.state.session.offline_model && chip(T.tone, h("input", { value: tone, dir: "auto",
    placeholder: T.toneExample, onchange: save }), how(panel, "tone"));
}

function lines(panel, name, label, value) {
  const save = (event) => event.target.value !== value && edit(panel, { [name]: event.target.value });
  return field(`plan-${name}`, label, h("input", { value, dir: "auto", onchange: save }));
}

function answers(panel, plan) {
  const put = (index, patch) => edit(panel, {
    answer_columns: plan.answer_columns.map((one, at) => (at === index ? { ...one, ...patch } : one)) });
  const drop = (index) => edit(panel, { answer_columns: plan.answer_columns.filter((_, at) => at !== index) });
  const add = () => edit(panel, { answer_columns: [...plan.answer_columns,
    { name: newName(plan), kind: "text", allowed: [] }] });
  return h(".field",
    h("span.label", T.answers),
    h("ul.answers", plan.answer_columns.map((column, index) => h("li", { key: index },
      h(".inline",
        h("input.grow", { id: `answer-${index}`, "aria-label": T.answerName, value: column.name,
          onchange: (event) => put(index, { name: event.target.value.trim() }) }),
        choice(column.kind, KINDS.map((kind) => [kind, T.kinds[kind]]),
          (kind) => put(index, { kind, allowed: kind === "choice" ? column.allowed : [] }),
          { "aria-label": T.kind(column.name) }),
        h("button.ghost.small", { "aria-label": T.remove(column.name), onclick: () => drop(index) }, "×")),
      column.kind === "choice" && h("input", { "aria-label": T.allowed(column.name), placeholder: T.allowedHint,
        value: column.allowed.join(" | "),
        onchange: (event) => put(index, { allowed: split(event.target.value) }) })))),
    h("button.link", { onclick: add }, T.addAnswer));
}

function newName(plan) {
  const taken = new Set(plan.answer_columns.map((column) => column.name));
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? T.newAnswer : `${T.newAnswer} ${number}`;
    if (!taken.has(name)) return name;
  }
}

function split(values) {
  return [...new Set(values.split(/[|;,\n]/).map((value) => value.trim()).filter(Boolean))];
}

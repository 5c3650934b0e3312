// Step 1, Write: what to say, in plain words or as a template, over which channel and to which rows.

import { MODEL_MS } from "./api.js";
import { carriersOf, channelChoices, whatToSet } from "./channels.js";
import { h } from "./dom.js";
import { remember } from "./memory.js";
import { part } from "./panel.js";
import { action, choice, field, outcomeAt, selectable } from "./parts.js";
import { text } from "./texts.js";

const BRACES = /\{\{\s*([^{}]*?)\s*\}\}/g;
const T = text.write;

/** The form as it stands: what was typed (kept over visits), else blank. */
function formOf(panel) {
  const ready = panel.state.session.channels.find((channel) => channel.ready);
  return { instruction: "", template: "", subject: "", useTemplate: false, channel: ready?.name || "", provider: "",
    rows: "visible", ...panel.state.write };
}

/** What is beyond typing, once it is there. @type {typeof import("./more.js") | null} */
let beyond = null;
let asked = false;

function more(panel) {
  if (!asked) {
    asked = true;
    part("more").then((found) => {
      beyond = found;
      panel.set({});
    }, () => { asked = false; });
  }
  return beyond;
}

/** The form that makes a plan. */
export function draw(panel) {
  const { view, session } = panel.state;
  const write = formOf(panel);
  const change = (patch) => keep(panel, patch);
  return h(".stack", { key: "write" },
    view && h(".card.calm",
      h("p.soft", T.current),
      h("p.quote", view.instruction || view.plan.template),
      h("button.link", { onclick: () => again(panel) }, T.again),
      more(panel)?.saveThis(panel)),
    !view && form(panel, write, session, change));
}

function form(panel, write, session, change) {
  const body = write.useTemplate
    ? said(panel, "template", T.template, { rows: "8", placeholder: T.templatePlaceholder }, T.templateHint)
    : said(panel, "instruction", T.instruction, { rows: "5", placeholder: T.placeholder, focus: "still" });
  const email = write.channel === "email" || write.channel === "outbox";
  const usable = (write.useTemplate ? write.template : write.instruction).trim() !== "";
  return h("form.stack", { onsubmit: (event) => submit(event, panel) },
    body,
    more(panel)?.keptNote(write.kept, () => change({ kept: null })),
    more(panel)?.saved(panel, (one) => change(beyond?.filled(panel, one, write))),
    !write.useTemplate && examples(session, change),
    write.useTemplate && email && field("subject", T.subject,
      h("input", { value: write.subject, autocomplete: "off",
        oninput: (event) => change({ subject: event.target.value }) })),
    h("label.switch",
      h("input", { type: "checkbox", checked: write.useTemplate,
        onchange: (event) => change({ useTemplate: event.target.checked }) }),
      h("span", T.useTemplate)),
    h(".pair",
      field("channel", T.channel, choice(write.channel, channelChoices(session.channels),
        (channel) => change({ channel, provider: "" }))),
      carrierField(write, session, change),
      field("rows", T.rows, choice(write.rows, rowChoices(panel, write), (rows) => choose(panel, rows)))),
    chosen(panel, write),
    hints(session),
    session.offline_model && h("p.hint", T.offline),
    h(".deed.stack.tight",
      outcomeAt(panel, "plan", (suggestion, failure) => {
        panel.setIn("problems", { plan: null });
        change(applied(panel, suggestion, failure));
      }),
      action(panel, "plan", T.plan, () => plan(panel), { kind: "primary wide", needs: "edit", disabled: !usable,
        onclick: null, type: "submit" })));
}

/** A text with completion of columns at the caret. */
function said(panel, name, label, props, hint = "") {
  const area = textArea(panel, name, props);
  area.props.id = name;
  if (hint) area.props["aria-describedby"] = `${name}-hint`;
  return h(".field", { key: name },
    h("label", { for: name }, label),
    h(".completed", area, more(panel)?.list(panel, name)),
    hint && h("p.hint", { id: `${name}-hint` }, hint));
}

function textArea(panel, name, props) {
  const helper = more(panel);
  const look = (event) => helper?.look(panel, event);
  return h("textarea", {
    value: formOf(panel)[name], maxlength: "8000", dir: "auto", ...props, ...helper?.spoken(name),
    oninput: (event) => {
      keep(panel, { [name]: event.target.value });
      look(event);
    },
    onclick: look, onkeyup: look, onblur: () => helper?.close(panel),
    onkeydown: (event) => {
      if (helper?.keys(panel, event)) return;
      if ((event.ctrlKey || event.metaKey) && event.key === "Enter") submit(event, panel);
    },
  });
}

function examples(session, change) {
  if (!session.examples.length) return null;
  return h(".examples",
    h("p.soft", T.examples),
    session.examples.map((example) => h("button", { key: example, type: "button", class: "example",
      onclick: () => change({ instruction: example }) }, example)));
}

/** Only where there is a choice. */
function carrierField(write, session, change) {
  const carriers = carriersOf(session.channels, write.channel);
  return carriers.length > 1 && field("provider", T.carrier,
    choice(write.provider || carriers[0][0], carriers, (provider) => change({ provider })));
}

function hints(session) {
  const missing = whatToSet(session.channels);
  return missing.length > 0 && h("details.hint",
    h("summary", T.moreChannels),
    missing.map(([name, sentence]) => h("p", { key: name }, h("b", text.channels[name]), " ", sentence)));
}

function rowChoices({ host }, { rows, keys }) {
  const label = (kind, words) => [kind, keys && rows === kind ? T.chosen(words, keys.length) : words];
  return [label("visible", T.visible), ["all", T.all], ["where", T.where],
    ...(rows === "selected" || selectable(host) ? [label("selected", T.selected)] : [])];
}

/** Visible and selected are what they are when a person says so: from then on it is these rows. */
async function choose(panel, rows) {
  panel.setIn("write", { rows, keys: null });
  if (rows === "all" || rows === "where") return;
  await panel.act("chosen", async () => panel.setIn("write", { keys: await keysOf(panel, rows) }));
}

/** Fetched when it is needed: not before a person can type. */
async function keysOf(panel, rows) {
  const { chosenKeys } = await import("./chosen.js");
  return chosenKeys(panel, rows, panel.state.write.where);
}

function chosen(panel, { rows, keys }) {
  return [outcomeAt(panel, "chosen"), rows === "where" && more(panel)?.conditions(panel),
    keys && h("p.hint", T.frozen(keys.length), " ",
      h("button.link", { type: "button", onclick: () => choose(panel, rows) }, T.anew))];
}

function keep(panel, patch) {
  panel.setIn("write", patch);
  const { instruction, template, subject, useTemplate, channel, provider, kept } = formOf(panel);
  remember(panel.nameOf("write"), { instruction, template, subject, useTemplate, channel, provider, kept });
}

/** A suggestion for an unknown placeholder takes its place; one for a name lands in the text. */
function applied(panel, suggestion, failure) {
  const { columns } = panel.state;
  const write = formOf(panel);
  const name = write.useTemplate ? "template" : "instruction";
  if (failure.field === "address_column") return { address: suggestion };
  const known = new Set(columns.map((column) => column.title.toLowerCase()));
  let done = false;
  const fixed = write[name].replace(BRACES, (whole, title) => {
    if (done || known.has(title.toLowerCase())) return whole;
    done = true;
    return `{{${suggestion}}}`;
  });
  return { [name]: done ? fixed : `${write[name]} {{${suggestion}}}` };
}

function submit(event, panel) {
  event.preventDefault();
  panel.act("plan", () => plan(panel));
}

async function plan(panel) {
  const write = formOf(panel);
  const keys = write.rows === "all" ? null : write.keys || await keysOf(panel, write.rows);
  const rows = keys || [write.rows];
  const { name, lost, ...kept } = write.kept || {};
  const view = await panel.api.post("/api/campaigns", {
    ...panel.api.path,
    ...(write.useTemplate ? { template: write.template, subject: write.subject } : { instruction: write.instruction }),
    ...(write.channel ? { channel: write.channel, provider: write.provider } : {}),
    ...(write.address ? { address_column: write.address } : {}),
    ...kept,
    rows,
  }, MODEL_MS);
  remember(panel.nameOf("write"), null);
  panel.set({ write: {} });
  panel.show(view, "check");
}

function again(panel) {
  const { instruction, plan: planned } = panel.state.view;
  panel.startNew();
  keep(panel, { instruction, template: planned.template, subject: planned.subject, useTemplate: !!planned.template });
}

// The approved template that reaches people outside WhatsApp's 24 hours: chosen, or pasted, each slot given a column.

import { columnChip, mayReplan } from "./plan.js";
import { h } from "./dom.js";
import { action, choice, field, outcomeAt } from "./parts.js";
import { SID } from "./preview.js";
import { text } from "./texts.js";

const T = text.template;
const PASTE = "+";
const SLOT = /\{\{\s*(\w+)\s*\}\}/g;

/** A choice of the provider's templates; what is chosen is only part of the plan once it is used. */
export function template(panel, plan) {
  const { listed, template: chosen } = panel.state.check;
  const of = plan.routes.concat(plan).find((way) => way.channel === "whatsapp").provider;
  if (listed?.of !== of) load(panel, of);
  const found = listed?.of === of ? listed.templates : [];
  const made = chosen || plan.whatsapp_template;
  return h(".field",
    h("label", { for: "template-choice" }, T.choose),
    choice(made ? nameIn(found, made) : "", options(found), (name) => pick(panel, plan, found, name),
      { id: "template-choice" }),
    found.filter((one) => one.unfit).map((one) => h("p.hint", { key: idOf(one) }, T.unfit(nameOf(one), one.unfit))),
    made && form(panel, plan, made),
    outcomeAt(panel, "template"));
}

/** Asks the provider once for each plan's way; where it lists none, a template can still be pasted. */
async function load(panel, of) {
  const put = (templates) => panel.setIn("check", { listed: { of, templates } });
  put([]);
  try {
    put((await panel.api.get(panel.at("/templates"))).templates);
  } catch (failure) {
    panel.setIn("problems", { template: failure });
  }
}

function options(found) {
  return [["", T.none], ...found.map((one) => [idOf(one), nameOf(one), !!one.unfit]), [PASTE, T.paste]];
}

function idOf({ name, language }) {
  return `${name} ${language}`;
}

function nameIn(found, made) {
  return !made.pasted && found.some((one) => idOf(one) === idOf(made)) ? idOf(made) : PASTE;
}

/** Twilio's ids say nothing to anybody: the words do. */
function nameOf({ name, language, body }) {
  return SID.test(name) ? T.called(body.slice(0, 40), language) : T.called(name, language);
}

function pick(panel, plan, found, id) {
  const one = found.find((other) => idOf(other) === id);
  if (!id && plan.whatsapp_template) panel.act("template", () => put(panel, { name: "" }));
  const blank = id && { name: "", language: plan.language, body: "", columns: {}, buttons: [], pasted: true };
  const { unfit, ...listed } = one || {};
  panel.setIn("check", { template: one ? { ...listed, columns: guessed(panel, one.body) } : blank || null });
}

/** The columns whose titles are the slots' names: {{start_time}} is "Start time". */
function guessed(panel, body) {
  const plain = (name) => name.toLowerCase().replace(/[\W_]+/g, " ").trim();
  const known = new Map(panel.state.columns.map((column) => [plain(column.title), column.title]));
  return Object.fromEntries(slots(body).map((slot) => [slot, known.get(plain(slot)) || ""]));
}

function slots(body) {
  return [...new Set([...body.matchAll(SLOT)].map((match) => match[1]))];
}

function form(panel, plan, made) {
  const change = (patch) => panel.setIn("check", { template: { ...made, ...patch } });
  const typed = (name) => ({ value: made[name], oninput: (event) => change({ [name]: event.target.value }) });
  return h(".stack.tight",
    made.pasted
      ? [
        h(".pair", { key: "name" }, field("template-name", T.name, h("input", typed("name"))),
          field("template-language", T.language, h("input", typed("language")))),
        h("div", { key: "body" }, field("template-body", T.body, h("textarea", { rows: "4", dir: "auto",
          ...typed("body") }))),
      ]
      : h(".bubble.phone", { key: "text", dir: "auto" }, made.body),
    h(".chips", { role: "group", "aria-label": T.slots }, slots(made.body).map((slot) =>
      columnChip(panel, "", `{{${slot}}}`, made.columns[slot] || "", T.pickColumn,
        (column) => change({ columns: { ...made.columns, [slot]: column } })))),
    panel.state.check.template && h(".buttons",
      action(panel, "template", T.use, () => use(panel, made), { needs: "edit", disabled: !made.name.trim() }),
      h("button.ghost", { onclick: () => panel.setIn("check", { template: null }) }, text.parts.cancel)));
}

/** Unlike the other fields it goes at once as a whole, and its own refusal stands beside it. */
async function use(panel, { pasted, ...made }) {
  const columns = Object.fromEntries(Object.entries(made.columns).filter(([, column]) => column));
  const told = await put(panel, { ...made, columns });
  panel.setIn("check", { template: null });
  return told;
}

/** Into the plan; once drafts are there, those that go by WhatsApp are written anew, and what came of it is told. */
async function put(panel, whatsapp_template) {
  if (mayReplan(panel.state.view)) {
    panel.take(await panel.api.patch(panel.at("/plan"), { whatsapp_template }));
    return "";
  }
  const done = await panel.api.post(panel.at("/template"), whatsapp_template);
  await panel.reload();
  return done.sentence;
}

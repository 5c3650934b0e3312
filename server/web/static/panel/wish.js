// Who goes and when: what a person chooses before they send, and what would leave when, as the server tells it.

import { chosenKeys } from "./chosen.js";
import { dayOf, inZone, momentOf, own, tomorrow } from "./clock.js";
import { h } from "./dom.js";
import { cellLink, choice, field, problem, selectable } from "./parts.js";
import { text } from "./texts.js";

const T = text.send;
const TESTS = ["is", "is_not", "contains", "empty", "filled", "less", "more", "before", "after"];
const BARE = ["empty", "filled"];
const PAUSE_MS = 300;
const SHOWN = 6;
const NAMES = 200;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let soon;
let asked = 0;

/** The body of a forecast and of the sending itself. */
export function bodyOf(panel) {
  const { send, session } = panel.state;
  const body = {};
  if (send.who && send.who !== "all") body.keys = send.keys || [];
  if (send.when === "at") body.at = momentOf(send.at || "", session.time_zone) || null;
  if (send.when === "column") {
    body.at_column = send.column || "";
    if (send.day) body.at_day = send.day;
    if (send.time) body.at_time = send.time;
  }
  if (send.within) body.hours = `${send.to || "20:00"}-${send.from || "09:00"}`;
  return body;
}

/** The body of the yes: what was told, also of the day that times without one mean, whatever day it became meanwhile. */
export function yesOf(panel) {
  const { told } = panel.state.send;
  const body = bodyOf(panel);
  return body.at_column && !body.at_day && told?.day ? { ...body, at_day: told.day } : body;
}

/** Asks what would leave when, unless nothing changed since it was asked last. */
export function tell(panel) {
  const { send, view } = panel.state;
  const question = JSON.stringify([view.id, view.version, bodyOf(panel)]);
  if (question === send.question) return;
  panel.setIn("send", { question });
  clearTimeout(soon);
  soon = setTimeout(() => ask(panel, question), send.told ? PAUSE_MS : 0);
}

/** The latest question counts. A wish that can't be is said in the place of its forecast. */
async function ask(panel, question) {
  asked += 1;
  const mine = asked;
  const body = bodyOf(panel);
  if (body.at === null || body.at_column === "") return panel.setIn("send", { told: null, refused: null });
  try {
    const told = await panel.api.post(panel.at("/forecast"), body);
    if (mine === asked && panel.state.send.question === question) panel.setIn("send", { told, refused: null });
  } catch (failure) {
    if (mine === asked) panel.setIn("send", { told: null, refused: failure });
  }
  return undefined;
}

/** A change of the wish: a press that was asked about something else does not count any more. */
function change(panel, patch) {
  panel.setIn("send", { ...patch, sure: false, open: null });
  tell(panel);
}

/** The choices. */
export function wishes(panel, view) {
  const { send, session } = panel.state;
  const columns = panel.state.columns.map((column) => column.title);
  return h(".stack",
    h("fieldset.wish",
      h("legend", T.whoGoes),
      radio(panel, "who", "all", T.all(view.approved)),
      radio(panel, "who", "visible", T.visible),
      selectable(panel.host) && radio(panel, "who", "selected", T.selected),
      radio(panel, "who", "where", T.where),
      send.who === "where" && where(panel, columns),
      send.choosing && problem(send.choosing)),
    h("fieldset.wish",
      h("legend", T.when),
      radio(panel, "when", "now", T.atOnce),
      radio(panel, "when", "at", T.atTime),
      send.when === "at" && field("send-at", T.atLabel, h("input", { type: "datetime-local", value: send.at,
        oninput: ({ target }) => change(panel, { at: target.value }) }), T.zone(session.time_zone)),
      radio(panel, "when", "column", T.byColumn),
      send.when === "column" && byColumn(panel, columns),
      h("label.tick", h("input", { type: "checkbox", checked: !!send.within,
        onchange: ({ target }) => change(panel, { within: target.checked }) }), h("span", T.within)),
      send.within ? hours(panel) : session.quiet_hours && h("p.hint", T.quiet(session.quiet_hours))));
}

function radio(panel, name, value, label) {
  const { send } = panel.state;
  const current = send[name] || (name === "who" ? "all" : "now");
  return h("label.tick", { key: `${name}-${value}` },
    h("input", { type: "radio", name: `send-${name}`, value, checked: current === value,
      onchange: () => pick(panel, name, value) }), h("span", label));
}

/** Rows that are chosen in the sheet are those of this moment. */
async function pick(panel, name, value) {
  const { session } = panel.state;
  if (name === "when") {
    const at = panel.state.send.at || tomorrow(session.time_zone);
    const column = panel.state.send.column || panel.state.columns[0]?.title || "";
    return change(panel, { when: value, at, column });
  }
  panel.setIn("send", { choosing: null });
  change(panel, { who: value, keys: [], told: null });
  if (value === "all") return undefined;
  if (value === "where") return count(panel);
  try {
    const keys = value === "visible" && !panel.host.visibleKeys ? await visible(panel) : await chosenKeys(panel, value);
    if (panel.state.send.who === value) change(panel, { keys });
  } catch (failure) {
    panel.setIn("send", { choosing: failure });
  }
  return undefined;
}

/** Where the server knows what is visible: rows whose cells say anything at all, or nothing. */
async function visible({ api, state }) {
  const column = state.columns[0]?.title || "";
  const found = await Promise.all(BARE.map((test) => api.post("/api/rows/where", { ...api.path, column, test, value: "" })));
  return found.flatMap(({ keys }) => keys);
}

function where(panel, columns) {
  const found = { column: columns[0] || "", test: "is", value: "", ...panel.state.send.where };
  const turn = (patch) => {
    panel.setIn("send", { where: { ...found, ...patch }, sure: false });
    clearTimeout(soon);
    soon = setTimeout(() => count(panel), PAUSE_MS);
  };
  return h(".wish-more",
    choice(found.column, columns, (column) => turn({ column }), { "aria-label": T.column }),
    choice(found.test, TESTS.map((test) => [test, T.tests[test]]), (test) => turn({ test }), { "aria-label": T.test }),
    !BARE.includes(found.test) && h("input", { value: found.value, "aria-label": T.value, dir: "auto", autocomplete: "off",
      oninput: ({ target }) => turn({ value: target.value }) }));
}

/** The rows of a condition, hidden ones too: that they are approved is what counts. */
async function count(panel) {
  const { column = panel.state.columns[0]?.title || "", test = "is", value = "" } = panel.state.send.where || {};
  if (!BARE.includes(test) && !value.trim()) return change(panel, { keys: [] });
  try {
    const { keys } = await panel.api.post("/api/rows/where", { ...panel.api.path, column, test, value, among: "all" });
    panel.setIn("send", { choosing: null });
    change(panel, { keys });
  } catch (failure) {
    panel.setIn("send", { choosing: failure });
  }
  return undefined;
}

function byColumn(panel, columns) {
  const { send, session } = panel.state;
  const { told } = send;
  return h(".wish-more",
    choice(send.column, columns, (column) => change(panel, { column, told: null }), { "aria-label": T.column }),
    told?.only_times > 0 && field("send-day", T.dayOfTimes(told.only_times), h("input", { type: "date",
      value: send.day || told.day, oninput: ({ target }) => change(panel, { day: target.value }) }), T.zone(session.time_zone)),
    told?.only_days > 0 && field("send-time", T.timeOfDays(told.only_days), h("input", { type: "time",
      value: send.time || "09:00", oninput: ({ target }) => change(panel, { time: target.value }) }), T.zone(session.time_zone)));
}

function hours(panel) {
  const { send } = panel.state;
  return h(".wish-more.pair",
    field("send-from", T.from, h("input", { type: "time", value: send.from || "09:00",
      oninput: ({ target }) => change(panel, { from: target.value }) })),
    field("send-to", T.to, h("input", { type: "time", value: send.to || "20:00",
      oninput: ({ target }) => change(panel, { to: target.value }) })));
}

/** What would leave when, and who stays; each number opens its rows. */
export function forecast(panel) {
  const { told, refused, when, column } = panel.state.send;
  if (refused) return problem(refused);
  if (!told) return h("p.soft.forecast", { "aria-busy": "true" }, T.counting);
  const { zone } = told;
  const more = told.parts.slice(SHOWN);
  const last = more[more.length - 1];
  return h(".forecast.card.calm",
    h("ul", { "aria-label": T.when },
      told.parts.slice(0, SHOWN).map((part, at) => line(panel, `part-${at}`, part.keys, part.count,
        `${moment(part, zone)}`, T.reasons[part.reason])),
      last && h("li.soft", T.laterOnes(more.reduce((sum, part) => sum + part.count, 0), inZone(last.until || last.at, zone))),
      told.staying > 0 && line(panel, "staying", null, told.staying, T.stay(told.staying), "")),
    told.no_time.length > 0 && when === "column" && noTime(panel, told, column),
    told.only_times > 0 && h("p.soft", T.timesMean(dayOf(told.day))),
    pace(told),
    told.left_today !== null && h("p.soft", T.leftToday(told.left_today)),
    told.abroad.map((one) => h("p.soft", { key: one.zone }, T.abroad(one.count, one.zone, inZone(told.parts[0].at, one.zone)))),
    zone !== own && h("p.soft", T.zone(zone)));
}

function moment(part, zone) {
  return part.reason === "now" ? T.rightNow : inZone(part.at, zone);
}

function line(panel, name, keys, amount, said, why) {
  const { open } = panel.state.send;
  const show = () => (keys === null ? panel.list(["Approved"], T.seeWho) : unfold(panel, name, keys));
  return h("li", { key: name },
    h("button.count", { "aria-expanded": keys === null ? null : String(open?.name === name), onclick: show }, h("b", text.number(amount))),
    " ", h("span", said), why && h("span.soft", " · ", why),
    open?.name === name && h("ul.who", open.messages
      ? open.messages.map((one) => h("li", { key: one.key, dir: "auto" }, cellLink(panel, { key: one.key, column: "Status" }, one.person || one.address)))
      : h("li.soft", text.panel.loading), open.messages && amount > open.messages.length && h("li.soft", T.andMore(amount - open.messages.length))));
}

/** The people behind a number, or away with them. */
async function unfold(panel, name, keys) {
  if (panel.state.send.open?.name === name) return panel.setIn("send", { open: null });
  panel.setIn("send", { open: { name, messages: null } });
  try {
    const { messages } = await panel.api.get(panel.at("/messages"), { key: keys.slice(0, NAMES).join(","), limit: NAMES });
    if (panel.state.send.open?.name === name) panel.setIn("send", { open: { name, messages } });
  } catch (failure) {
    panel.setIn("send", { open: null, refused: failure });
  }
  return undefined;
}

function noTime(panel, told, column) {
  return h(".warned",
    h("p", T.noTime(told.no_time.length, column), told.past > 0 && ` ${T.past(told.past)}`),
    h(".cells", told.no_time.slice(0, 20).map((key, at) => h("span", { key },
      cellLink(panel, { key, column }, T.cell(panel.host.rowNumber?.(key) || at + 1))))));
}

function pace(told) {
  if (!told.going || !(told.seconds > 20)) return null;
  return h("p.soft", T.takes(told.seconds, told.rate_per_second));
}

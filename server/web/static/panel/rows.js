// The rows behind a number: who they are, where they stand and why, and what can be done about them. A page at a time,
// to the last one; what is not on show is not in the page.

import { named } from "./choiceline.js";
import { statusChip } from "./counts.js";
import { h } from "./dom.js";
import { obey, turn } from "./drafts.js";
import { needsOf } from "./needs.js";
import { action, cellLink, outcomeAt } from "./parts.js";
import { text } from "./texts.js";
import { COMMANDS, TO_READ } from "./words.js";

const PAGE = 50;
/** Rows that one command takes at once. */
const TOGETHER = 500;
/** Messages that one answer holds. */
const MOST = 1000;
/** From so many on there is a command for all of them, which is asked about first: one row has its own. */
const MANY = 2;
const T = text.rows;

/** Loads the page on show; the latest question counts. */
export async function load(panel) {
  const { rows } = panel.state;
  const offset = rows.offset || 0;
  const same = () => panel.state.rows && is(panel.state.rows, rows) && (panel.state.rows.offset || 0) === offset;
  try {
    const { messages, total } = await ask(panel, rows, offset, PAGE);
    if (!same()) return;
    // The last rows may have gone elsewhere meanwhile.
    if (!messages.length && offset > 0) turnTo(panel, Math.max(0, Math.floor((total - 1) / PAGE) * PAGE));
    else panel.setIn("rows", { messages, total, failure: null });
  } catch (failure) {
    if (same()) panel.setIn("rows", { failure });
  }
}

function is(one, other) {
  return one.statuses === other.statuses && one.kind === other.kind && one.fault === other.fault;
}

async function ask(panel, { statuses, kind, fault, query }, offset, limit) {
  if (kind) {
    const page = await panel.api.get(panel.at("/left-out"), { kind, offset, limit });
    return { messages: page.rows, total: page.total };
  }
  if (fault) {
    const page = await panel.api.get(panel.at("/faults"), { kind: fault, offset, limit });
    return { messages: page.cells, total: page.total };
  }
  return panel.api.get(panel.at("/messages"), { status: statuses.join(), offset, limit, ...query });
}

/** The list, with a way back to what it was opened from. */
export function draw(panel) {
  const { rows } = panel.state;
  const keys = (event) => event.key === "Escape" && panel.back();
  return h("section.stack", { key: "rows", "aria-label": rows.title, onkeydown: (event) => { keys(event); } },
    h(".inline",
      h("button.ghost.small", { focus: true, onclick: () => panel.back() }, "‹ ", text.steps[panel.state.step]),
      h("h2.grow", rows.title, " ", rows.messages && h("span.soft", text.number(rows.total)))),
    rows.failure && h(".problem", { role: "alert" }, h("p", rows.failure.detail),
      h("button.secondary.small", { onclick: () => load(panel) }, text.panel.tryAgain)),
    outcomeAt(panel, "rows"),
    takeBack(panel, rows),
    bulk(panel, rows),
    body(panel, rows),
    pager(panel, rows));
}

function body(panel, rows) {
  if (rows.messages === null) return rows.failure ? null : bones();
  if (!rows.messages.length) return h("p.soft", T.none);
  if (rows.fault) return cells(panel, rows);
  return rows.kind ? ofPlan(panel, rows) : list(panel, rows);
}

function bones() {
  return h(".bones", { key: "bones", "aria-busy": "true" }, h("p.sr", text.panel.loading),
    [1, 2, 3].map((number) => h(".bone.wide", { key: number })));
}

/** Which of them are on show, and the way to the others. */
function pager(panel, rows) {
  if (!rows.messages || rows.total <= PAGE) return null;
  const offset = rows.offset || 0;
  const last = Math.floor((rows.total - 1) / PAGE) * PAGE;
  const to = (label, sign, place, off) => h("button.ghost.small", { "aria-label": label, disabled: off,
    onclick: () => turnTo(panel, place) }, sign);
  return h("nav.pager", { "aria-label": T.pages },
    to(T.first, "«", 0, offset === 0), to(T.earlier, "‹", Math.max(0, offset - PAGE), offset === 0),
    h("span.grow", { role: "status" }, T.range(offset + 1, offset + rows.messages.length, rows.total)),
    to(T.later, "›", offset + PAGE, offset >= last), to(T.last, "»", last, offset >= last));
}

function turnTo(panel, offset) {
  panel.setIn("rows", { offset });
  document.getElementById("step")?.scrollIntoView({ block: "nearest" });
  return load(panel);
}

/** The same for all of them: only where it is harmless, so never a doubtful send. Many are asked about first. */
function bulk(panel, rows) {
  if (rows.statuses.length !== 1 || !rows.messages?.length || rows.total < MANY || rows.query) return null;
  const [status] = rows.statuses;
  const commands = (COMMANDS[status] || []).filter((command) => status !== "In doubt"
    && !(status === "Check draft" && command === "Approved"));
  const needs = (command) => needsOf(panel.state.view, command);
  if (rows.sure) {
    return h(".sure", { key: "sure", role: "group", "aria-label": text.commands[rows.sure] },
      h("p", T.sure[rows.sure](rows.total), " ", rows.sure === "Approved" && leaving(panel) && h("b", T.leaves)),
      h(".buttons",
        action(panel, "rows", T.bulk(text.commands[rows.sure], rows.total), () => everyone(panel, status, rows.sure),
          { kind: "primary", focus: true, needs: needs(rows.sure) }),
        h("button.ghost", { onclick: () => panel.setIn("rows", { sure: "" }) }, text.parts.cancel)));
  }
  return h(".buttons", commands.map((command) => action(panel, "rows", T.bulk(text.commands[command], rows.total), null,
    { key: command, kind: "ghost", needs: needs(command), onclick: () => panel.setIn("rows", { sure: command }) })));
}

/** Whether what is approved now leaves at once. */
function leaving(panel) {
  return ["sending", "done"].includes(panel.state.view.state);
}

/** Every one of them, not only the page on show; in parts, so that none of them is too much. */
async function everyone(panel, status, command) {
  const keys = [];
  for (let offset = 0, total = 1; offset < total; offset += MOST) {
    const page = await panel.api.get(panel.at("/messages"), { status, offset, limit: MOST });
    keys.push(...page.messages.map((message) => message.key));
    total = page.total;
  }
  panel.setIn("rows", { sure: "" });
  let said = "";
  let changed = 0;
  for (let at = 0; at < keys.length; at += TOGETHER) {
    const done = await panel.api.post(panel.at("/command"), { keys: keys.slice(at, at + TOGETHER), command });
    said ||= done.sentence;
    changed += done.changed;
  }
  await panel.reload();
  if (panel.state.rows) panel.setIn("rows", { undo: command === "Skip" && changed ? keys : null });
  return [text.check.obeyed(changed), said].filter(Boolean).join(" ");
}

/** Skipped rows can be brought back; what else is done can't be undone by a button. */
function takeBack(panel, rows) {
  if (!rows.undo) return null;
  const back = async () => {
    const keys = rows.undo;
    panel.setIn("rows", { undo: null });
    let said = "";
    for (let at = 0; at < keys.length; at += TOGETHER) said = await obey(panel, keys.slice(at, at + TOGETHER), "Redraft");
    return said;
  };
  return h(".buttons", { key: "undo" }, action(panel, "rows", T.bringBack(rows.undo.length), back, { needs: "edit", kind: "secondary small" }),
    h("span.hint", T.bringBackHint));
}

function list(panel, rows) {
  return h("ul.rows", rows.messages.map((message) => h("li", { key: message.message_id },
    h("button.row", { disabled: !panel.host.jumpTo, title: text.check.inSheet,
      onclick: () => panel.jump(message.key, "Status") },
      h("span.grow",
        h("strong", { dir: "auto" }, message.person || message.address || text.check.nobody),
        h("span.address", message.person ? message.address || text.check.noAddress : "")),
      statusChip(message.status)),
    message.reply && h("p.reply", { dir: "auto" }, message.reply),
    message.note && h("p.why", message.note),
    h(".buttons",
      TO_READ.includes(message.status) && h("button.link", { onclick: () => read(panel, message) }, T.read),
      h("button.link", { onclick: () => panel.converse(message.key) }, T.conversation),
      (COMMANDS[message.status] || []).map((command) => action(panel, "rows", text.commands[command],
        () => obey(panel, [message.key], command),
        { key: command, kind: "link", needs: needsOf(panel.state.view, command) }))))));
}

/** Rows of the plan: nothing is drafted for them yet, so that there is nothing to do here but to look. */
function ofPlan(panel, rows) {
  return h("ul.rows", rows.messages.map((row) => h("li", { key: `${row.row} ${row.key}` },
    h("button.row", { disabled: !panel.host.jumpTo, title: text.check.inSheet,
      onclick: () => panel.jump(row.key, row.column, row.row) },
      h("span.grow", h("strong", { dir: "auto" }, row.person || text.check.nobody),
        h("span.address", { dir: "auto" }, row.reason)),
      h("span.soft", T.row(row.row))))));
}

function cells(panel, rows) {
  return h("p.cells", rows.messages.map((cell) => h("span", { key: `${cell.row} ${cell.key} ${cell.column}` },
    cellLink(panel, cell, named(panel, cell)))));
}

function read(panel, message) {
  panel.go("check");
  turn(panel, { key: message.key });
}

// The rows behind a count: who they are, why they stand there, and what can be done about them.

import { turn, obey } from "./drafts.js";
import { statusChip } from "./counts.js";
import { h } from "./dom.js";
import { action, outcomeAt } from "./parts.js";
import { text } from "./texts.js";
import { COMMANDS, TO_READ, countOf } from "./words.js";

const PAGE = 50;
const MOST = 500;
const T = text.rows;

/** Loads as many rows as are shown; one request for each status that has any. */
export async function load(panel) {
  const { view, rows } = panel.state;
  const limit = rows.limit || PAGE;
  const present = rows.statuses.filter((status) => countOf(view, [status]) > 0);
  try {
    const pages = await Promise.all(present.map((status) => panel.api.get(panel.at("/messages"),
      { status, offset: 0, limit, ...rows.query })));
    if (panel.state.rows?.statuses !== rows.statuses) return;
    const messages = pages.flatMap((page) => page.messages).slice(0, limit);
    panel.setIn("rows", { messages, total: pages.reduce((sum, page) => sum + page.total, 0) });
  } catch (failure) {
    panel.setIn("problems", { rows: failure });
  }
}

/** The list, with a way back to the step it was opened from. */
export function draw(panel) {
  const { rows, step } = panel.state;
  const keys = (event) => event.key === "Escape" && panel.go(step);
  return h("section.stack", { key: "rows", "aria-label": rows.title, onkeydown: keys },
    h(".inline",
      h("button.ghost.small", { focus: true, onclick: () => panel.go(step) }, "‹ ", text.steps[step]),
      h("h2.grow", rows.title, " ", rows.messages && h("span.soft", text.number(rows.total)))),
    outcomeAt(panel, "rows"),
    bulk(panel, rows),
    rows.messages === null ? h("p.soft", text.panel.loading) : list(panel, rows),
    rows.messages?.length < rows.total && h("button.link", { onclick: () => more(panel) },
      T.more(rows.total - rows.messages.length)));
}

function more(panel) {
  panel.setIn("rows", { limit: Math.min(MOST, (panel.state.rows.limit || PAGE) * 4) });
  load(panel);
}

/** The same for all of them: only where it is harmless, so never a doubtful send. */
function bulk(panel, rows) {
  if (rows.statuses.length !== 1 || !rows.messages?.length) return null;
  const [status] = rows.statuses;
  const commands = (COMMANDS[status] || []).filter((command) => status !== "In doubt"
    && !(status === "Check draft" && command === "Approved"));
  return h(".buttons", commands.map((command) => action(panel, "rows", T.bulk(text.commands[command], rows.total),
    () => everyone(panel, status, command), { key: command, kind: "ghost" })));
}

async function everyone(panel, status, command) {
  const page = await panel.api.get(panel.at("/messages"), { status, offset: 0, limit: MOST });
  return obey(panel, page.messages.map((message) => message.key), command);
}

function list(panel, rows) {
  if (!rows.messages.length) return h("p.soft", T.none);
  return h("ul.rows", rows.messages.map((message) => h("li", { key: message.message_id },
    h("button.row", { disabled: !panel.host.jumpTo, title: text.check.inSheet,
      onclick: () => panel.jump(message.key, "Status") },
      h("span.grow",
        h("strong", { dir: "auto" }, message.person || message.address || text.check.nobody),
        h("span.address", message.person ? message.address || text.check.noAddress : "")),
      rows.statuses.length > 1 && statusChip(message.status)),
    message.reply && h("p.reply", { dir: "auto" }, message.reply),
    message.note && h("p.why", message.note),
    h(".buttons",
      TO_READ.includes(message.status) && h("button.link", { onclick: () => read(panel, message) }, T.read),
      (COMMANDS[message.status] || []).map((command) => action(panel, "rows", text.commands[command],
        () => obey(panel, [message.key], command),
        { key: command, kind: "link" }))))));
}

function read(panel, message) {
  panel.go("check");
  turn(panel, { key: message.key });
}

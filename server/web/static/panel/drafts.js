// The drafts, one at a time as their recipients will see them: read, edit, redraft, skip, approve, test.

import { chosenKeys } from "./chosen.js";
import { statusChip } from "./counts.js";
import { h } from "./dom.js";
import { recall, remember } from "./memory.js";
import { needsOf } from "./needs.js";
import { action, cellLink, field, outcomeAt, selectable } from "./parts.js";
import { isMail, preview, way } from "./preview.js";
import { text } from "./texts.js";
import { COMMANDS, TO_READ, countOf } from "./words.js";
import { restOf } from "./writing.js";

const T = text.check;

/** Loads the draft on show; the list's order is the sheet's. */
export async function loadDrafts(panel) {
  const { view, check } = panel.state;
  if (!view.drafted || check.edit) return;
  const query = check.key ? { key: check.key } : { status: check.filter, offset: check.offset, limit: 1 };
  try {
    const page = await panel.api.get(panel.at("/messages"), query);
    if (panel.state.view.id !== view.id || panel.state.check.edit) return;
    const now = panel.state.check;
    if (now.filter !== check.filter || now.offset !== check.offset || now.key !== check.key) return;
    if (!page.messages.length && check.offset > 0) turn(panel, { offset: Math.max(0, page.total - 1) });
    else panel.setIn("check", { message: page.messages[0] || null, total: page.total });
  } catch (failure) {
    panel.setIn("problems", { draft: failure });
  }
}

/** Another draft, filter or row. */
export function turn(panel, patch) {
  panel.setIn("check", { key: "", edit: null, ...patch });
  loadDrafts(panel);
}

/** Approve all, filter, and the draft on show. */
export function drafts(panel) {
  const { view, check } = panel.state;
  return h("section.stack", { "aria-label": T.drafts },
    filters(panel, view, check),
    check.message ? card(panel, check.message) : h("p.soft", check.total ? text.panel.loading : T.noneHere));
}

/** The yes to many at once, and the way on. */
export function approveAll(panel, view) {
  const { selected } = panel.state.check;
  const first = restOf(view) ? "secondary" : "primary"; // after a trial the next thing is to have the rest written
  if (["planned", "drafting", "cancelled"].includes(view.state) || !(view.approvable || view.approved)
    || panel.state.check.edit) return null;
  return [
    outcomeAt(panel, "approve"),
    view.approvable > 0 && action(panel, "approve", T.approveAll(view.approvable), () => approve(panel, null),
      { kind: `${first} wide`, needs: needsOf(view, "Approved") }),
    view.approvable > 0 && (selected || selectable(panel.host)) && (selected
      ? h(".buttons", { key: "selected" },
        action(panel, "approve", T.approveSelected(selected.length), () => approve(panel, selected),
          { focus: true, needs: needsOf(view, "Approved") }),
        h("button.ghost", { onclick: () => panel.setIn("check", { selected: null }) }, text.parts.cancel))
      : action(panel, "approve", T.approveOnlySelected,
        async () => panel.setIn("check", { selected: await chosenKeys(panel, "selected") }),
        { kind: "ghost wide", key: "select", needs: needsOf(view, "Approved") })),
    view.approved > 0 && h("button", { class: view.approvable ? "secondary wide" : `${first} wide`,
      onclick: () => panel.go("send") },
      T.toSend(view.approved)),
  ];
}

async function approve(panel, keys) {
  const done = await panel.api.post(panel.at("/approve"), keys ? { keys } : {});
  panel.setIn("check", { selected: null });
  await panel.reload();
  return done.sentence || T.approved(done.changed);
}

function filters(panel, view, check) {
  const present = TO_READ.map((status) => [status, countOf(view, [status])]).filter(([, count]) => count > 0);
  const tabs = [["", view.rows], ...present]; // as many as are listed, those that went out before among them
  if (tabs.length < 3 && !check.filter) return null;
  return h(".chips", { role: "group", "aria-label": T.filter }, tabs.map(([status, count]) => h("button", {
    key: status || "all", class: "chip", "aria-pressed": String(check.filter === status),
    onclick: () => turn(panel, { filter: status, offset: 0 }) }, status || T.all, " ", h("b", text.number(count)))));
}

function card(panel, message) {
  const { check, view } = panel.state;
  const mail = isMail(message, view.plan);
  return h("article.draft.card", { "aria-label": T.draftOf(message.person || message.address) },
    pager(panel, check, message),
    h("header",
      h(".grow",
        h("strong", { dir: "auto" }, message.person || message.address || T.nobody),
        (message.person || message.address) && h("span.address", way(message))),
      statusChip(message.status)),
    message.note && h("p.note", message.note),
    check.edit ? editor(panel, message, mail) : preview(message, mail),
    outcomeAt(panel, "card"),
    !check.edit && buttons(panel, message),
    !check.edit && testMessage(panel, message));
}

function pager(panel, check, message) {
  const go = (by) => turn(panel, { offset: check.offset + by });
  return h(".pager",
    check.key
      ? h("button.ghost.small", { onclick: () => turn(panel, {}) }, T.allDrafts)
      : [
        h("button.ghost.small", { key: "prev", "aria-label": T.previous, disabled: check.offset === 0,
          onclick: () => go(-1) }, "‹"),
        h("span", { key: "where", "aria-live": "polite" }, T.where(check.offset + 1, check.total)),
        h("button.ghost.small", { key: "next", "aria-label": T.next, disabled: check.offset + 1 >= check.total,
          onclick: () => go(1) }, "›"),
      ],
    h("span.grow"),
    panel.host.jumpTo && cellLink(panel, { key: message.key, column: "Message" }, T.inSheet));
}

function editor(panel, message, mail) {
  const { edit } = panel.state.check;
  const change = (patch) => panel.setIn("check", { edit: { ...edit, ...patch } });
  const stop = () => panel.setIn("check", { edit: null });
  const keys = (event) => {
    if (event.key === "Escape") stop();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) panel.act("card", () => save(panel, message));
  };
  return h(".stack.tight", { key: "editor", onkeydown: keys },
    mail && field("edit-subject", text.write.subject,
      h("input", { value: edit.subject, oninput: (event) => change({ subject: event.target.value }) })),
    field("edit-text", T.text, h("textarea", { rows: "9", dir: "auto", focus: true, value: edit.text,
      oninput: (event) => change({ text: event.target.value }) })),
    h(".buttons",
      action(panel, "card", T.save, () => save(panel, message), { kind: "primary", needs: "edit" }),
      h("button.ghost", { onclick: stop }, text.parts.cancel)));
}

async function save(panel, message) {
  const { text: body, subject } = panel.state.check.edit;
  const next = await panel.api.patch(panel.at(`/messages/${message.key}`), { text: body, subject });
  panel.setIn("check", { edit: null, message: next });
  await panel.reload();
}

function buttons(panel, message) {
  const open = ["drafting", "drafted"].includes(panel.state.view.state);
  const may = COMMANDS[message.status] || [];
  const does = (command) => () => (command === "Approved" ? approve(panel, [message.key])
    : obey(panel, [message.key], command));
  const editable = ["Draft", "Check draft", "Changed", "Approved"].includes(message.status);
  return h(".buttons",
    may.includes("Approved") && action(panel, "card", T.approveOne, does("Approved"),
      { kind: "secondary", needs: needsOf(panel.state.view, "Approved") }),
    editable && action(panel, "card", T.edit, null, { kind: "ghost", needs: "edit", onclick: () =>
      panel.setIn("check", { edit: { text: message.text, subject: message.subject } }) }),
    ["Redraft", "Skip", "Retry"].map((command) => (open || command !== "Redraft") && may.includes(command)
      ? action(panel, "card", text.commands[command], does(command),
        { kind: "ghost", key: command, needs: needsOf(panel.state.view, command) }) : null));
}

/** What could also be typed into the Status cell. */
export async function obey(panel, keys, command) {
  const done = await panel.api.post(panel.at("/command"), { keys, command });
  await panel.reload();
  return done.sentence || T.obeyed(done.changed);
}

function testMessage(panel, message) {
  const address = panel.state.testAddress ?? recall("test-address", "");
  const send = async () => {
    remember("test-address", address);
    const done = await panel.api.post(panel.at("/test"), { address, key: message.key });
    return done.sentence || T.tested(address);
  };
  return h("details.fold.light",
    h("summary", T.test),
    h("form.inline", { onsubmit: (event) => { event.preventDefault(); panel.act("test", send); } },
      h("label.sr", { for: "test-address" }, T.testAddress),
      h("input", { id: "test-address", class: "grow", value: address, placeholder: T.testAddress, autocomplete: "email",
        oninput: (event) => panel.set({ testAddress: event.target.value.trim() }) }),
      action(panel, "test", T.testSend, send, { needs: "send", disabled: !address, type: "submit", onclick: null })),
    h("p.hint", T.testHint),
    outcomeAt(panel, "test"));
}

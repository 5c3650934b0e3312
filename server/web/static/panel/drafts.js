// The drafts, one at a time as their recipients will see them: read, edit, redraft, skip, approve, test.

import { chosenKeys } from "./chosen.js";
import { statusChip } from "./counts.js";
import { h } from "./dom.js";
import { moment } from "./language.js";
import { recall, remember } from "./memory.js";
import { needsOf } from "./needs.js";
import { action, cellLink, field, outcomeAt, selectable } from "./parts.js";
import { isMail, money, preview, way } from "./preview.js";
import { afterRedraft, redraftBox, remarked } from "./redraft.js";
import { text } from "./texts.js";
import { firstChip, loadUnlike, looked, odd, reason } from "./unlike.js";
import { COMMANDS, TO_READ, countOf } from "./words.js";
import { restOf } from "./writing.js";

/** How long nobody types before a text is weighed. */
const WEIGH_MS = 300;
const T = text.check;

/** Loads the draft on show; the list's order is the sheet's, that of the odd ones the oddest first. */
export async function loadDrafts(panel) {
  const { view, check } = panel.state;
  if (!(view.drafted || check.message) || check.edit) return;
  if (check.odd) await loadUnlike(panel);
  else loadUnlike(panel); // nobody waits for it
  const query = queryOf(panel);
  if (!query) return turn(panel, { odd: false, offset: 0 });
  try {
    const page = await panel.api.get(panel.at("/messages"), query);
    if (panel.state.view.id !== view.id || panel.state.check.edit) return;
    const now = panel.state.check;
    if (["filter", "offset", "key", "odd"].some((name) => now[name] !== check[name])) return;
    if (!page.messages.length && check.offset > 0) return turn(panel, { offset: Math.max(0, page.total - 1) });
    const message = page.messages[0] || null;
    panel.setIn("check", { message, total: now.odd ? odd(panel).length : page.total, loaded: true });
    if (message) await arrival(panel, message);
  } catch (failure) {
    panel.setIn("problems", { draft: failure });
  }
}

function queryOf(panel) {
  const { check } = panel.state;
  if (check.key) return { key: check.key };
  if (!check.odd) return { status: check.filter, offset: check.offset, limit: 1 };
  const rows = odd(panel);
  return rows.length ? { key: rows[Math.min(check.offset, rows.length - 1)].key } : null;
}

/** How it arrives, asked for once for each version of a draft. */
async function arrival(panel, { key, address, channel, text: body }) {
  const name = `${key} ${channel} ${address} ${body.length}`;
  if (panel.state.check.arrives?.name === name) return;
  try {
    const arrives = await panel.api.get(panel.at(`/messages/${key}/preview`));
    if (panel.state.check.message?.key === key) panel.setIn("check", { arrives: { ...arrives, name, key } });
  } catch {
    // The text is what counts; who it comes from is then not shown.
  }
}

/** Another draft, filter or row. */
export function turn(panel, patch) {
  panel.setIn("check", { key: "", edit: null, odd: false, redraft: null, ...patch });
  return loadDrafts(panel);
}

/** Approve all, filter, and the draft on show. */
export function drafts(panel) {
  const { view, check } = panel.state;
  return h("section.stack", { "aria-label": T.drafts },
    afterRedraft(panel),
    filters(panel, view, check),
    search(panel, view, check),
    panel.state.problems.draft && outcomeAt(panel, "draft"),
    check.message ? card(panel, check.message) : check.loaded ? h("p.empty", { key: "none" }, T.noneHere) : bones());
}

function bones() {
  return h(".card", { key: "bones", "aria-busy": "true" }, h("p.sr", text.panel.loading), h(".bone"), h(".bone.tall"));
}

/** A person by name or address, or a draft by its place: a way to any of them. */
function search(panel, view, check) {
  if (view.rows < 2) return null;
  const find = async () => {
    const sought = (panel.state.check.sought || "").trim();
    if (!sought) return;
    const { total } = panel.state.check.odd || panel.state.check.key ? { total: view.rows } : panel.state.check;
    if (/^\d+$/.test(sought) && Number(sought) >= 1 && Number(sought) <= total) {
      const { filter } = panel.state.check;
      turn(panel, { filter: panel.state.check.key ? "" : filter, offset: Number(sought) - 1, found: null, sought: "" });
    } else panel.setIn("check", { found: await panel.api.get(panel.at("/find"), { text: sought }) });
  };
  const pick = ({ at }) => turn(panel, { filter: "", offset: at, found: null, sought: "" });
  return h("form.find", { key: "find", role: "search",
    onsubmit: (event) => { event.preventDefault(); panel.act("find", find); } },
    h("label.sr", { for: "find-person" }, T.find),
    h("input", { id: "find-person", type: "search", value: check.sought || "", placeholder: T.find, autocomplete: "off",
      oninput: ({ target }) => panel.setIn("check", { sought: target.value, found: null }) }),
    action(panel, "find", T.findGo, find, { kind: "ghost small", type: "submit", onclick: null }),
    panel.state.problems.find && outcomeAt(panel, "find"),
    check.found && h("div.found", { role: "status" },
      check.found.rows.length ? h("ul", check.found.rows.map((one) => h("li", { key: one.key },
        h("button.row", { onclick: () => pick(one) }, h("strong", { dir: "auto" }, one.person || one.address),
          one.person && h("span.address", one.address)))))
        : h("p.soft", T.foundNobody),
      check.found.total > check.found.rows.length && h("p.soft.small-text",
        T.more(check.found.total - check.found.rows.length))));
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
  if (keys?.length === 1) looked(panel, keys[0]);
  panel.setIn("check", { selected: null });
  await panel.reload();
  return done.sentence || T.approved(done.changed);
}

function filters(panel, view, check) {
  const present = TO_READ.filter((status) => countOf(view, [status]) > 0).map((status) => [status, countOf(view, [status])]);
  const tabs = [["", view.rows], ...present]; // as many as are listed, those that went out before among them
  const first = firstChip(panel, !!check.odd, () => turn(panel, { odd: !check.odd, filter: "", offset: 0 }));
  if (tabs.length < 3 && !check.filter && !first) return null;
  return h(".chips", { key: "filters", role: "group", "aria-label": T.filter }, first,
    tabs.map(([status, count]) => h("button", {
      key: status || "all", class: "chip", "aria-pressed": String(!check.odd && check.filter === status),
      onclick: () => turn(panel, { filter: status, offset: 0 }) }, status || T.all, " ", h("b", text.number(count)))));
}

function card(panel, message) {
  const { check, view } = panel.state;
  const mail = isMail(message, view.plan);
  const arrives = check.arrives?.key === message.key ? check.arrives : null;
  return h("article.draft.card", { key: "card", tabindex: "-1", "aria-label": T.draftOf(message.person || message.address),
    onkeydown: (event) => keyed(panel, event) },
    pager(panel, check, message),
    h("header",
      h(".grow",
        h("strong", { dir: "auto" }, message.person || message.address || T.nobody),
        (message.person || message.address) && h("span.address", way(message))),
      message.step > 0 && h("span.status", { key: "step" }, T.reminder),
      statusChip(message.status)),
    check.odd && reason(panel, message.key),
    message.note && h("p.note", { key: "note" }, message.note),
    check.edit ? editor(panel, message, mail) : preview(message, mail, arrives),
    !check.edit && remarked(panel, message),
    message.approved_by && message.status === "Approved" && h("p.soft.small-text", { key: "approved" },
      T.approvedBy(message.approved_by, message.approved_at && moment(message.approved_at))),
    outcomeAt(panel, "card"),
    !check.edit && buttons(panel, message),
    !check.edit && redraftBox(panel, message),
    !check.edit && testMessage(panel, message));
}

/** Arrow keys and J, K turn the page, where nobody is typing. */
function keyed(panel, event) {
  const { target, key, altKey, ctrlKey, metaKey } = event;
  if (altKey || ctrlKey || metaKey || target.closest("input, textarea, select, [role=group][tabindex='0']")) return;
  const onward = getComputedStyle(event.currentTarget).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
  const arrows = ["ArrowRight", "ArrowLeft"].includes(key);
  const by = arrows ? (key === onward ? 1 : -1) : { j: 1, k: -1 }[key.toLowerCase()];
  const { check } = panel.state;
  if (!by || check.edit || check.key || check.offset + by < 0 || check.offset + by >= check.total) return;
  event.preventDefault();
  event.currentTarget.focus({ preventScroll: true }); // a button that ends here would take the focus along
  turn(panel, { offset: check.offset + by, odd: check.odd });
}

function pager(panel, check, message) {
  const go = (by) => turn(panel, { offset: check.offset + by, odd: check.odd });
  const fine = () => {
    looked(panel, message.key);
    turn(panel, { offset: Math.min(check.offset, Math.max(0, odd(panel).length - 1)), odd: odd(panel).length > 0 });
  };
  return h(".pager",
    check.key
      ? h("button.ghost.small", { onclick: () => turn(panel, {}) }, T.allDrafts)
      : [
        h("button.ghost.small", { key: "prev", "aria-label": T.previous, disabled: check.offset === 0,
          "aria-keyshortcuts": "K ArrowLeft", onclick: () => go(-1) }, "‹"),
        h("span", { key: "where", "aria-live": "polite" }, T.where(check.offset + 1, check.total)),
        h("button.ghost.small", { key: "next", "aria-label": T.next, disabled: check.offset + 1 >= check.total,
          "aria-keyshortcuts": "J ArrowRight", onclick: () => go(1) }, "›"),
      ],
    check.odd && h("button.ghost.small", { key: "fine", onclick: fine }, text.unlike.fine),
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
  const typed = ({ target }) => {
    change({ text: target.value });
    if (message.sms) weigh(panel, message);
  };
  return h(".stack.tight", { key: "editor", onkeydown: keys },
    mail && field("edit-subject", text.write.subject,
      h("input", { value: edit.subject, oninput: (event) => change({ subject: event.target.value }) })),
    field("edit-text", T.text, h("textarea", { rows: "9", dir: "auto", focus: true, value: edit.text,
      oninput: typed }), T.alsoInCell),
    message.sms && h("p.soft.small-text", { key: "weight", "aria-live": "polite" }, text.preview.sms(edit.sms || message.sms),
      (edit.sms || message.sms).cost !== null && [" · ", money(edit.sms || message.sms)]),
    h(".buttons",
      action(panel, "card", T.save, () => save(panel, message), { kind: "primary", needs: "edit" }),
      h("button.ghost", { onclick: stop }, text.parts.cancel)));
}

let weighing;

/** What the text that is being typed comes to as an SMS, as the server counts. */
function weigh(panel, message) {
  clearTimeout(weighing);
  weighing = setTimeout(async () => {
    const { edit } = panel.state.check;
    if (!edit || panel.state.check.message?.key !== message.key) return;
    const sms = await panel.api.post(panel.at("/weigh"), { text: edit.text }).catch(() => null);
    const now = panel.state.check.edit;
    if (sms && now?.text === edit.text) panel.setIn("check", { edit: { ...now, sms } });
  }, WEIGH_MS);
}

async function save(panel, message) {
  const { text: body, subject } = panel.state.check.edit;
  const next = await panel.api.patch(panel.at(`/messages/${message.key}`), { text: body, subject });
  looked(panel, message.key);
  panel.setIn("check", { edit: null, message: next });
  await panel.reload();
}

function buttons(panel, message) {
  const open = ["drafting", "drafted"].includes(panel.state.view.state);
  const fits = COMMANDS[message.status] || [];
  const does = (command) => () => (command === "Approved" ? approve(panel, [message.key])
    : obey(panel, [message.key], command));
  const editable = ["Draft", "Check draft", "Changed", "Approved"].includes(message.status);
  return h(".buttons",
    fits.includes("Approved") && action(panel, "card", T.approveOne, does("Approved"),
      { kind: "secondary", needs: needsOf(panel.state.view, "Approved") }),
    editable && action(panel, "card", T.edit, null, { kind: "ghost", needs: "edit", onclick: () =>
      panel.setIn("check", { edit: { text: message.text, subject: message.subject } }) }),
    ["Redraft", "Skip", "Retry"].map((command) => (open || command !== "Redraft") && fits.includes(command)
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
  const place = `test-address:${message.channel || panel.state.view.plan.channel}`;
  const address = panel.state.check.testAddress?.[place] ?? recall(place, "");
  const send = async () => {
    remember(place, address);
    const done = await panel.api.post(panel.at("/test"), { address, key: message.key });
    return done.sentence || T.tested(address);
  };
  const type = ({ target }) => panel.setIn("check", { testAddress: { ...panel.state.check.testAddress,
    [place]: target.value.trim() } });
  return h("details.fold.light", { key: "test" },
    h("summary", T.test),
    h("p.hint", T.testWith(panel.host.rowNumber?.(message.key), message.person || message.address)),
    h("form.inline", { onsubmit: (event) => { event.preventDefault(); panel.act("test", send); } },
      h("label.sr", { for: "test-address" }, T.testAddress),
      h("input", { id: "test-address", class: "grow", value: address, placeholder: T.testAddress, autocomplete: "email",
        oninput: type }),
      action(panel, "test", T.testSend, send, { disabled: !address, type: "submit", onclick: null, needs: "send" })),
    outcomeAt(panel, "test"));
}

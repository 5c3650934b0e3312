// Campaigns saved to use again: the list in Write, one click that fills the form, and saving one under a name.

import { carriersOf } from "./channels.js";
import { h } from "./dom.js";
import { action, field, outcomeAt } from "./parts.js";
import { text } from "./texts.js";

const T = text.saved;
const FIRST = 5;

/** What this person or this workbook has; nothing at all where there is none. */
export function saved(panel, use) {
  const { saved: known } = panel.state;
  if (!known) load(panel);
  if (!known?.list?.length) return outcomeAt(panel, "saved");
  const shown = known.all ? known.list : known.list.slice(0, FIRST);
  return h("section.saved", { "aria-labelledby": "saved-title" },
    h("p.soft", { id: "saved-title" }, T.title),
    h("ul", shown.map((one) => h("li", { key: one.id }, row(panel, one, use)))),
    known.list.length > shown.length && h("button.link", { type: "button", onclick: () => panel.setIn("saved", { all: true }) },
      T.more(known.list.length - shown.length)),
    outcomeAt(panel, "saved"));
}

/** Asked for once a sheet; a failure is told, and asked again with the next visit. */
export async function load(panel) {
  const { state, api } = panel;
  state.saved = { list: null };
  try {
    const { saved: list } = await api.get("/api/saved", api.path);
    if (state === panel.state) panel.setIn("saved", { list });
  } catch {
    state.saved = { list: [] }; // what is no more than a convenience stands in nobody's way
  }
}

function row(panel, one, use) {
  const { saved: known } = panel.state;
  const busy = known.open === one.id && known.mode;
  const open = (mode) => panel.setIn("saved", { open: one.id, mode, name: one.name });
  if (busy === "rename") return naming(panel, "saved", T.renameLabel(one.name), T.rename, () => rename(panel, one), () => open(""));
  return [
    h(".inline", { key: "use" },
      h("button.example.grow", { type: "button", onclick: () => use(one) },
        h("strong", { dir: "auto" }, one.name),
        h("span.brief", { dir: "auto" }, one.instruction || one.template),
        !one.mine && h("span.brief.soft", T.by(one.who))),
      one.mine && h("button.ghost.small", { type: "button", "aria-expanded": String(known.open === one.id), "aria-label": T.change(one.name),
        onclick: () => panel.setIn("saved", { open: known.open === one.id ? "" : one.id, mode: "" }) }, "⋯")),
    known.open === one.id && !busy && h(".buttons", { key: "deeds" },
      h("button.link", { type: "button", onclick: () => open("rename") }, T.rename),
      h("button.link", { type: "button", onclick: () => open("remove") }, T.remove)),
    busy === "remove" && h(".buttons", { key: "sure" },
      h("span", T.sure(one.name)),
      action(panel, "saved", T.remove, () => remove(panel, one), { needs: "edit", kind: "secondary small", focus: true, type: "button" }),
      h("button.ghost.small", { type: "button", onclick: () => open("") }, text.parts.cancel)),
  ];
}

function naming(panel, place, label, deed, work, leave) {
  const { saved: known } = panel.state;
  const submit = (event) => {
    event.preventDefault();
    event.stopPropagation();
    panel.act(place, work);
  };
  return h(".stack.tight", { key: "naming" },
    field(`${place}-name`, label, h("input", { value: known?.name ?? "", maxlength: "80", dir: "auto", autocomplete: "off", focus: true,
      oninput: ({ target }) => panel.setIn("saved", { name: target.value }),
      onkeydown: (event) => {
        if (event.key === "Enter") submit(event);
        if (event.key === "Escape") leave();
      } })),
    h(".buttons",
      action(panel, place, deed, work, { needs: "edit", disabled: !known?.name?.trim(), type: "button" }),
      h("button.ghost", { type: "button", onclick: leave }, text.parts.cancel)));
}

async function rename(panel, one) {
  const { name } = panel.state.saved;
  await panel.api.patch(`/api/saved/${one.id}`, { name });
  await reload(panel);
}

async function remove(panel, one) {
  await panel.api.post(`/api/saved/${one.id}/remove`);
  await reload(panel);
  return T.removed(one.name);
}

async function reload(panel) {
  const { api } = panel;
  panel.setIn("saved", { list: (await api.get("/api/saved", api.path)).saved, open: "", mode: "" });
}

/** In a campaign: its words under a name. */
export function saveThis(panel) {
  const { view, saved: known } = panel.state;
  const naming_ = known?.naming === view.id;
  const start = () => panel.set({ saved: { ...known, naming: view.id, name: view.name.replace(/…$/, "") } });
  return h(".stack.tight", { key: "save" },
    naming_
      ? naming(panel, "save", T.name, T.save, () => save(panel), () => panel.setIn("saved", { naming: "" }))
      : action(panel, "save", T.again, start, { needs: "edit", kind: "link", onclick: start }),
    outcomeAt(panel, "save"));
}

async function save(panel) {
  const { name } = panel.state.saved;
  const kept = await panel.api.post(panel.at("/save"), { name });
  await reload(panel);
  panel.setIn("saved", { naming: "" });
  return T.kept(kept.name);
}

/** The form as a saved campaign fills it; a channel that is not set up here stays what it was. */
export function filled(panel, one, form) {
  const { channels } = panel.state.session;
  const carriers = one.channel ? carriersOf(channels, one.channel) : [];
  const provider = carriers.some(([name]) => name === one.provider) ? one.provider : "";
  const { answers, language, tone, counts, remind_after, name } = one;
  return {
    instruction: one.instruction, template: one.template, subject: one.subject, useTemplate: !one.instruction,
    ...(carriers.length ? { channel: one.channel, provider } : { channel: form.channel, provider: form.provider }),
    kept: { name, answers, language, tone, counts, remind_after, lost: one.channel && !carriers.length ? one.channel : "" },
  };
}

/** What came along with the words, and a way to leave it out. */
export function keptNote(kept, leave) {
  if (!kept) return null;
  const parts = [
    ...kept.answers.map((answer) => T.fills(answer.split("=")[0], (answer.split("=")[1] || "").split("|"))),
    kept.language && T.inLanguage(kept.language), kept.tone, kept.counts && T.counts(kept.counts),
    kept.remind_after > 0 && T.reminds(kept.remind_after),
  ].filter(Boolean);
  return h(".note.plain", { role: "status" },
    h("p", T.from(kept.name)),
    kept.lost && h("p", T.lost(text.channels[kept.lost])),
    parts.length > 0 && h("p", { dir: "auto" }, parts.join(" · ")),
    h("button.link", { type: "button", onclick: leave }, T.leave));
}

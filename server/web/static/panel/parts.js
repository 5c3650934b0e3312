// Small pieces that several steps draw: buttons, problems, notes, fields, chips, confirmations.

import { h } from "./dom.js";
import { text } from "./texts.js";
import { toneOf } from "./words.js";

/** A problem where it happened; `onSuggest` makes its suggestions clickable. */
export function problem(failure, onSuggest = null) {
  if (!failure) return null;
  return h(".problem", { role: "alert" },
    h("p", failure.detail),
    failure.suggestions?.length > 0 && h("p.chips",
      h("span.soft", text.parts.didYouMean),
      failure.suggestions.map((one) => onSuggest
        ? h("button", { key: one, class: "chip", onclick: () => onSuggest(one, failure) }, one)
        : h("span", { key: one, class: "chip" }, one))));
}

/** The problem, or the note, of one place of the panel. */
export function outcomeAt(panel, place, onSuggest = null) {
  const { problems, notes } = panel.state;
  if (problems[place]) return problem(problems[place], onSuggest);
  return notes[place] ? h("p.note", { role: "status" }, notes[place]) : null;
}

/** Whether this person may do that here: "edit", "approve" or "send". The server refuses all the same. */
export function may(panel, deed) {
  return panel.state.session.may.includes(deed);
}

/** A button that does something at a place: inert and marked while it is at work, and for whoever may not (`needs`). */
export function action(panel, place, label, work, { kind = "secondary", disabled = false, needs = "", ...props } = {}) {
  const busy = !!panel.state.busy[place];
  const barred = needs && !may(panel, needs);
  return h("button", {
    class: kind + (busy ? " busy" : ""), disabled: disabled || busy || barred, "aria-busy": busy ? "true" : null,
    title: barred ? text.parts.mayNot[needs] : null,
    onclick: () => panel.act(place, work), ...props,
  }, label);
}

/** A labelled field; `control` is described with the id that the label names. */
export function field(id, label, control, hint = null) {
  control.props.id = id;
  if (hint) control.props["aria-describedby"] = `${id}-hint`;
  return h(".field",
    h("label", { for: id }, label),
    control,
    hint && h("p.hint", { id: `${id}-hint` }, hint));
}

/** A `select` over [value, label] pairs (or plain values). */
export function choice(value, options, onPick, props = {}) {
  return h("select", { value, onchange: (event) => onPick(event.target.value), ...props },
    options.map((option) => {
      const [name, label, disabled] = Array.isArray(option) ? option : [option, option];
      return h("option", { key: name, value: name, disabled: !!disabled }, label);
    }));
}

/** A status as a coloured chip. */
export function statusChip(status) {
  return h("span", { class: `status ${toneOf(status)}` }, status || text.parts.noStatus);
}

/** A count that opens the list of its rows. */
export function countButton(panel, { status, count }) {
  return h("button.count", { key: status, class: toneOf(status), disabled: !count,
    onclick: () => panel.list([status]) },
    h("b", text.number(count)), " ", status);
}

/** A link to a cell, or plain words where the host can't jump. */
export function cellLink(panel, { key, column, row }, label) {
  if (!panel.host.jumpTo) return h("span", label);
  return h("button.cell-link", { onclick: () => panel.jump(key, column, row) }, label);
}

/** Whether there may be a selection: a host that knows at once says so, any other one is asked when it matters. */
export function selectable({ selection, selected }) {
  return !!selection && (!selected || selected() > 0);
}

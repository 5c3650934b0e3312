// Small pieces that several steps draw: buttons, problems, notes, fields, links to cells.

import { h } from "./dom.js";
import { text } from "./texts.js";

/** A problem where it happened; `onSuggest` makes its suggestions clickable. @type {import("./types.js").Problem} */
export function problem(failure, onSuggest = null) {
  if (!failure) return null;
  return h(".problem", { role: "alert" },
    h("p", failure.detail),
    failure.suggestions?.length > 0 && h("p.chips",
      !failure.detail.includes(failure.suggestions[0]) && h("span.soft", text.parts.didYouMean),
      failure.suggestions.map((one) => onSuggest
        ? h("button", { key: one, class: "chip", onclick: () => onSuggest(one, failure) }, one)
        : h("span", { key: one, class: "chip" }, one))));
}

/** The problem, or the note, of one place of the panel. @type {import("./types.js").OutcomeAt} */
export function outcomeAt(panel, place, onSuggest = null) {
  const { problems, notes } = panel.state;
  if (problems[place]) return problem(problems[place], onSuggest);
  return notes[place] ? h("p.note", { role: "status" }, notes[place]) : null;
}

/** Whether this person may do that here: "edit", "approve" or "send". The server refuses all the same. @returns {boolean} */
export function may(panel, deed) {
  return panel.state.session.may.includes(deed);
}

/**
 * A button that does something at a place: inert and marked while it is at work, and for whoever may not (`needs`).
 * @type {import("./types.js").Action}
 */
export function action(panel, place, label, work, { kind = "secondary", disabled = false, needs = "", ...props } = {}) {
  const busy = !!panel.state.busy[place];
  const barred = needs && !may(panel, needs);
  return h("button", {
    // At work it stays where the focus is: `act` takes no second press.
    class: kind + (busy ? " busy" : ""), disabled: !!(disabled || barred), "aria-disabled": busy ? "true" : null,
    "aria-busy": busy ? "true" : null,
    title: barred ? text.parts.mayNot[needs] : null,
    onclick: () => panel.act(place, work), ...props,
  }, label);
}

/** A labelled field; `control` is described with the id that the label names. @type {import("./types.js").Field} */
export function field(id, label, control, hint = null) {
  control.props.id = id;
  if (hint) control.props["aria-describedby"] = `${id}-hint`;
  return h(".field",
    h("label", { for: id }, label),
    control,
    hint && h("p.hint", { id: `${id}-hint` }, hint));
}

/** A `select` over [value, label] pairs (or plain values); a third item bars an option. @type {import("./types.js").Choice} */
export function choice(value, options, onPick, props = {}) {
  return h("select", { value, onchange: (event) => onPick(event.target.value), ...props },
    options.map((option) => {
      const [name, label, disabled] = Array.isArray(option) ? option : [option, option];
      return h("option", { key: name, value: name, disabled: !!disabled }, label);
    }));
}

/** A link to a cell, or plain words where the host can't jump. @type {import("./types.js").CellLink} */
export function cellLink(panel, { key, column, row }, label) {
  if (!panel.host.jumpTo) return h("span", label);
  return h("button.cell-link", { onclick: () => panel.jump(key, column, row) }, label);
}

/** Whether there may be a selection: a host that knows at once says so, any other one is asked when it matters. */
export function selectable({ selection, selected }) {
  return !!selection && (!selected || selected() > 0);
}

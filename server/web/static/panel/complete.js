// Completion of `{{column}}` in any text field: a listbox at the caret, by keys, by mouse and for screen readers.

import { h } from "./dom.js";
import { styled } from "./panel.js";
import { text } from "./texts.js";

const T = text.complete;
styled("more");
const OPEN = /\{\{([^{}\n]{0,60})$/;
const MOVES = ["ArrowLeft", "ArrowRight", "Home", "End"];
const MOST = 50;
const WIDTH = 240;
/** Of a text field that decide where its letters stand. */
const COPIED = ["boxSizing", "width", "paddingTop", "paddingRight", "paddingBottom", "paddingLeft", "borderTopWidth",
  "borderRightWidth", "borderBottomWidth", "borderLeftWidth", "font", "lineHeight", "letterSpacing", "direction",
  "textAlign", "tabSize"];

/**
 * What is being completed: in which field, from where, what fits, which of them is active, where the caret stands.
 * @type {{ id: string, start: number, options: string[], active: number, typed: string,
 *   place: { top: number, start: number } } | null}
 */
let open = null;

const plain = (words) => words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Titles that what was typed may begin, by the start of any word; those that begin with it first. */
export function fitting(titles, typed) {
  const asked = plain(typed).split(/\s+/).filter(Boolean);
  const fits = (title) => {
    const words = plain(title).split(/[\s_\-/.,:()]+/).filter(Boolean);
    let from = 0;
    return asked.every((part) => {
      const at = words.findIndex((word, index) => index >= from && word.startsWith(part));
      from = at + 1;
      return at >= 0;
    });
  };
  const begins = (title) => plain(title).startsWith(plain(typed.trim()));
  return titles.filter((title) => fits(title) || begins(title)).sort((one, other) => Number(begins(other)) - Number(begins(one)));
}

/** Looks what stands before the caret of the field of an event; `panel.set` draws the list. */
export function look(panel, { target: area, type, key }) {
  if (type === "keyup" && !MOVES.includes(key)) return; // what was typed has been an input
  const before = area.value.slice(0, area.selectionStart);
  const found = area.selectionStart === area.selectionEnd && OPEN.exec(before);
  const was = open;
  if (!found) {
    open = null;
  } else if (!was || was.id !== area.id || was.start !== found.index || was.typed !== found[1]) {
    const titles = panel.state.columns.filter((column) => !column.ours).map((column) => column.title);
    open = { id: area.id, start: found.index, typed: found[1], active: 0, place: placeOf(area, found.index),
      options: fitting(titles, found[1]).slice(0, MOST) };
  }
  if (was !== open) panel.set({});
}

/** Whether a key was for the list. */
export function keys(panel, event) {
  if (!open || open.id !== event.target.id || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return false;
  const { options, active } = open;
  const to = { ArrowDown: active + 1, ArrowUp: active - 1 }[event.key];
  if (event.key === "Escape") close(panel);
  else if (!options.length) return false;
  else if (to !== undefined) open = { ...open, active: (to + options.length) % options.length };
  else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) put(panel, event.target, options[active]);
  else return false;
  event.preventDefault();
  event.stopPropagation();
  panel.set({});
  requestAnimationFrame(() => document.getElementById(optionOf(event.target.id, open?.active ?? 0))?.scrollIntoView({ block: "nearest" }));
  return true;
}

/** Away with the list. */
export function close(panel) {
  if (!open) return;
  open = null;
  panel.set({});
}

/** What the field says of its list to screen readers. */
export function spoken(id) {
  const shown = open && open.id === id && open.options.length ? open : null;
  return shown ? { role: "combobox", "aria-expanded": "true", "aria-controls": `${id}-columns`, "aria-autocomplete": "list",
    "aria-haspopup": "listbox", "aria-activedescendant": optionOf(id, shown.active) } : {};
}

/** A text field with completion, and its list: `props` must name its `id`. */
export function completed(panel, props) {
  const { id } = props;
  const watch = (event) => look(panel, event);
  const both = (own) => (event) => {
    own?.(event);
    watch(event);
  };
  return h(".completed",
    h("textarea", { ...props, ...spoken(id), oninput: both(props.oninput), onclick: both(props.onclick),
      onkeyup: both(props.onkeyup), onblur: () => close(panel),
      onkeydown: (event) => {
        if (!keys(panel, event)) props.onkeydown?.(event);
      } }),
    list(panel, id));
}

/** The list at the caret, and its number for who can't see it. */
export function list(panel, id) {
  const here = open?.id === id ? open : null;
  const count = here ? here.options.length : 0;
  return [
    h("p.sr", { key: `${id}-said`, role: "status" }, here && (count ? T.found(count) : T.none(here.typed.trim()))),
    here && h("ul.columns", { key: `${id}-columns`, id: `${id}-columns`, role: "listbox", "aria-label": T.columns,
      style: { "inset-block-start": `${here.place.top}px`, "inset-inline-start": `${here.place.start}px` } },
      count === 0 && h("li.soft", { key: "none", role: "option", "aria-disabled": "true", "aria-selected": "false" },
        T.none(here.typed.trim())),
      here.options.map((title, index) => h("li", { key: title, id: optionOf(id, index), role: "option", dir: "auto",
        "aria-selected": String(index === here.active),
        // Before the field loses the focus, and with it the list.
        onpointerdown: (event) => {
          event.preventDefault();
          put(panel, document.getElementById(id), title);
        } }, title))),
  ];
}

function optionOf(id, index) {
  return `${id}-column-${index}`;
}

/** Puts the exact title where the caret is, in a way that can be undone. */
function put(panel, area, title) {
  const start = open?.start ?? area.selectionStart;
  const rest = /^[^{}\n]{0,60}\}\}/.exec(area.value.slice(area.selectionStart)); // of the placeholder that it stands in
  const end = area.selectionStart + (rest ? rest[0].length : 0);
  const filled = `{{${title}}}`;
  open = null;
  area.focus();
  area.setSelectionRange(start, end);
  if (!document.execCommand("insertText", false, filled)) {
    area.setRangeText(filled, start, end, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  panel.set({});
}

/** Where the letter at that place of a field stands, below its line; kept within the field's width. */
function placeOf(area, at) {
  const mirror = document.createElement("div");
  const style = getComputedStyle(area);
  for (const name of COPIED) mirror.style[name] = style[name];
  Object.assign(mirror.style, { position: "absolute", visibility: "hidden", whiteSpace: "pre-wrap", overflowWrap: "break-word",
    top: "0", insetInlineStart: "0" });
  mirror.textContent = area.value.slice(0, at);
  const mark = document.createElement("span");
  mark.textContent = "{{";
  mirror.append(mark);
  document.body.append(mirror);
  const line = parseFloat(style.lineHeight) || 1.4 * parseFloat(style.fontSize);
  const across = style.direction === "rtl" ? mirror.offsetWidth - mark.offsetLeft - mark.offsetWidth : mark.offsetLeft;
  const top = Math.min(area.clientHeight, mark.offsetTop + line - area.scrollTop + 4);
  mirror.remove();
  return { top, start: Math.max(0, Math.min(across, area.clientWidth - Math.min(WIDTH, area.clientWidth))) };
}

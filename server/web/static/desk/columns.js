// Widths of the grid's columns: guessed from what they show, changed by dragging, remembered by title.

import { recall, remember } from "../panel/memory.js";

const OURS = { Status: 108, Subject: 104, Message: 210, Reply: 160, Note: 220, Confidence: 96, Flag: 78 };
const [LEAST, MOST] = [60, 240];
export const NUMBERS = 46;

/** Width in pixels of a column, from its title and the rows at hand. */
export function widthOf(column, index, rows) {
  const kept = recall("widths", {})[column.title];
  if (kept) return kept;
  const role = column.title.replace(/ \(.*/, ""); // a later campaign's columns are called "Status (its name)"
  if (column.ours && OURS[role]) return OURS[role];
  const lengths = rows.map((row) => Math.min(60, row?.cells[index]?.shown.length || 0)).sort((a, b) => a - b);
  const usual = lengths[Math.floor(lengths.length * 0.95)] || 0;
  // Beside a title there is room for the button of its menu.
  return Math.max(LEAST, Math.min(MOST, Math.round(Math.max(usual, column.title.length + 4) * 7.1 + 24)));
}

/** Follows a drag that began on a column's edge; `onWidth` hears every step. */
export function dragWidth(event, column, width, onWidth) {
  const handle = event.currentTarget;
  const start = event.clientX;
  let last = width;
  handle.setPointerCapture(event.pointerId);
  handle.onpointermove = (move) => {
    last = Math.max(40, Math.min(900, width + move.clientX - start));
    onWidth(last);
  };
  handle.onpointerup = () => {
    handle.onpointermove = null;
    handle.onpointerup = null;
    remember("widths", { ...recall("widths", {}), [column.title]: last });
  };
  event.preventDefault();
}

const NUMBER = /^-?(0|[1-9]\d{0,2}([.,\u202f ]?\d{3})*)([.,]\d+)?\s?%?$|^[$€£]\s?[\d.,]+$|^[\d.,]+\s?[$€£]$/;
const TIME = /^\d{1,2}:\d{2}(:\d{2})?( ?[ap]m)?$|^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}$/i;

/** Columns of numbers, dates or times stand to the right, as in any sheet. */
export function standsRight(index, rows) {
  const texts = rows.map((row) => row?.cells[index]?.shown).filter(Boolean);
  const fitting = texts.filter((shown) => shown.length < 18 && (NUMBER.test(shown) || TIME.test(shown)));
  return fitting.length > texts.length * 0.7;
}

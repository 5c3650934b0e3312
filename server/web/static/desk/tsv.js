// Cells as text, the way spreadsheets put them on the clipboard.

/** Lines of cells from tab-separated text; a cell in quotes may hold tabs, lines and doubled quotes. */
export function readTable(words) {
  const lines = [[""]];
  const rest = words.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (let at = 0; at < rest.length; at += 1) {
    const line = lines[lines.length - 1];
    if (rest[at] === '"' && line[line.length - 1] === "") {
      const [inner, next] = quotedFrom(rest, at);
      if (next >= 0) {
        line[line.length - 1] = inner;
        at = next;
        continue;
      }
    }
    if (rest[at] === "\t") line.push("");
    else if (rest[at] === "\n") lines.push([""]);
    else line[line.length - 1] += rest[at];
  }
  return lines;
}

/** The text in quotes from that place on and where it ends; -1 when these are no quotes around a whole cell. */
function quotedFrom(words, start) {
  let inner = "";
  for (let at = start + 1; at < words.length; at += 1) {
    if (words[at] !== '"') inner += words[at];
    else if (words[at + 1] === '"') {
      inner += '"';
      at += 1;
    } else return [inner, [undefined, "\t", "\n"].includes(words[at + 1]) ? at : -1];
  }
  return [inner, -1];
}

/** A cell as text for the clipboard. */
export function quoted(shown) {
  return /[\t\n"]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
}

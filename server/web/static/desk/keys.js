// What keys do in the grid, as people know it from their spreadsheet.

/** Handles a key while no cell is being edited. */
export function onKey(grid, event) {
  if (grid.editor.open?.locked) grid.editor.close();
  if (grid.editor.open || event.target !== grid.scroller) return;
  const { row, column } = grid.active;
  const far = event.ctrlKey || event.metaKey;
  const page = Math.max(1, Math.floor(grid.scroller.clientHeight / 30) - 3);
  const last = { row: grid.model.last, column: grid.columns.length - 1 };
  if (event.altKey && event.key === "ArrowDown") {
    grid.columnMenu();
    event.preventDefault();
    return;
  }
  const target = {
    ArrowDown: () => [far ? last.row : row + 1, column],
    ArrowUp: () => [far ? 0 : row - 1, column],
    ArrowRight: () => [row, far ? last.column : column + 1],
    ArrowLeft: () => [row, far ? 0 : column - 1],
    PageDown: () => [row + page, column],
    PageUp: () => [row - page, column],
    Home: () => [far ? 0 : row, 0],
    End: () => [far ? last.row : row, last.column],
  }[event.key]?.();
  if (target) {
    grid.select({ row: target[0], column: target[1] }, { extend: event.shiftKey });
  } else if (event.key === "Enter" || event.key === "F2") {
    grid.editor.start();
  } else if ((event.key === "Delete" || event.key === "Backspace") && grid.anchor && grid.bench?.able) {
    grid.bench.paste("\n");
  } else if (event.key === "Delete" || event.key === "Backspace") {
    grid.editor.start("", true);
  } else if (far && event.key.toLowerCase() === "z" && !event.shiftKey) {
    grid.bench?.undo();
  } else if (event.key === "Escape") {
    if (grid.model.before) grid.insertAbove(null);
    grid.select({ row, column });
  } else if (event.key.length === 1 && !far && !event.altKey) {
    grid.editor.start(event.key);
  } else {
    return;
  }
  event.preventDefault();
}

// Opening a workbook: dropped anywhere on the desk, or picked from a dialog.

import { Failure } from "../panel/api.js";
import { text } from "../panel/texts.js";

/** Watches the page for files, from its first moment on; `desk` promises desk.js, which shows them and what goes on. */
export class Drop {
  constructor(desk, veil, picker) {
    this.desk = desk;
    let depth = 0;
    const show = (on) => { veil.hidden = !on; };
    const files = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
    addEventListener("dragenter", (event) => files(event) && (depth += 1) && show(true));
    addEventListener("dragleave", (event) => files(event) && (depth -= 1) <= 0 && show(false));
    addEventListener("dragover", (event) => files(event) && event.preventDefault());
    addEventListener("drop", (event) => {
      if (!files(event)) return;
      event.preventDefault();
      depth = 0;
      show(false);
      this.take([...(event.dataTransfer?.files || [])]);
    });
    picker.addEventListener("change", () => {
      this.take([...picker.files]);
      picker.value = "";
    });
  }

  async take(files) {
    const { api, show, tell } = await this.desk;
    if (files.length !== 1) return tell({ failure: new Failure({ detail: text.desk.oneFile }) });
    const [file] = files;
    const form = new FormData();
    form.append("file", file);
    tell({ words: text.desk.opening(file.name) });
    try {
      const opened = await api.upload("/api/workbooks", form);
      tell({ words: opened.note });
      return show(opened, opened.file_name);
    } catch (failure) {
      return tell({ failure });
    }
  }
}

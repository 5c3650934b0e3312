// Opening a workbook: dropped anywhere on the desk, or picked from a dialog.

import { Failure } from "../panel/api.js";
import { text } from "./texts.js";

/** Watches the page for files; `onOpened` gets what the server opened, `onState` what to tell meanwhile. */
export class Drop {
  constructor(api, veil, picker, onOpened, onState) {
    Object.assign(this, { api, veil, onOpened, onState });
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
      this.take(event.dataTransfer.files);
    });
    picker.addEventListener("change", () => {
      this.take(picker.files);
      picker.value = "";
    });
  }

  async take(files) {
    if (files.length !== 1) return void this.onState({ failure: new Failure({ detail: text.desk.oneFile }) });
    const [file] = files;
    const form = new FormData();
    form.append("file", file);
    this.onState({ words: text.desk.opening(file.name) });
    try {
      const opened = await this.api.upload("/api/workbooks", form);
      this.onState({ words: opened.note });
      this.onOpened(opened);
    } catch (failure) {
      this.onState({ failure });
    }
  }
}

// Another tab in front of Google Sheets: the panel shows its campaigns. Looked for when a person comes over, and now and then.

const LOOK_MS = 15000;
const SOON_MS = 3000;

/** Calls `look`, never oftener than every few seconds, nor where nobody sees it or while something is being done. */
export function follow(panel, look) {
  let looked = performance.now();
  const soon = (pause) => {
    const now = performance.now();
    if (document.hidden || now - looked < pause || Object.values(panel.state.busy).some(Boolean)) return;
    looked = now;
    look();
  };
  document.addEventListener("pointerenter", () => soon(SOON_MS), true);
  setInterval(() => soon(LOOK_MS), SOON_MS);
}

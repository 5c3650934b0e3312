// Behind office.mjs, inside the task pane: asks the stage around it for everything that Excel would know.

const waiting = new Map();
let last = 0;

function ask(name, given = null) {
  last += 1;
  parent.postMessage({ stage: name, id: last, given }, "*"); // the stage's address is not known here
  return new Promise((resolve, reject) => waiting.set(last, { resolve, reject }));
}

addEventListener("message", ({ source, data }) => {
  if (source !== parent) return;
  if (data.event) (handlers[data.event] || []).forEach((handler) => handler({ source: "Local" }));
  const asked = waiting.get(data.id);
  if (!asked) return;
  waiting.delete(data.id);
  if (data.failure) asked.reject(new Error(data.failure));
  else asked.resolve(data.answer);
});

const world = {
  sets: { ExcelApi: "1.17", IdentityAPI: "1.3" },
  book: async () => {
    const found = await ask("book");
    world.selection = found.selection;
    return found;
  },
  show: (effect) => ask("show", effect),
  token: async () => (await ask("token")).token,
};
const { Office, Excel, handlers } = office(world);
const ready = Office.onReady;
Office.onReady = async () => {
  const { url, sets } = await ask("book");
  world.url = url;
  Object.assign(world.sets, sets);
  return ready();
};
Object.assign(window, { Office, Excel });
history.pushState = history.replaceState = null; // as Office.js does

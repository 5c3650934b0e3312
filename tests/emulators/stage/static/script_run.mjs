// google.script.run: in the sidebar's page a stand-in that asks the stage; in the stage, a worker for each call.

import { carried } from "./apps_script.mjs";

/** The page with the stand-in put before its own scripts. */
export function withScriptRun(html) {
  return html.replace("<head>", `<head><script>${carried}\n(${standIn})();</script>`);
}

function standIn() {
  const waiting = new Map();
  addEventListener("message", ({ source, data }) => {
    const handlers = source === parent && waiting.get(data.call);
    if (!handlers) return;
    waiting.delete(data.call);
    if ("failure" in data) (handlers.failure || console.error)(Object.assign(new Error(data.failure), { name: "ScriptError" }));
    else handlers.success?.(data.answer);
  });
  const runner = (handlers) => new Proxy({}, {
    get: (_, name) => {
      if (name === "withSuccessHandler") return (success) => runner({ ...handlers, success });
      if (name === "withFailureHandler") return (failure) => runner({ ...handlers, failure });
      return (...args) => {
        const call = waiting.size + performance.now();
        waiting.set(call, handlers);
        parent.postMessage({ call, name, args: args.map((value) => carried(value)) }, "*");
      };
    },
  });
  window.google = { script: { run: runner({}) } };
}

/** Answers the calls of the page in `frame`; `given()` is the state of the world at that moment. */
export function serveScriptRun(frame, given, show) {
  addEventListener("message", async ({ source, data }) => {
    if (source !== frame.contentWindow || !data.call) return;
    const answer = await run(data.name, data.args, given, show).then((value) => ({ answer: value }), (error) => ({ failure: error.message }));
    frame.contentWindow.postMessage({ call: data.call, ...answer }, "*");
  });
}

/** Runs one function of the .gs files; what it shows goes to `show` while it runs. */
export async function run(name, args, given, show) {
  const { refused, ...world } = await given();
  if (refused) throw new Error(refused);
  const worker = new Worker(new URL("worker.mjs", import.meta.url), { type: "module" });
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => {
        if (data.effect) show(data.effect);
        else if ("failure" in data) reject(new Error(data.failure));
        else {
          if (data.kept) Object.assign(world.kept, data.kept);
          resolve(data.answer);
        }
      };
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage({ ...world, name, args });
    });
  } finally {
    worker.terminate();
  }
}

// One execution of the .gs files: a scope of its own, and calls that wait, as Apps Script has them.

import { change, execute } from "./apps_script.mjs";

onmessage = ({ data }) => {
  const { sources, pages, user, language, authorised, token, view, kept, name, args } = data;
  let book = null;
  const world = {
    user, language, authorised, token, view, kept, fetch: outside,
    read: () => (book ??= ask("GET", `/stage/book?account=${encodeURIComponent(user)}`)),
    write: (request) => {
      ask("POST", "/stage/batch", { account: user, requests: [request] });
      book = null;
    },
    show: (effect) => postMessage({ effect }),
    file: (page) => pages[`${page}.html`],
  };
  try {
    const answer = name === "(change)" ? change(sources, world) : execute(sources, world, name, args);
    postMessage({ answer, kept });
  } catch (error) {
    postMessage({ failure: `${error.name}: ${error.message}` });
  }
};

function ask(method, address, body) {
  const request = new XMLHttpRequest();
  request.open(method, address, false);
  request.send(body && JSON.stringify(body));
  if (request.status === 200) return JSON.parse(request.responseText);
  throw new Error(JSON.parse(request.responseText).detail);
}

/** UrlFetchApp calls from Google's servers; here it is the browser that calls. */
function outside(url, { method, contentType, payload, headers }) {
  const request = new XMLHttpRequest();
  request.open(method, url, false);
  request.setRequestHeader("Content-Type", contentType);
  for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
  request.send(payload);
  return { status: request.status, text: request.responseText };
}

// One execution of the .gs files: a scope of its own, and calls that wait, as Apps Script has them.

import { execute } from "./apps_script.mjs";

onmessage = ({ data }) => {
  const { sources, pages, user, authorised, token, view, name, args } = data;
  let book = null;
  const world = {
    user, authorised, token, view,
    read: () => (book ??= ask("GET", `/stage/book?account=${encodeURIComponent(user)}`)),
    write: (request) => {
      ask("POST", "/stage/batch", { account: user, requests: [request] });
      book = null;
    },
    show: (effect) => postMessage({ effect }),
    file: (page) => pages[`${page}.html`],
  };
  try {
    postMessage({ answer: execute(sources, world, name, args) });
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

// Builds the page from plain descriptions and brings it up to date in place, so that focus, caret and scroll survive.
// Data only ever becomes text nodes, attributes and properties: there is no way from here into markup.

const SVG = new Set(["svg", "path", "circle", "rect"]);
const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "indeterminate", "open", "readOnly"]);
const SEEN = Symbol("description");

/**
 * Describes an element: `h("button.primary", {onclick}, "Send")`; no tag means div, and props may be left out.
 * A false, null or undefined child keeps its place, so that its neighbours keep theirs. Lists need a `key`.
 *
 * @param {string} name
 * @param {any} [props]
 * @param {...any} children
 */
export function h(name, props, ...children) {
  const [tag, ...classes] = name.split(".");
  const plain = Object.getPrototypeOf(props ?? "") === Object.prototype && !props.children;
  const all = { ...(plain ? props : {}) };
  if (classes.length) all.class = [...classes, all.class].filter(Boolean).join(" ");
  return { tag: tag || "div", props: all, children: plain ? children : [props, ...children] };
}

/** Makes the children of `parent` match the descriptions. */
export function render(parent, ...descriptions) {
  const old = [...parent.childNodes];
  const byKey = new Map(old.filter((node) => keyOf(node) !== undefined).map((node) => [keyOf(node), node]));
  const unkeyed = old.filter((node) => keyOf(node) === undefined);
  const nodes = descriptions.flat(Infinity).map((description) => {
    const key = description?.props?.key;
    const candidate = key === undefined ? unkeyed.shift() : byKey.get(key);
    const node = candidate && fits(candidate, description) ? candidate : create(description);
    update(node, description);
    return node;
  });
  const kept = new Set(nodes);
  for (const node of old) if (!kept.has(node)) node.remove();
  let place = parent.firstChild;
  for (const node of nodes) {
    if (node === place) place = place.nextSibling;
    else parent.insertBefore(node, place);
  }
}

function keyOf(node) {
  return node[SEEN]?.props.key;
}

function isElement(description) {
  return typeof description === "object" && description !== null;
}

function fits(node, description) {
  return isElement(description) ? node[SEEN]?.tag === description.tag : node.nodeType === Node.TEXT_NODE;
}

function create(description) {
  if (!isElement(description)) return document.createTextNode("");
  const { tag, props } = description;
  const node = SVG.has(tag)
    ? document.createElementNS("http://www.w3.org/2000/svg", tag)
    : document.createElement(tag);
  if (tag === "button") node.type = props.type || "button";
  if (props.focus) queueMicrotask(() => node.isConnected && node.focus({ preventScroll: props.focus === "still" }));
  return node;
}

function update(node, description) {
  if (!isElement(description)) {
    const text = description === null || description === undefined || description === false ? "" : String(description);
    if (node.data !== text) node.data = text;
    return;
  }
  const before = node[SEEN]?.props || {};
  const { props, children } = description;
  for (const name of Object.keys(before)) if (!(name in props)) setProp(node, name, undefined, before[name]);
  for (const name of Object.keys(props)) if (name !== "value") setProp(node, name, props[name], before[name]);
  node[SEEN] = description;
  if (!props.own) render(node, children);
  // After the children: a select has no value before its options.
  if ("value" in props && props.value !== node.value && (props.value !== before.value || node.tagName === "SELECT")) {
    node.value = props.value ?? "";
  }
}

function setProp(node, name, value, before) {
  if (name === "key" || name === "focus" || name === "own") return;
  if (name === "style") {
    for (const [property, text] of Object.entries(value || {})) node.style.setProperty(property, text);
  } else if (name.startsWith("on")) {
    // What a handler answers must never count: an "onkeydown" that answers false would swallow the Tab key.
    node[name.toLowerCase()] = value ? (event) => void value(event) : null;
  } else if (PROPERTIES.has(name)) {
    if (value !== before || node[name] !== value) node[name] = value ?? "";
  } else if (value === undefined || value === null || value === false) {
    node.removeAttribute(name);
  } else if (value !== before) {
    node.setAttribute(name, value === true ? "" : String(value));
  }
}

// Phones and mailboxes, drawn from what /page/state says. Texts go in by textContent alone.

const EVERY = 600;
const NAMES = { sendgrid: "SendGrid", smtp: "SMTP" };
const cards = new Map();
let version = "";
let asked = "";

const $ = (id) => document.getElementById(id);

function el(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

async function act(deed) {
  $("said").textContent = "";
  const answer = await fetch("/page/act", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(deed),
  });
  if (!answer.ok) $("said").textContent = (await answer.json()).detail;
  await look();
  return answer.ok;
}

function button(text, onclick, className = "") {
  const made = el("button", className, text);
  made.type = "button";
  made.addEventListener("click", onclick);
  return made;
}

function choice(options, onchange, label) {
  const made = el("select");
  made.setAttribute("aria-label", label);
  for (const [value, text] of options) made.append(Object.assign(el("option", "", text), { value }));
  made.addEventListener("change", () => onchange(made.value));
  return made;
}

function drawItem(address, item) {
  const made = el("div", item.theirs ? "item" : "item own");
  if (item.subject) made.append(el("div", "subject", item.subject));
  made.append(el("div", "text", item.text));
  if (item.theirs && item.buttons.length) {
    const row = el("div", "buttons");
    for (const each of item.buttons) {
      row.append(button(each.title, () => act({ do: "press", address, payload: each.payload, id: item.id })));
    }
    made.append(row);
  }
  const when = new Date(item.at * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const kind = item.kind === "mail" ? item.provider : `${item.kind} by ${item.provider}`;
  made.append(el("div", "about", [when, kind, item.status, item.note].filter(Boolean).join(" · ")));
  return made;
}

function drawThread(card, place) {
  const known = JSON.stringify(place.items);
  if (card.known === known) return;
  card.known = known;
  const below = card.thread.scrollTop + card.thread.clientHeight >= card.thread.scrollHeight - 8;
  card.thread.replaceChildren(...place.items.map((item) => drawItem(place.address, item)));
  if (below) card.thread.scrollTop = card.thread.scrollHeight;
}

function frame(place, kind) {
  const card = { node: el("article", `card ${kind}`), thread: el("div", "thread"), tag: el("span", "tag"), kind };
  const top = el("div", "top");
  top.append(el("b", "", place.name ? `${place.name} ${place.address}` : place.address), card.tag);
  card.thread.tabIndex = 0;
  card.node.append(top, card.thread);
  return card;
}

function compose(card, hint, send) {
  const row = el("form", "write");
  const text = el("textarea");
  text.placeholder = hint;
  text.setAttribute("aria-label", hint);
  text.rows = 1;
  const go = el("button", "go", "Send");
  row.append(text, go);
  const submit = async (event) => {
    event.preventDefault();
    if (text.value.trim() && (await send(text.value))) text.value = "";
  };
  row.addEventListener("submit", submit);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey) submit(event);
  });
  card.node.append(row);
}

function makePhone(phone) {
  const card = frame(phone, "phone");
  const address = phone.address;
  card.call = el("div", "call");
  card.node.append(card.call);
  card.channel = choice(
    [["sms", "SMS"], ["whatsapp/twilio", "WhatsApp (Twilio)"], ["whatsapp/meta", "WhatsApp (Meta)"]],
    () => { card.chosen = true; }, "Channel",
  );
  compose(card, "Write an answer", (text) => act({ do: "reply", address, text, channel: card.channel.value }));
  const more = el("div", "more");
  const set = (name) => (value) => act({ do: "set", address, name, value });
  card.picksUp = choice(
    [["human", "picks up"], ["machine", "answering machine"], ["busy", "busy"], ["no-answer", "does not pick up"]],
    set("picks_up"), "Calls",
  );
  card.on = button("", () => act({ do: "set", address, name: "reachable", value: card.last.reachable === false }));
  card.wa = button("", () => act({ do: "set", address, name: "whatsapp", value: card.last.whatsapp === false }));
  more.append(card.channel, card.picksUp, card.on, card.wa);
  card.node.append(more);
  return card;
}

function drawPhone(card, phone) {
  card.last = phone;
  const last = phone.items.findLast((item) => item.theirs && item.kind !== "voice");
  if (last && !card.chosen) card.channel.value = last.kind === "sms" ? "sms" : `whatsapp/${last.provider}`;
  card.tag.textContent = phone.stopped ? "said STOP" : phone.reachable ? "" : "switched off";
  card.tag.className = phone.stopped || !phone.reachable ? "tag bad" : "tag";
  card.picksUp.value = phone.picks_up;
  card.on.textContent = phone.reachable ? "Switch off" : "Switch on";
  card.wa.textContent = phone.whatsapp ? "Leave WhatsApp" : "Join WhatsApp";
  card.call.hidden = !phone.on_call;
  if (phone.on_call && card.heard !== phone.on_call) {
    const keys = el("div", "keys");
    for (const key of "123456789*0#") {
      keys.append(button(key, () => act({ do: "key", address: phone.address, key })));
    }
    card.call.replaceChildren(el("b", "", "A call: "), el("span", "", phone.on_call), keys);
  }
  card.heard = phone.on_call;
}

function makeMailbox(box) {
  const card = frame(box, "mailbox");
  const address = box.address;
  card.style = choice(
    [["gmail", "as Gmail"], ["outlook", "as Outlook"], ["apple", "as Apple Mail"], ["bare", "without a quote"]],
    () => {}, "Mail program",
  );
  compose(card, "Answer the newest mail", (text) => act({ do: "reply", address, text, style: card.style.value }));
  const more = el("div", "more");
  card.fate = choice(
    [["delivered", "mail arrives"], ["bounced", "mail bounces"], ["deferred", "mail comes late"],
      ["dropped", "on the vendor's block list"], ["complained", "calls it spam"]],
    (value) => act({ do: "set", address, name: "fate", value }), "What happens to mail",
  );
  card.away = button("Out of office", () => act({ do: "away", address }));
  const leave = button("Unsubscribe", () => act({ do: "unsubscribe", address }));
  more.append(card.style, card.fate, card.away, leave, button("Send a bounce", () => act({ do: "bounce", address })));
  card.node.append(more);
  return card;
}

function drawMailbox(card, box) {
  card.fate.value = box.fate;
  card.away.setAttribute("aria-pressed", String(box.away));
  card.tag.textContent = box.away ? "away" : box.fate === "delivered" ? "" : box.fate;
  card.tag.className = box.fate === "delivered" ? "tag" : "tag bad";
}

function drawCards(into, places, make, draw) {
  const wanted = places.map((place) => {
    const card = cards.get(place.address) ?? make(place);
    cards.set(place.address, card);
    draw(card, place);
    drawThread(card, place);
    return card.node;
  });
  // Cards keep their places while somebody writes in one, so that nothing jumps away under the cursor.
  const writing = into.contains(document.activeElement) && document.activeElement.matches("textarea");
  const shown = new Set(into.children);
  if (writing) {
    for (const node of wanted) if (!shown.has(node)) into.append(node);
    for (const node of shown) if (!wanted.includes(node)) node.remove();
  } else if (wanted.length !== into.children.length || wanted.some((node, n) => into.children[n] !== node)) {
    into.replaceChildren(...wanted);
  }
  for (const node of wanted) {
    const thread = node.querySelector(".thread");
    if (!shown.has(node)) thread.scrollTop = thread.scrollHeight;
  }
}

function drawProviders(providers) {
  $("providers").replaceChildren(...providers.map((each) => {
    const made = el("div", "provider");
    made.append(el("b", "", NAMES[each.name] ?? each.name), `${each.taken} taken · ${each.posted} posted`);
    if (each.refused) made.append(el("span", "bad", ` · ${each.refused} not accepted (${each.last || "no answer"})`));
    if (each.faults) made.append(` · ${each.faults} faults`);
    return made;
  }));
  if (!$("fault-provider").children.length) {
    $("fault-provider").append(...providers.map((each) => el("option", "", each.name)));
  }
}

async function look() {
  const filter = $("filter").value;
  const query = new URLSearchParams({ version: filter === asked ? version : "", q: filter });
  const state = await (await fetch(`/page/state?${query}`)).json();
  if (state.unchanged) return;
  [version, asked] = [state.version, filter];
  drawProviders(state.providers);
  drawCards($("phones"), state.phones, makePhone, drawPhone);
  drawCards($("mailboxes"), state.mailboxes, makeMailbox, drawMailbox);
  $("phone-count").textContent = state.phones.length || "";
  $("mailbox-count").textContent = state.mailboxes.length || "";
  $("more").textContent = state.more ? `${state.more} more: use the field above to find them.` : "";
}

async function forever() {
  try {
    await look();
    if ($("said").dataset.lost) $("said").textContent = $("said").dataset.lost = "";
  } catch {
    $("said").textContent = $("said").dataset.lost = "The emulator does not answer.";
  }
  setTimeout(forever, EVERY);
}

$("filter").addEventListener("input", look);
$("fault").addEventListener("click", () => act({ do: "fault", provider: $("fault-provider").value, kind: $("fault-kind").value }));
$("trouble").addEventListener("click", () => act({ do: "trouble", kind: $("trouble-kind").value }));
$("calm").addEventListener("click", () => act({ do: "calm" }));
forever();

// Which channels and providers can be chosen here, and which ones a plan goes by. The server lists a channel once for
// each of its providers, the preferred one first.

import { text } from "./texts.js";

/** [name, label, off] of each channel, once; one is off while none of its providers is set up. */
export function channelChoices(offers) {
  return [...new Set(offers.map((one) => one.name))].map((name) => {
    const off = !carriersOf(offers, name).length;
    return [name, off ? text.write.notReady(text.channels[name]) : text.channels[name], off];
  });
}

/** The providers of a channel that are set up, as [name, label]. */
export function carriersOf(offers, name) {
  return offers.filter((one) => one.name === name && one.ready).map((one) => [one.provider, carrier(one.provider)]);
}

/** What to set for each channel that is off, as [name, sentence]: that of its first provider names them all. */
export function whatToSet(offers) {
  const off = offers.filter((one) => one.hint && !carriersOf(offers, one.name).length);
  return [...new Map(off.reverse().map((one) => [one.name, one.hint]))].reverse();
}

/** A provider as people call it. */
export function carrier(provider) {
  return text.providers[provider] || provider;
}

/** The channels that a plan goes by, its own first. */
export function channelsOf(plan) {
  return [...new Set([plan.channel, ...plan.routes.map((way) => way.channel)])];
}

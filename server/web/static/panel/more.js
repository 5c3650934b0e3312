// What the first step has beyond what a newcomer needs to type: fetched as soon as the page stands.

export { close, keys, list, look, spoken } from "./complete.js";
export { conditions } from "./conditions.js";
export { filled, keptNote, saveThis, saved } from "./saved.js";

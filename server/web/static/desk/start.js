// The desk, once its words are there. A file may be dropped before.

import { speak } from "../panel/texts.js";
import { Drop } from "./drop.js";

const place = (id) => document.getElementById(id);
const desk = Promise.all([speak("first"), speak("desk")]).then(() => import("./desk.js"));
new Drop(desk, place("veil"), place("file"));

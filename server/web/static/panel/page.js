// The panel on a page of its own. Google Sheets and Excel bring hosts that know selection and cells; here is none.

import { Api } from "./api.js";
import { mountPanel } from "./panel.js";

const asked = new URLSearchParams(location.search);
const api = new Api();
api.path = { workbook: asked.get("workbook") || "", sheet: asked.get("sheet") || "" };
mountPanel(/** @type {HTMLElement} */ (document.getElementById("panel")), { name: asked.get("host") || "page", jumpTo: null }, api);

// The panel on a page of its own. Google Sheets and Excel bring hosts that know selection and cells; here is none.

import { Api } from "./api.js";
import { mountPanel } from "./panel.js";

const asked = new URLSearchParams(location.search);
const host = {
  name: asked.get("host") || "page",
  token: () => "",
  selection: () => [],
  visibleKeys: () => null,
  jumpTo: null,
};
const api = new Api(host.token);
api.path = { workbook: asked.get("workbook") || "", sheet: asked.get("sheet") || "" };
mountPanel(document.getElementById("panel"), host, api);

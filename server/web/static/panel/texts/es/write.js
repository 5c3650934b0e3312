// Words of the first step.

import { many, n } from "../../spoken.js";

export const text = {
  write: {
    instruction: "¿Qué debe recibir cada persona?",
    placeholder: "Envía a cada participante su hora de inicio y pide que la confirme.",
    template: "Plantilla",
    templatePlaceholder: "Hola, {{Nombre}}: la hora de inicio es {{Hora}}. ¿Va bien?",
    templateHint: "Todas las filas reciben este texto. Con {{ se inserta una columna.",
    subject: "Asunto",
    examples: "A partir de las columnas",
    useTemplate: "Escribo el texto exacto",
    channel: "Enviar por",
    carrier: "A través de",
    rows: "A",
    visible: "Filas visibles",
    all: "Todas las filas",
    where: "Filas en las que …",
    selected: "Filas seleccionadas",
    chosen: (words, amount) => `${words} (${n(amount)})`,
    frozen: (amount) => `${many(amount, "fila", "filas")}, según la selección de ahora.`,
    anew: "Elegir de nuevo",
    noneOf: {
      selected: "No hay ninguna fila con datos seleccionada. Hay que seleccionar alguna en la hoja y volver a elegir.",
      visible: "No hay ninguna fila con datos visible. Hay que cambiar el filtro y volver a elegir.",
      where: "La condición no se cumple en ninguna fila visible. Hay que cambiarla, o el filtro de la hoja.",
    },
    notReady: (channel) => `${channel} (sin configurar)`,
    moreChannels: "Otras formas de enviar",
    offline: "No hay ningún modelo de lenguaje configurado: los borradores son sencillos, y las respuestas que no estén claras se muestran para revisarlas.",
    plan: "Hacer un plan",
    current: "Esta campaña dice",
    again: "Escribir una nueva a partir de esta",
  },
};

// What people read in the panel around its steps, before and beside the first one.

export const text = {
  errors: {
    unreachable: "Cellback no responde. ¿Sigue en marcha? No se ha perdido nada; conviene intentarlo de nuevo en un momento.",
    slow: "Tardó demasiado y aquí se dejó de esperar. Puede que siga en curso: conviene mirar el estado antes de repetirlo.",
    signedOut: "Hay que abrir la dirección que se mostró al iniciar. Contiene la clave de esta página.",
    unexpected: (status) => `Algo falló en Cellback (${status}). No se envió nada por ello. El registro dice más.`,
    own: "El panel tuvo un error propio. Basta con recargar la página; no se ha perdido nada.",
  },
  panel: {
    campaign: "Campaña",
    newCampaign: "Nueva campaña",
    startNew: "Nueva",
    path: "Pasos",
    loading: "Cargando …",
    stopped: { 0: "No se puede contactar con Cellback", 401: "Esta página necesita su clave",
      403: "No hay acceso a esta hoja", 404: "Todavía no hay hoja", other: "No ha funcionado" },
    tryAgain: "Intentar de nuevo",
    away: "Ahora mismo no se puede contactar con Cellback. Lo que se ve puede no estar al día.",
    language: "Idioma",
    toStep: "Ir al paso",
    rowGone: "Esta fila ya no está en la hoja.",
    rowHidden: "La fila está ahí, pero un filtro o una persona la oculta.",
  },
  steps: { write: "Escribir", check: "Revisar", send: "Enviar", answers: "Respuestas" },
  parts: {
    didYouMean: "Quizá quería decir",
    cancel: "Cancelar",
    mayNot: {
      edit: "Aquí solo se puede mirar.",
      approve: "Aquí solo se puede mirar.",
      send: "Se puede preparar y aprobar. El envío lo inicia alguien con permiso para enviar.",
    },
  },
  state: {
    none: "Todavía no hay nada previsto para esta hoja.",
    fresh: "Una campaña nueva. Todavía no hay nada previsto.",
  },
  channels: { outbox: "Buzón local", email: "Correo electrónico", whatsapp: "WhatsApp", sms: "SMS", voice: "Llamada" },
  providers: { outbox: "Buzón local", sendgrid: "SendGrid", resend: "Resend", mailgun: "Mailgun", smtp: "SMTP",
    twilio: "Twilio", meta: "Meta" },
};

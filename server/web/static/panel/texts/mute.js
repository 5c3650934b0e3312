// The one sentence that is there when not even the words can be had: it comes with the panel itself.

export const mute = {
  en: "Cellback does not answer. Nothing is lost; reload in a moment.",
  de: "Cellback antwortet nicht. Nichts ist verloren; laden Sie gleich noch einmal neu.",
  es: "Cellback no responde. No se ha perdido nada; conviene recargar en un momento.",
  fr: "Cellback ne répond pas. Rien n’est perdu ; rechargez dans un instant.",
};

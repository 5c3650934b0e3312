// Words of a standstill in Google's sidebar: fetched only when there is one.

export const text = {
  google: {
    share: "Compartir esta hoja con Cellback",
    shareSteps: ["Pulsar Compartir, arriba a la derecha de la hoja.", "Pegar la dirección, elegir Editor y pulsar Enviar."],
    address: "Dirección propia de Cellback",
    copy: "Copiar",
    copied: "Copiada.",
    check: "Comprobar el acceso",
    connect: "Iniciar sesión con Google",
    orConnect: "También se puede dejar que Cellback trabaje con el permiso propio: abre Google en una ventana nueva. Después, volver aquí y comprobar.",
    connectHint: "Si solo puede usar archivos abiertos con Cellback, además hay que compartir esta hoja.",
    denied: "Sin permiso para usar este Cellback",
    unknown: "Google no dijo con certeza quién está aquí",
    accounts: "Más de una cuenta de Google",
    accountsWords: (shown, runs) => `Este navegador tiene la sesión iniciada en varias cuentas de Google. La hoja se abrió como ${shown}, `
      + `pero Google ejecuta el complemento como ${runs}. No se ha cambiado ni enviado nada.`,
    accountsSteps: [
      "Abrir esta hoja en una ventana privada, o en un perfil propio del navegador, con una sola cuenta.",
      "O cerrar sesión en todas las cuentas e iniciarla primero con la que corresponde a esta hoja.",
    ],
    unreachable: "No se puede contactar con Cellback",
    privateWords: (host) => `Cellback está en ${host}, una dirección dentro de una red privada. Los navegadores solo dejan que las páginas de Google `
      + "llamen a direcciones así tras permitir el «acceso a la red local», o nunca. Quien administra Cellback "
      + "debería darle una dirección HTTPS pública.",
    other: "No ha funcionado",
    again: "Intentar de nuevo",
  },
};

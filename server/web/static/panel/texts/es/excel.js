// Words of a standstill in Excel's task pane: fetched only when there is one.

export const text = {
  excel: {
    again: "Intentar de nuevo",
    signIn: "Hay que iniciar sesión para seguir",
    signInAgain: "Hay que iniciar sesión otra vez",
    signInNow: "Iniciar sesión",
    consent: "Antes tiene que aceptar un administrador",
    consentPage: "La página donde acepta un administrador",
    share: "Cellback no puede abrir este libro",
    denied: "Sin permiso para usar este Cellback",
    unknown: "Microsoft no dijo con certeza quién está aquí",
    unreachable: "No se puede contactar con Cellback",
    local: "Este libro no está en OneDrive ni en SharePoint",
    localSteps: [
      "Elegir Archivo, Guardar como y una carpeta de OneDrive del trabajo o la escuela, o de un sitio de SharePoint.",
      "Mantener el tipo .xlsx o .xlsm.",
      "Abrir Cellback de nuevo en el libro guardado.",
    ],
    old: "Este Excel es demasiado antiguo para Cellback",
    oldSteps: ["Abrir el libro en Excel para la web.", "O actualizar Excel: Archivo, Cuenta, Opciones de actualización."],
    elsewhere: "Esta página va dentro de Excel",
    elsewhereSteps: ["Abrir un libro en Excel.", "En la pestaña Inicio, pulsar Cellback."],
    office: "El script de Excel no se cargó",
    officeSteps: [
      "Recargar el panel: en su menú de arriba a la derecha, Recargar.",
      "Si no ayuda, preguntar si la red bloquea appsforoffice.microsoft.com.",
    ],
    other: "No ha funcionado",
  },
};

// Words of a standstill in Excel's task pane: fetched only when there is one.

export const text = {
  excel: {
    again: "Réessayer",
    signIn: "Connectez-vous pour continuer",
    signInAgain: "Connectez-vous encore une fois",
    signInNow: "Se connecter",
    consent: "Un administrateur doit d’abord donner son accord",
    consentPage: "La page où un administrateur donne son accord",
    share: "Cellback ne peut pas ouvrir ce classeur",
    denied: "Vous ne pouvez pas utiliser ce Cellback",
    unknown: "Microsoft n’a pas dit avec certitude qui vous êtes",
    unreachable: "Cellback est injoignable",
    local: "Ce classeur n’est pas dans OneDrive ni SharePoint",
    localSteps: [
      "Choisissez Fichier, Enregistrer sous, puis un dossier OneDrive professionnel ou scolaire, ou d’un site SharePoint.",
      "Gardez le type .xlsx ou .xlsm.",
      "Ouvrez de nouveau Cellback dans le classeur enregistré.",
    ],
    old: "Cet Excel est trop ancien pour Cellback",
    oldSteps: ["Ouvrez le classeur dans Excel pour le web.", "Ou mettez Excel à jour : Fichier, Compte, Options de mise à jour."],
    elsewhere: "Cette page a sa place dans Excel",
    elsewhereSteps: ["Ouvrez un classeur dans Excel.", "Dans l’onglet Accueil, cliquez sur Cellback."],
    office: "Le script d’Excel n’a pas été chargé",
    officeSteps: [
      "Rechargez le volet : dans son menu en haut à droite, Recharger.",
      "Si cela n’aide pas, demandez si votre réseau bloque appsforoffice.microsoft.com.",
    ],
    other: "Cela n’a pas fonctionné",
  },
};

// Words of a standstill in Google's sidebar: fetched only when there is one.

export const text = {
  google: {
    share: "Partagez cette feuille avec Cellback",
    shareSteps: ["Cliquez sur Partager, en haut à droite de la feuille.", "Collez l’adresse, choisissez Éditeur et cliquez sur Envoyer."],
    address: "L’adresse de Cellback",
    copy: "Copier",
    copied: "Copiée.",
    check: "Vérifier l’accès",
    connect: "Se connecter avec Google",
    orConnect: "Ou laissez Cellback travailler avec votre propre autorisation : Google s’ouvre dans une nouvelle fenêtre. Revenez ensuite et vérifiez.",
    connectHint: "S’il ne peut utiliser que les fichiers ouverts avec Cellback, cette feuille doit aussi être partagée.",
    denied: "Vous ne pouvez pas utiliser ce Cellback",
    unknown: "Google n’a pas dit avec certitude qui vous êtes",
    accounts: "Plusieurs comptes Google",
    accountsWords: (shown, runs) => `Ce navigateur est connecté à plusieurs comptes Google. Vous avez ouvert cette feuille en tant que ${shown}, `
      + `mais Google exécute le module en tant que ${runs}. Rien n’a été modifié ni envoyé.`,
    accountsSteps: [
      "Ouvrez cette feuille dans une fenêtre privée, ou dans un profil de navigateur à part, avec un seul compte.",
      "Ou déconnectez-vous de tous les comptes, puis connectez-vous d’abord avec celui de cette feuille.",
    ],
    unreachable: "Cellback est injoignable",
    privateWords: (host) => `Cellback se trouve à ${host}, une adresse à l’intérieur d’un réseau privé. Les navigateurs ne laissent les pages de Google `
      + "appeler de telles adresses qu’après votre accord pour « l’accès au réseau local », ou jamais. La personne qui gère Cellback "
      + "devrait lui donner une adresse HTTPS publique.",
    other: "Cela n’a pas fonctionné",
    again: "Réessayer",
  },
};

// Words of a standstill in Google's sidebar: fetched only when there is one.

export const text = {
  google: {
    share: "Geben Sie dieses Blatt für Cellback frei",
    shareSteps: ["Klicken Sie oben rechts in der Tabelle auf Freigeben.", "Fügen Sie die Adresse ein, wählen Sie Mitbearbeiter und klicken Sie auf Senden."],
    address: "Cellbacks eigene Adresse",
    copy: "Kopieren",
    copied: "Kopiert.",
    check: "Zugriff prüfen",
    connect: "Mit Google anmelden",
    orConnect: "Oder lassen Sie Cellback mit Ihrer eigenen Erlaubnis arbeiten: Google öffnet sich in einem neuen Fenster. Kommen Sie danach zurück und prüfen Sie.",
    connectHint: "Wo es nur Dateien benutzen darf, die mit Cellback geöffnet wurden, muss dieses Blatt zusätzlich freigegeben werden.",
    denied: "Sie dürfen dieses Cellback nicht benutzen",
    unknown: "Google hat nicht eindeutig gesagt, wer Sie sind",
    accounts: "Mehr als ein Google-Konto",
    accountsWords: (shown, runs) => `Dieser Browser ist in mehreren Google-Konten angemeldet. Sie haben dieses Blatt als ${shown} geöffnet, `
      + `aber Google führt das Add-on als ${runs} aus. Nichts wurde geändert oder gesendet.`,
    accountsSteps: [
      "Öffnen Sie dieses Blatt in einem privaten Fenster oder in einem eigenen Browserprofil mit nur einem Konto.",
      "Oder melden Sie sich aus allen Konten ab und zuerst mit dem an, zu dem dieses Blatt gehört.",
    ],
    unreachable: "Cellback ist nicht erreichbar",
    privateWords: (host) => `Cellback läuft unter ${host}, einer Adresse in einem privaten Netz. Browser lassen Googles Seiten `
      + "solche Adressen nur aufrufen, nachdem Sie den „Zugriff auf das lokale Netzwerk“ erlaubt haben, oder gar nicht. Wer Cellback betreibt, "
      + "sollte ihm eine öffentliche HTTPS-Adresse geben.",
    other: "Das hat nicht geklappt",
    again: "Noch einmal versuchen",
  },
};

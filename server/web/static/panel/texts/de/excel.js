// Words of a standstill in Excel's task pane: fetched only when there is one.

export const text = {
  excel: {
    again: "Noch einmal versuchen",
    signIn: "Melden Sie sich an, um weiterzumachen",
    signInAgain: "Melden Sie sich noch einmal an",
    signInNow: "Anmelden",
    consent: "Zuerst muss ein Administrator zustimmen",
    consentPage: "Die Seite, auf der ein Administrator zustimmt",
    share: "Cellback kann diese Arbeitsmappe nicht öffnen",
    denied: "Sie dürfen dieses Cellback nicht benutzen",
    unknown: "Microsoft hat nicht eindeutig gesagt, wer Sie sind",
    unreachable: "Cellback ist nicht erreichbar",
    local: "Diese Arbeitsmappe liegt nicht in OneDrive oder SharePoint",
    localSteps: [
      "Wählen Sie Datei, Speichern unter und einen Ordner von OneDrive für Arbeit oder Schule oder einer SharePoint-Website.",
      "Behalten Sie den Typ .xlsx oder .xlsm.",
      "Öffnen Sie Cellback in der gespeicherten Arbeitsmappe noch einmal.",
    ],
    old: "Dieses Excel ist zu alt für Cellback",
    oldSteps: ["Öffnen Sie die Arbeitsmappe in Excel im Web.", "Oder aktualisieren Sie Excel: Datei, Konto, Updateoptionen."],
    elsewhere: "Diese Seite gehört in Excel",
    elsewhereSteps: ["Öffnen Sie eine Arbeitsmappe in Excel.", "Klicken Sie auf der Registerkarte Start auf Cellback."],
    office: "Excels eigenes Skript wurde nicht geladen",
    officeSteps: [
      "Laden Sie den Bereich neu: in seinem Menü oben rechts, Neu laden.",
      "Hilft das nicht, fragen Sie nach, ob Ihr Netz appsforoffice.microsoft.com sperrt.",
    ],
    other: "Das hat nicht geklappt",
  },
};

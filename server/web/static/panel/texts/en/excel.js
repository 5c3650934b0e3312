// Words of a standstill in Excel's task pane: fetched only when there is one.

export const text = {
  excel: {
    again: "Try again",
    signIn: "Sign in to go on",
    signInAgain: "Sign in once more",
    signInNow: "Sign in",
    consent: "An administrator has to agree first",
    consentPage: "The page where an administrator agrees",
    share: "Cellback can’t open this workbook",
    denied: "You may not use this Cellback",
    unknown: "Microsoft did not say for sure who you are",
    unreachable: "Cellback can’t be reached",
    local: "This workbook is not in OneDrive or SharePoint",
    localSteps: [
      "Choose File, Save As, and a folder of OneDrive for work or school, or of a SharePoint site.",
      "Keep the type .xlsx or .xlsm.",
      "Open Cellback again in the saved workbook.",
    ],
    old: "This Excel is too old for Cellback",
    oldSteps: ["Open the workbook in Excel on the web.", "Or update Excel: File, Account, Update Options."],
    elsewhere: "This page belongs into Excel",
    elsewhereSteps: ["Open a workbook in Excel.", "On the Home tab, press Cellback."],
    office: "Excel’s own script did not load",
    officeSteps: [
      "Reload the pane: its menu at the top right, Reload.",
      "If that does not help, ask whether your network blocks appsforoffice.microsoft.com.",
    ],
    other: "This did not work",
  },
};

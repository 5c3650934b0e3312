// Words of a standstill in Google's sidebar: fetched only when there is one.

export const text = {
  google: {
    share: "Share this sheet with Cellback",
    shareSteps: ["Press Share at the top right of the sheet.", "Paste the address, choose Editor, and press Send."],
    address: "Cellback’s own address",
    copy: "Copy",
    copied: "Copied.",
    check: "Check access",
    connect: "Sign in with Google",
    orConnect: "Or let Cellback work with your own permission: it opens Google in a new window. Come back and check.",
    connectHint: "Where it may only use files that were opened with Cellback, this sheet has to be shared as well.",
    denied: "You may not use this Cellback",
    unknown: "Google did not say for sure who you are",
    accounts: "More than one Google account",
    accountsWords: (shown, runs) => `This browser is signed in to several Google accounts. You opened this sheet as ${shown}, `
      + `but Google runs the add-on as ${runs}. Nothing was changed or sent.`,
    accountsSteps: [
      "Open this sheet in a private window, or in a browser profile of its own, with one account only.",
      "Or sign out of all accounts, and sign in first with the one this sheet is for.",
    ],
    unreachable: "Cellback can’t be reached",
    privateWords: (host) => `Cellback runs at ${host}, an address inside a private network. Browsers let Google’s pages `
      + "call such addresses only after you permit “local network access”, or not at all. Whoever runs Cellback should "
      + "give it a public HTTPS address.",
    other: "This did not work",
    again: "Try again",
  },
};

// A stand-in for what Excel offers MSAL.js for nested sign-in, loaded before the page. `silent`: whether it has a token
// at hand, or the person has to be asked.
window.nestedAppAuthBridge = {
  asked: [],
  silent: true,
  addEventListener(_, listener) { this.listener = listener; },
  removeEventListener() {},
  postMessage(text) {
    const { requestId, method, tokenParams } = JSON.parse(text);
    this.asked.push(tokenParams ? `${method} ${tokenParams.scope}` : method);
    const envelope = { messageType: "NestedAppAuthResponse", requestId, ...this.answer(method, tokenParams) };
    setTimeout(() => this.listener(JSON.stringify(envelope)), 0);
  },
  answer(method, tokenParams) {
    const tenantId = "7a1c0d52-9f43-4f0e-8a55-3c2b1e60d9aa";
    const username = "ana@example.org";
    const account = { environment: "login.microsoftonline.com", homeAccountId: `1.${tenantId}`, localAccountId: "1", tenantId, username };
    if (method === "GetInitContext") {
      return { success: true, initContext: { sdkName: "stand-in", sdkVersion: "1", accountContext: account } };
    }
    if (method === "GetToken" && !this.silent) {
      return { success: false, error: { status: "USER_INTERACTION_REQUIRED", code: "", description: "" } };
    }
    const claims = btoa(JSON.stringify({ oid: "1", tid: tenantId, sub: "1", preferred_username: username }));
    const token = { access_token: "token-of-msal", id_token: `x.${claims}.x`, expires_in: 3600, scope: tokenParams.scope };
    return { success: true, token, account };
  },
};

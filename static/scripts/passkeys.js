// Passkeys: ask the browser, put its answer into the form, and send the form. Without this script the form is not shown.
(() => {
  "use strict";

  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const words = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-")
      .replace(/\//g, "_")
      .replace(/=+$/, "");

  const asked = (options) => {
    const listed = (all) => (all || []).map((one) => ({ ...one, id: bytes(one.id) }));
    const made = { ...options, challenge: bytes(options.challenge) };
    if (options.user) made.user = { ...options.user, id: bytes(options.user.id) };
    if (options.excludeCredentials) made.excludeCredentials = listed(options.excludeCredentials);
    if (options.allowCredentials) made.allowCredentials = listed(options.allowCredentials);
    return made;
  };

  const answered = (credential) => {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = words(credential.response[name]);
    }
    return JSON.stringify({
      id: credential.id,
      rawId: words(credential.rawId),
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment,
      clientExtensionResults: credential.getClientExtensionResults(),
      response,
    });
  };

  const ask = async (form) => {
    const told = await fetch(form.dataset.options, { credentials: "same-origin", redirect: "error" });
    if (!told.ok) throw new Error("not asked");
    const publicKey = asked(await told.json());
    const credential = await navigator.credentials[form.dataset.passkey]({ publicKey });
    form.elements.answer.value = answered(credential);
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const said = form.querySelector("[data-passkey-said]");
    if (!window.PublicKeyCredential) {
      form.hidden = true;
      continue;
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      said.textContent = "";
      ask(form).then(
        () => form.submit(),
        () => {
          said.textContent = form.dataset.saidFailed;
        },
      );
    });
  }
})();

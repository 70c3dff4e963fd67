// Passkeys. A form with data-passkey="get" or "create" asks the server at
// data-at + "/ask" what to ask the browser, and sends it the answer at
// data-at. Without a script, or a browser that knows passkeys, these forms
// stay hidden and the code of an app does.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");

// question turns what the server writes as base64url into bytes.
function question(options) {
  options.challenge = bytes(options.challenge);
  if (options.user) options.user.id = bytes(options.user.id);
  for (const key of [...(options.allowCredentials ?? []), ...(options.excludeCredentials ?? [])]) key.id = bytes(key.id);
  return options;
}

// answer is a credential as the server reads it.
function answer(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response, clientExtensionResults: {} };
}

// send posts JSON. What the server refuses is thrown in its own words; an
// answer that is none leads to the start.
async function send(path, body) {
  const reply = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  if (reply.redirected) location.assign("/console");
  const read = await reply.json();
  if (!reply.ok) throw Object.assign(new Error(read.problem), { told: true });
  return read;
}

async function run(form) {
  const { ceremony, options } = await send(form.dataset.at + "/ask", {});
  const credential = await navigator.credentials[form.dataset.passkey]({ publicKey: question(options.publicKey) });
  const label = form.elements.label?.value ?? "";
  const { to } = await send(form.dataset.at, { ceremony, credential: answer(credential), label });
  location.assign(to);
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.hidden = !window.PublicKeyCredential;
  const says = form.querySelector("[data-cancelled]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    says.textContent = "";
    try {
      await run(form);
    } catch (error) {
      says.textContent = error.told ? error.message : error.name === "NotAllowedError" ? says.dataset.cancelled : says.dataset.broken;
    }
  });
}

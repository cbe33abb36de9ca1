// Passkeys: asks the server what to ask, the browser for an answer, and sends that with the form that the button is in.
// A form names its purpose in data-passkey; what goes wrong is said in the form, in words, and nothing is sent.
const SAID = {
  NotAllowedError: "No passkey came: the question was closed, took too long, or this device holds none for this address.",
  InvalidStateError: "This device holds a passkey of yours already. Take another device, or sign in with that one.",
  NotSupportedError: "This device cannot make such a passkey. Take a security key or another device.",
  ConstraintError: "This device cannot check that it is you. Set up a PIN, finger or face on it, then try again.",
  SecurityError: "The browser does not allow passkeys at this address. Open Wireroom at its own address.",
  AbortError: "The question was closed. Try again.",
};
const NOT_LINKED = "The switch could not be reached. Try again.";

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const known = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

function say(form, words) {
  const place = form.querySelector("[data-says]");
  place.hidden = !words;
  place.textContent = words;
}

async function question(form) {
  const secret = form.elements.csrf ?? form.elements.door;
  const answer = await fetch(form.dataset.question, {
    method: "POST", headers: { "x-csrf": secret.value }, signal: AbortSignal.timeout(15000),
    body: new URLSearchParams({ purpose: form.dataset.passkey, [secret.name]: secret.value }),
  });
  const told = await answer.json();
  if (answer.status !== 200) throw new Error(told.words);
  return told.question;
}

async function made(options) {
  const publicKey = { ...options, challenge: bytes(options.challenge), excludeCredentials: known(options.excludeCredentials), user: { ...options.user, id: bytes(options.user.id) } };
  const key = await navigator.credentials.create({ publicKey });
  return { key, response: { clientDataJSON: text(key.response.clientDataJSON), attestationObject: text(key.response.attestationObject) } };
}

async function shown(options) {
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: known(options.allowCredentials) };
  const key = await navigator.credentials.get({ publicKey });
  const { clientDataJSON, authenticatorData, signature, userHandle } = key.response;
  return { key, response: { clientDataJSON: text(clientDataJSON), authenticatorData: text(authenticatorData), signature: text(signature), ...userHandle && { userHandle: text(userHandle) } } };
}

async function go(form, button) {
  say(form, "");
  const fields = [...form.elements].filter((one) => one.dataset.withPasskey !== undefined);
  if (!fields.every((one) => one.reportValidity())) return; // the browser says which, and goes there
  button.disabled = true;
  try {
    const options = await question(form);
    const { key, response } = await (form.dataset.passkey === "bind" ? made : shown)(options);
    form.elements.answer.value = JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, response, clientExtensionResults: {} });
    form.action = button.dataset.action;
    form.submit();
    button.disabled = false; // for whoever comes back to this page
  } catch (error) {
    say(form, SAID[error.name] ?? (error.name === "Error" ? error.message : NOT_LINKED));
    button.disabled = false;
    button.focus();
  }
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const button = form.querySelector("[data-act=passkey]");
  form.querySelector("[data-plain]").hidden = true;
  if (!window.PublicKeyCredential) { say(form, "This browser knows no passkeys."); continue; }
  button.hidden = false;
  button.addEventListener("click", () => go(form, button));
}

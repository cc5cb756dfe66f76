// Passkeys: asks the server what to ask, hands it to the browser, and hands the answer back.
"use strict";

const bytesOf = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

const textOf = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

async function post(address, token, body) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "X-Form-Token": token, "Content-Type": "application/json" },
    body: body ?? "",
  });
  const said = await answer.json();
  if (!answer.ok) {
    throw new Error(said.message ?? said.detail);
  }
  return said;
}

const idsToBytes = (list) => (list ?? []).map((one) => ({ ...one, id: bytesOf(one.id) }));

function answerOf(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) {
      response[name] = textOf(credential.response[name]);
    }
  }
  return JSON.stringify({
    id: credential.id,
    rawId: textOf(credential.rawId),
    type: credential.type,
    clientExtensionResults: {},
    response,
  });
}

async function signIn(token) {
  const asked = await post("/office/passkey/begin", token);
  const publicKey = {
    ...asked,
    challenge: bytesOf(asked.challenge),
    allowCredentials: idsToBytes(asked.allowCredentials),
  };
  const credential = await navigator.credentials.get({ publicKey });
  return post("/office/passkey/finish", token, answerOf(credential));
}

async function add(token) {
  const asked = await post("/office/account/passkeys/begin", token);
  const publicKey = {
    ...asked,
    challenge: bytesOf(asked.challenge),
    user: { ...asked.user, id: bytesOf(asked.user.id) },
    excludeCredentials: idsToBytes(asked.excludeCredentials),
  };
  const credential = await navigator.credentials.create({ publicKey });
  const name = encodeURIComponent(document.getElementById("passkey-name").value);
  return post(`/office/account/passkeys/finish?name=${name}`, token, answerOf(credential));
}

function onClick(id, work) {
  const button = document.getElementById(id);
  if (!button || !window.PublicKeyCredential) {
    return;
  }
  button.hidden = false;
  button.addEventListener("click", async () => {
    const told = document.getElementById("passkey-said");
    told.hidden = true;
    try {
      location.assign((await work(button.dataset.token)).to);
    } catch (error) {
      // What the browser itself says is in no language of ours.
      told.textContent = error instanceof DOMException ? button.dataset.failed : error.message;
      told.hidden = false;
    }
  });
}

onClick("passkey", signIn);
onClick("passkey-add", add);

// Works out the SHA-256 of the chosen file in the browser and compares it; nothing is sent anywhere.
"use strict";
const copy = document.getElementById("copy");
const answers = ["same", "other", "unable"].map((id) => document.getElementById(id));
const tell = (id) => answers.forEach((answer) => (answer.hidden = answer.id !== id));
if (copy) {
  copy.addEventListener("change", async () => {
    tell("");
    const [file] = copy.files;
    if (!file) return;
    // Browsers offer it on encrypted addresses and on this machine alone.
    if (!window.crypto || !window.crypto.subtle) return tell("unable");
    const digest = await window.crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
    tell(copy.dataset.hashes.split(" ").includes(hex) ? "same" : "other");
  });
}

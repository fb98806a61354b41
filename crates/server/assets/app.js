// Pages work without this file, except the one-time sign-in link: its secret is in the address after `#`, which browsers
// keep to themselves, so only a script can hand it over.
"use strict";

const signIn = document.getElementById("sign-in-link");

function followSignInLink() {
  const secret = window.location.hash.slice(1);
  if (!/^[0-9a-f]{64}$/.test(secret)) return;
  window.history.replaceState(null, "", window.location.pathname + window.location.search);
  signIn.elements.namedItem("secret").value = secret;
  signIn.submit();
}

if (signIn) {
  followSignInLink();
  window.addEventListener("hashchange", followSignInLink);
}

const announce = document.getElementById("announce");
for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      // The browser does not allow it: the text is left selected, to be copied by hand.
      window.getSelection().selectAllChildren(button.previousElementSibling);
      return;
    }
    button.textContent = "Copied";
    if (announce) announce.textContent = "Copied";
    window.setTimeout(() => {
      button.textContent = label;
      if (announce) announce.textContent = "";
    }, 1600);
  });
}

// A set-up goes on by itself while its page is open. Without this, by its button.
const goOn = document.querySelector("form[data-after]");
if (goOn) window.setTimeout(() => goOn.requestSubmit(), 1000 * Number(goOn.dataset.after));

// A certificate's file goes into its text field: PEM as it is, anything else in base64. Without this, it is pasted.
for (const field of document.querySelectorAll("[data-file-for]")) {
  const file = field.querySelector("input[type=file]");
  field.hidden = false;
  file.addEventListener("change", async () => {
    const chosen = file.files[0];
    if (!chosen || chosen.size > 1_000_000) return;
    const bytes = new Uint8Array(await chosen.arrayBuffer());
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    const target = document.getElementById(field.dataset.fileFor);
    target.value = text.includes("-----BEGIN ") ? new TextDecoder().decode(bytes) : window.btoa(text);
    if (announce) announce.textContent = "The file is filled in";
  });
}

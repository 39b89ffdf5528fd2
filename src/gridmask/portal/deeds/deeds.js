// Forms work without this. With it, what one would lead to is shown beside it, and to type a time is to choose it.

const PATIENCE = 20000; // milliseconds that an answer may take

document.addEventListener("input", ({ target }) => {
  const picks = target.dataset?.picks;
  const radio = picks && target.value && target.form?.querySelector(`input[type=radio][value="${picks}"]`);
  if (radio) radio.checked = true;
  // what was shown was of something else
  target.form?.querySelector(".foretold")?.replaceChildren();
});

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  const place = form.querySelector(".foretold");
  if (!form.matches("form.deed") || submitter?.value !== "preview" || !place) return;
  event.preventDefault();
  look(form, submitter, place);
});

async function look(form, submitter, place) {
  place.setAttribute("aria-busy", "true");
  try {
    const body = new URLSearchParams(new FormData(form, submitter));
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" }, signal: AbortSignal.timeout(PATIENCE) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const told = [...page.querySelectorAll("#problem, #overtaken, #foretold")].map((part) => document.importNode(part, true));
    for (const part of told) part.removeAttribute("id");
    place.replaceChildren(...(told.length ? told : ["It could not be found out what it would lead to."]));
  } catch {
    place.replaceChildren("The server is out of reach: it could not be found out what it would lead to.");
  }
  place.removeAttribute("aria-busy");
}

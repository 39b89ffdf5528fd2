// Keeps what somebody writes on the workbench in their browser, for each VO apart, until it is in force or they discard it;
// numbers the lines, and leads from a problem to its line. Nothing of it is needed to try policies.

const form = document.querySelector("form[data-bench]");
const vo = form?.dataset.bench ?? document.querySelector("[data-bench-of]")?.dataset.benchOf;
const place = `gridmask-draft:${vo}`;
const going = `gridmask-put:${vo}`;

// A browser may keep nothing, as in a private window: then what is written is on the page alone.
const keep = {
  read(store, name) { try { return store().getItem(name); } catch { return null; } },
  write(store, name, value) { try { store().setItem(name, value); return true; } catch { return false; } },
  drop(store, name) { try { store().removeItem(name); } catch { /* it was not kept */ } },
};
const lasting = () => localStorage;
const passing = () => sessionStorage;

function known() {
  try { return JSON.parse(keep.read(lasting, place)); } catch { return null; }
}

// --- The draft

function bench() {
  const text = form.elements.text, tests = form.elements.tests, seen = form.elements.seen;
  const kept = document.getElementById("kept");
  const first = { text: text.value, tests: tests?.value ?? "", seen: seen.value };
  let waiting = 0;

  function say(words, act, does) {
    if (!kept) return;
    kept.textContent = words;
    if (!act) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = act;
    button.addEventListener("click", does);
    kept.append(" ", button);
  }

  function discard() {
    keep.drop(lasting, place);
    text.value = first.text;
    if (tests) tests.value = first.tests;
    seen.value = first.seen;
    number();
    say("Your draft is discarded.");
  }

  // what is as it was given needs not be kept
  const changed = () => "changed" in form.dataset || text.value !== first.text || (tests && tests.value !== first.tests);

  function store() {
    waiting = 0;
    if (!changed()) {
      keep.drop(lasting, place);
      say("");
      return;
    }
    const draft = { text: text.value, tests: tests?.value ?? "", seen: seen.value, at: Date.now() };
    if (keep.write(lasting, place, JSON.stringify(draft))) say("Kept in this browser until it is in force.", "Discard my draft", discard);
    else say("This browser keeps nothing: copy your text before you leave.");
  }

  function show(draft) {
    text.value = draft.text;
    if (tests && draft.tests) tests.value = draft.tests;
    seen.value = draft.seen;
    number();
    say(`This is your draft of ${new Date(draft.at).toLocaleString()}.`, "Discard it", discard);
  }

  function restore() {
    const draft = known();
    if (!draft || "answered" in form.dataset || (draft.text === first.text && draft.tests === first.tests)) return;
    // who asks for a version wants that one, and is told that there is a draft, too
    if (!location.search.includes("version=")) show(draft);
    else say(`You have a draft of ${new Date(draft.at).toLocaleString()}.`, "Show it", () => show(draft));
  }

  form.addEventListener("input", () => {
    number();
    if (!waiting) waiting = setTimeout(store, 400);
  });
  form.addEventListener("submit", ({ submitter }) => {
    if (kept) store();
    if (submitter?.value === "put") keep.write(passing, going, "1");
  });

  // --- Its lines

  const gutter = form.querySelector(".gutter");
  let lines = 0;

  function number() {
    if (!gutter) return;
    const count = text.value.split("\n").length;
    if (count === lines) return;
    lines = count;
    gutter.textContent = Array.from({ length: count }, (_, place) => place + 1).join("\n");
    gutter.scrollTop = text.scrollTop;
  }

  function lead(line) {
    const start = text.value.split("\n").slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    const end = text.value.indexOf("\n", start);
    text.focus();
    text.setSelectionRange(start, end < 0 ? text.value.length : end);
    text.scrollTop = Math.max(0, (line - 4) * parseFloat(getComputedStyle(text).lineHeight));
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-line]");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    lead(Number(link.dataset.line));
  });

  if (gutter) {
    document.querySelector(".numbered")?.removeAttribute("open"); // the text itself is numbered
    gutter.hidden = false;
    text.addEventListener("scroll", () => { gutter.scrollTop = text.scrollTop; });
  }
  if (kept) restore();
  number();
  if ("answered" in form.dataset && kept) store();
}

if (form) {
  keep.drop(passing, going);
  bench();
} else if (vo && keep.read(passing, going)) {
  // it was put: what is in force is what was written
  keep.drop(passing, going);
  keep.drop(lasting, place);
}

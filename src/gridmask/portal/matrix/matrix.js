// The matrix under a hand: keys that walk it, folds and chooses; what is chosen goes to where it is acted upon.

const root = document.documentElement;
const keys = document.getElementById("keys");
const bar = document.getElementById("deeds");

root.dataset.scripted = "";

const grid = () => document.querySelector(".grid");

// --- Walking: the grid is one stop for Tab; within it, arrows lead from line to line and from cell to cell

let last = null; // where the focus was in the grid

const STOPS = ".site > summary, tbody tr";
const visible = (stop) => !stop.closest("details:not([open])") || stop.matches("summary");
const inLine = (line) => [...line.querySelectorAll("th a, td a")];

function step(from, by) {
  const stops = [...grid().querySelectorAll(STOPS)];
  let at = stops.indexOf(from) + by;
  while (stops[at] && !visible(stops[at])) at += by;
  return stops[at];
}

function land(stop, column) {
  if (!stop) return;
  const cells = stop.matches("summary") ? [stop] : inLine(stop);
  const target = cells[Math.min(column, cells.length - 1)];
  target.focus({ preventScroll: true });
  target.scrollIntoView({ block: "nearest", inline: "nearest" });
}

let column = 0; // the one that is kept while lines with fewer are passed

function walk(key, ctrl) {
  const here = document.activeElement;
  const line = here.closest(STOPS);
  if (!line) return false;
  const cells = line.matches("summary") ? [line] : inLine(line);
  const at = cells.indexOf(here);
  switch (key) {
    case "ArrowDown": case "j": land(step(line, 1), column); break;
    case "ArrowUp": case "k": land(step(line, -1), column); break;
    case "ArrowRight": case "l": land(line, (column = Math.min(at + 1, cells.length - 1))); break;
    case "ArrowLeft": case "h": land(line, (column = Math.max(at - 1, 0))); break;
    case "Home": ctrl ? land(end(false), column) : land(line, (column = 0)); break;
    case "End": ctrl ? land(end(true), column) : land(line, (column = cells.length - 1)); break;
    default: return false;
  }
  return true;
}

function end(bottom) {
  const stops = [...grid().querySelectorAll(STOPS)].filter(visible);
  return stops[bottom ? stops.length - 1 : 0];
}

function fold(all) {
  if (all) {
    const open = grid().querySelectorAll("details.site[open]").length > 0;
    for (const one of grid().querySelectorAll("details.site")) one.open = !open;
    return;
  }
  const group = document.activeElement.closest("details.site");
  if (!group) return;
  group.open = !group.open;
  if (!group.open) group.querySelector("summary").focus();
}

// Tab leaves the grid at once: it has as many links as there are elements
function leave(event) {
  const here = grid();
  if (!here?.contains(document.activeElement)) return;
  const where = event.shiftKey ? Node.DOCUMENT_POSITION_PRECEDING : Node.DOCUMENT_POSITION_FOLLOWING;
  const others = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")];
  const beyond = others.filter((one) => !here.contains(one) && here.compareDocumentPosition(one) & where && one.checkVisibility() && one.tabIndex >= 0 && !one.disabled);
  const target = event.shiftKey ? beyond.at(-1) : beyond[0];
  if (!target) return;
  event.preventDefault();
  target.focus();
}

document.addEventListener("focusin", ({ target, relatedTarget }) => {
  const here = grid();
  if (!here?.contains(target)) return;
  const line = target.closest("tr");
  if (line && relatedTarget && !here.contains(relatedTarget) && byTab && last?.isConnected && here.contains(last) && last !== target) {
    last.focus();
    return;
  }
  last = target;
  if (line) column = Math.max(0, inLine(line).indexOf(target));
});

let byTab = false;

document.addEventListener("keydown", (event) => {
  byTab = event.key === "Tab";
  if (byTab) return leave(event);
  if (event.defaultPrevented || event.altKey || event.metaKey || keys.open) return undefined;
  if (event.target.matches("input:not([type=checkbox]), textarea, select")) return undefined;
  if (event.ctrlKey && !["Home", "End"].includes(event.key)) return undefined;
  if (act(event.key) || (grid()?.contains(event.target) && walk(event.key, event.ctrlKey))) event.preventDefault();
  return undefined;
});

function act(key) {
  const within = grid()?.contains(document.activeElement);
  switch (key) {
    case "?": keys.showModal(); return true;
    case "f": document.getElementById("q").focus(); return true;
    case "O": fold(true); return true;
    case "o": if (within) fold(false); return within;
    case "x": return within && choose(document.activeElement.closest("tr"));
    case "j": case "ArrowDown": if (within || key !== "j") return false; land(last?.isConnected ? last.closest(STOPS) : end(false), column); return true;
    default: return false;
  }
}

document.getElementById("ask-keys")?.addEventListener("click", () => keys.showModal());

// --- Choosing: a line stands for all of its rows

function choose(line) {
  const box = line?.querySelector("input[type=checkbox]");
  box?.click();
  return Boolean(box);
}

const chosen = () => [...grid().querySelectorAll("tbody input:checked")];

function rows() {
  return chosen().flatMap((box) =>
    [...box.closest("tr").querySelectorAll(".cell")].map((cell) => `${box.value}/${cell.hash.replace("#status-", "")}`),
  );
}

function count() {
  const picked = chosen().length;
  bar.hidden = picked === 0;
  bar.querySelector("b").textContent = picked === 1 ? "1 element" : `${picked} elements`;
}

if (bar) {
  grid()?.addEventListener("change", ({ target }) => target.matches("tbody input") && count());
  bar.addEventListener("formdata", ({ formData }) => {
    for (const row of rows()) formData.append("row", row);
    formData.set("back", location.pathname + location.search);
    formData.set("seen", document.body.dataset.revision); // what is seen now, not what was when the page was opened
  });
  bar.querySelector("[type=reset]").addEventListener("click", () => {
    for (const box of chosen()) box.checked = false;
    count();
  });
  if (grid()) count(); // a browser that goes back may have kept what was chosen
}

// --- What is chosen in a form is shown at once

document.querySelector(".filters").addEventListener("change", ({ target, currentTarget }) => {
  if (target.matches("select, [type=checkbox]")) currentTarget.requestSubmit();
});

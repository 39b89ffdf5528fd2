// Keeps a page as it would be if it were loaded now: on news from the stream of its VO's mask, and every so often, it asks for
// the page anew and changes what differs. Scroll position, focus and what is folded open stay as the reader has them.

const AT_LEAST = 1000; // milliseconds between two looks
const SOON = 100; // the same, where a page tells what changed alone
const FLASH = 3000; // milliseconds for which a change is marked
const PATIENCE = 20000; // milliseconds that an answer may take
const GIVEN_UP = 15000; // milliseconds after which a stream that was refused is tried again

const page = document.body.dataset;
const live = document.getElementById("live");

let stream = null;
let looked = performance.now();
let coming = 0;
let again = 0;
let looking = false;
let wanted = false;
let took = 0; // milliseconds that the last look took
let whole = false; // the next look is at all of the page, even if it could tell what changed alone
let quiet = false; // what changes is no news: the same is told otherwise
let asOf = live.textContent;

// --- What the reader is told about the connection

function tell(state, text) {
  if (live.dataset.state !== state) live.dataset.state = state;
  if (live.textContent !== text) live.textContent = text;
}

function well() {
  if (!page.vo) tell("live", asOf);
  else if (stream?.readyState === EventSource.OPEN) tell("live", "live");
  else tell("away", `reconnecting, ${asOf}`);
}

// --- The stream

function follow() {
  if (!page.vo || stream || document.hidden) return;
  // it begins where the page ends: what changed since the page was made comes first
  stream = new EventSource(`/api/v1/masks/${encodeURIComponent(page.vo)}/stream?since=${page.revision}`);
  stream.addEventListener("open", well);
  stream.addEventListener("delta", look);
  stream.addEventListener("mask", look);
  stream.addEventListener("held", look);
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED) {
      leave();
      again = setTimeout(follow, GIVEN_UP);
    }
    well();
  });
}

function leave() {
  clearTimeout(again);
  stream?.close();
  stream = null;
}

// a browser has few connections to one server: pages that nobody sees leave them to those that somebody does
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    leave();
  } else {
    follow();
    look();
  }
});

// --- Looking anew

function look() {
  if (looking) {
    wanted = true;
  } else if (!coming) {
    const pause = page.since ? Math.max(SOON, took) : AT_LEAST;
    coming = setTimeout(fetched, Math.max(0, looked + pause - performance.now()));
  }
}

async function fetched() {
  coming = 0;
  if (document.hidden) return;
  looking = true;
  wanted = false;
  const began = performance.now();
  try {
    const signal = AbortSignal.timeout(PATIENCE);
    const [address, cache] = question();
    const answer = await fetch(address, { headers: { Accept: "text/html" }, cache, signal });
    if (answer.status === 401) location.reload(); // a session is over: the page says where to log in
    if (!answer.ok) throw new Error(`${answer.status}`);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    asOf = fresh.getElementById("live").textContent;
    renew(fresh);
    quiet = false;
    well();
  } catch {
    tell("away", `out of reach, ${asOf}`);
  }
  looked = performance.now();
  took = looked - began;
  looking = false;
  if (wanted) look();
}

// of a page that says since when it is as it is, what changed since will do; none of it is worth keeping
function question() {
  const address = new URL(location.href);
  const cache = page.since && !whole ? "no-store" : "no-cache";
  if (cache === "no-store") address.searchParams.set("since", page.since);
  whole = false;
  return [address, cache];
}

setInterval(() => {
  if (document.hidden || performance.now() - looked < page.every * 1000 - AT_LEAST) return;
  whole = page.sorted !== undefined; // what changed alone does not tell what comes first now
  look();
}, AT_LEAST);

// --- Changing what differs

function renew(fresh) {
  const focused = document.activeElement;
  document.title = fresh.title;
  become(document.body, document.importNode(fresh.body, true));
  if (focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
}

function become(old, fresh) {
  if (old.isEqualNode(fresh) || old.dataset?.own !== undefined || isDraft(old, fresh)) return;
  if (old.nodeType !== Node.ELEMENT_NODE) {
    old.nodeValue = fresh.nodeValue;
    return;
  }
  if (fresh.dataset.part !== undefined) {
    pieces(old, fresh);
    return;
  }
  const before = old.className;
  const text = "flash" in old.dataset ? old.textContent : null;
  attributes(old, fresh);
  children(old, fresh);
  if (old.className !== before || (text !== null && text !== old.textContent)) flash(old);
}

// a part of what is in `old`: the innermost elements with a name take their places, and nothing else changes
function pieces(old, fresh) {
  for (const piece of fresh.querySelectorAll("[id]:not(:has([id]))")) {
    const known = document.getElementById(piece.id);
    if (known && old.contains(known)) become(known, piece);
    else if (!piece.matches(".left")) whole = wanted = true;
  }
}

function attributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !KEPT.has(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && !KEPT.has(name)) old.setAttribute(name, value);
  }
}

const NEWS = ".cell, tr, .site, .playbill details, [data-flash]"; // what is marked when it changes or comes in
const KEPT = new Set(["open", "data-news"]); // what is folded open is up to the reader

function children(old, fresh) {
  const known = new Map();
  for (const child of old.children) if (child.id) known.set(child.id, child);
  let at = old.firstChild;
  for (const child of arranged(old, fresh)) {
    const same = child.id ? known.get(child.id) : at && !at.id && at.nodeName === child.nodeName ? at : null;
    if (!same) {
      old.insertBefore(child, at);
      if (child.nodeType === Node.ELEMENT_NODE) flash(child);
      continue;
    }
    if (same === at) at = at.nextSibling;
    else old.insertBefore(same, at);
    become(same, child);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

// while somebody is at it, what is there keeps its place: nothing moves away under a pointer
function arranged(old, fresh) {
  const children = [...fresh.childNodes];
  if (!("steady" in old.dataset) || (scrollY === 0 && !old.matches(":hover, :focus-within"))) return children;
  const place = new Map([...old.children].map((child, index) => [child.id, index]));
  const elements = children.filter((child) => child.nodeType === Node.ELEMENT_NODE);
  return elements.sort((a, b) => (place.get(a.id) ?? Infinity) - (place.get(b.id) ?? Infinity));
}

function flash(element) {
  if (quiet || !element.matches(NEWS) || element.dataset.news !== undefined) return;
  element.dataset.news = "";
  setTimeout(() => delete element.dataset.news, FLASH);
}

// --- Forms that somebody fills in: they stay as they are, and say so when what they are about has changed meanwhile

document.addEventListener("input", ({ target }) => {
  const form = target.closest("form[data-draft]");
  if (form) form.dataset.touched = "";
});

function isDraft(old, fresh) {
  if (old.dataset?.touched === undefined) return false;
  if (old.dataset.seen !== fresh.dataset.seen) old.dataset.overtaken = "";
  return true;
}

// --- The reader's hours: the server tells moments in them from the next look on

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const said = `gridmask-zone=${encodeURIComponent(zone)}`;
const isSaid = document.cookie.split("; ").includes(said);
if (zone && !isSaid) {
  document.cookie = `${said}; path=/; max-age=31536000; samesite=lax`;
  quiet = zone !== "UTC";
  if (quiet) look();
}

// --- Keys

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.matches("input, textarea, select") || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  document.getElementById("jump")?.focus();
});

// --- Filters: addresses without what is not filtered by

document.addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData]) if (!value) formData.delete(name);
});

follow();
well();

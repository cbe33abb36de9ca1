// What the keys and the one box do. The lifeline (link.js) is loaded before; the two speak by events.
const $ = (id) => document.getElementById(id);
const { post, send, see, insert, isLinked } = window.wireroom;
const box = $("text"), form = $("ask"), purpose = $("purpose"), pane = $("answer");
const PAUSE_MS = 150; // between the last letter and the question what it means
let asked = 0, pause = 0, back = -1;

// ---- the reading pane

function show(number) {
  for (const answer of $("answers").children) answer.hidden = answer.id !== `a-${number}`;
  for (const item of document.querySelectorAll("[data-show]")) {
    if (item.dataset.show === number) {
      item.setAttribute("aria-current", "true");
      item.scrollIntoView({ block: "nearest" });
    } else item.removeAttribute("aria-current");
  }
  $("nothing")?.remove();
  pane.scrollTop = 0;
  if (matchMedia("(max-width: 43.99rem)").matches) scrollTo(0, 0); // the answer stands on top there
  const unread = $(`a-${number}`);
  if (unread?.hasAttribute("data-unread")) {
    unread.removeAttribute("data-unread");
    if (!unread.dataset.tone) see(number);
  }
}

const shown = () => document.querySelector("#answers > :not([hidden])");

function step(by) {
  const items = [...document.querySelectorAll("[data-show]")];
  const at = items.findIndex((item) => item.hasAttribute("aria-current"));
  const next = items[Math.max(0, Math.min(items.length - 1, at + by))];
  if (next) show(next.dataset.show);
}

// F8: first brings up the hit that waits, then says that it has been seen.
function acknowledge() {
  const waiting = [...document.querySelectorAll("[data-tone]")];
  const here = waiting.find((answer) => !answer.hidden);
  if (here) {
    see(here.id.slice(2));
    const next = waiting.filter((answer) => answer !== here).pop();
    if (next) show(next.id.slice(2));
  } else if (waiting.length) show(waiting.pop().id.slice(2));
}

document.addEventListener("came", () => {
  const first = !shown() && document.querySelector("#list [data-show]"); // a message waits until it is opened
  if (first) show(first.dataset.show);
  const alarm = document.querySelector("[data-tone]");
  if (!alarm) return;
  $("blank").hidden = true;
  const verdict = alarm.querySelector("h2").textContent;
  if ($("say").textContent !== verdict) $("say").textContent = verdict;
});

// ---- the box

function said(words, mark) {
  $("understood").textContent = words;
  $("understood").className = mark;
}

async function understand() {
  const turn = ++asked, text = box.value;
  if (!text.trim()) return said("", "");
  if (!isLinked()) return said("Not linked: what you send waits here and goes when the link is back", "no");
  try {
    const answer = await post("/understand", { text });
    if (turn === asked) said(answer.words, answer.ok ? "yes" : "");
  } catch { /* the strip says that the link is lost */ }
}

function fill(text) {
  box.value = text;
  box.focus();
  box.setSelectionRange(text.length, text.length);
  understand();
}

box.addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(understand, PAUSE_MS);
});
const strip = { PUR: purpose, OBA: $("agency") };
for (const choice of Object.values(strip)) choice?.addEventListener("change", () => choice.classList.toggle("unset", !choice.value));

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = box.value.trim();
  if (!text) return box.focus();
  clearTimeout(pause);
  asked += 1;
  back = -1;
  said("Sending …", "");
  send(wish(text));
});

function wish(text, stay = false) { // what goes from a card leaves that card in view
  const key = [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { text, purpose: purpose.value, case: $("case").value, requester: $("requester")?.value ?? "", agency: $("agency")?.value ?? "", key, place: form.elements.place.value, stay };
}

document.addEventListener("asked", ({ detail }) => {
  if (box.value.trim() === detail.text) {
    box.value = "";
    said("", "");
  }
  if ($("requester")) $("requester").value = ""; // said each time
  if (detail.state === "kept") said("Not linked: your question is kept and goes when the link is back", "no");
  if (detail.number) show(detail.number);
});
document.addEventListener("refused", ({ detail }) => {
  said(detail.words, "no");
  const choice = strip[detail.fields?.[0]];
  choice?.classList.add("unset");
  (choice ?? box).focus();
});

// What a question was for, said afterwards; whoever said it is back at the box.
document.addEventListener("submit", async (event) => {
  if (event.target.getAttribute("action") !== "/reason") return;
  event.preventDefault();
  try {
    const answer = await post("/reason", Object.fromEntries(new FormData(event.target, event.submitter)));
    if (answer.html) insert(answer.html);
    if (answer.status === 200) box.focus();
  } catch { said("Not linked: say what it was for when the link is back", "no"); }
});

function repeat() {
  const texts = [...document.querySelectorAll("#list [data-show]")].map((item) => $(`a-${item.dataset.show}`)?.dataset.text).filter(Boolean);
  if (!texts.length) return;
  back = (back + 1) % texts.length;
  fill(texts[back]);
}

// ---- keys and presses

const acts = {
  repeat, acknowledge,
  blank: () => { $("blank").hidden = false; $("blank").focus(); },
};

document.addEventListener("click", (event) => {
  const on = event.target.closest("[data-show],[data-ask],[data-begin],[data-see],[data-send],[data-act],#blank");
  if (!on) return;
  if (on.id === "blank") {
    on.hidden = true;
    return box.focus();
  }
  const { show: number, ask, begin, see: seen, send: text, act } = on.dataset;
  if (act && !acts[act]) return;
  event.preventDefault();
  if (number) show(number);
  else if (ask ?? begin) fill(ask ?? begin);
  else if (seen) see(seen);
  else if (text) send(wish(text, true));
  else acts[act]();
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (!$("blank").hidden) {
    event.preventDefault();
    $("blank").hidden = true;
    return box.focus();
  }
  const button = /^F\d+$/.test(event.key) && document.querySelector(`[data-key="${event.key}"]`);
  if (event.key === "F1") box.focus();
  else if (button && event.key !== "F9") button.click(); // F9 is every page's
  else if (event.key === "Escape") {
    if (box.value) fill(""); else pane.focus();
  } else if (/^(SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  else if (event.key === "ArrowDown") step(1);
  else if (event.key === "ArrowUp") step(-1);
  else if (event.key === "PageDown" || event.key === "PageUp") pane.scrollBy(0, (event.key === "PageUp" ? -0.8 : 0.8) * pane.clientHeight);
  else return;
  event.preventDefault();
});

if (box.value) understand();

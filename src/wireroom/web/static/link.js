// The lifeline between this page and the switch: hears answers, says honestly whether it hears, sends, sounds.
// Nothing here is stored: what is unsent waits in memory, under the key that makes sending it twice harmless.
const HEARD_MS = 10000; // "Linked" means that something was heard within this time
const TONE_MS = 20000; // a hit sounds again until somebody has acknowledged it
const ITEMS_MAX = 200; // of a list; older ones go
const $ = (id) => document.getElementById(id);
const plain = { createHTML: (html) => html }; // the server escapes; this one policy lets its pieces in
const policy = window.trustedTypes ? trustedTypes.createPolicy("wireroom", plain) : plain;
const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
const hhmm = (time) => new Date(time).toTimeString().slice(0, 5);

const place = document.forms.ask.elements.place.value; // the desk or the car

const unacknowledged = new Set(); // delivery numbers drawn here, which the switch does not know yet
const unsaid = new Set(); // hits and messages seen by the person, which the server does not know yet
const unsent = new Map(); // questions by their key
let source, sound, over = false, linked = false, heard = 0, sounded = 0, acking = 0;

async function post(path, fields) {
  const answer = await fetch(path, {
    method: "POST", headers: { "x-csrf": document.body.dataset.csrf },
    body: new URLSearchParams(fields), signal: AbortSignal.timeout(15000),
  });
  if (answer.status === 401) end();
  return { status: answer.status, ...await answer.json() };
}

// ---- drawing

function localise(root) {
  for (const time of root.querySelectorAll("time[datetime]")) time.textContent = hhmm(time.dateTime);
}

function insert(html) {
  const box = document.createElement("template");
  box.innerHTML = policy.createHTML(html);
  localise(box.content);
  for (const fresh of [...box.content.children]) {
    const old = $(fresh.id), into = $(fresh.dataset.into);
    if (old?.id === "whys" && !("done" in fresh.dataset) && old.contains(document.activeElement)) continue; // somebody types there
    if (old) {
      if (parseInt(old.dataset.v) <= parseInt(fresh.dataset.v)) change(old, fresh);
    } else if (into) {
      if (into.id === "answers") fresh.hidden = true;
      into.prepend(fresh);
      while (into.children.length > ITEMS_MAX) into.lastElementChild.remove();
    }
  }
  count();
}

// Changes only the pieces that differ, so that what is being read, selected or opened stays as it is.
function change(old, fresh) {
  const pane = $("answer"), read = old.tagName === "ARTICLE" && !old.hidden && pane.scrollTop > 0 &&
    [...old.querySelectorAll(".part")].find((part) => part.getBoundingClientRect().bottom > pane.getBoundingClientRect().top + 60);
  const before = read && read.getBoundingClientRect().top;
  for (const open of old.querySelectorAll("details[open]")) fresh.querySelector(`#${open.id}`)?.setAttribute("open", "");
  if (old.tagName !== "ARTICLE") {
    if (old.querySelector("[aria-current]")) fresh.querySelector("a").setAttribute("aria-current", "true");
    const focused = old.contains(document.activeElement);
    old.replaceWith(fresh);
    if (focused) fresh.querySelector("a")?.focus({ preventScroll: true });
    return;
  }
  for (const name of ["data-v", "data-tone", "data-unread"]) {
    if (fresh.hasAttribute(name)) old.setAttribute(name, fresh.getAttribute(name)); else old.removeAttribute(name);
  }
  if (unsaid.has(old.id.slice(2))) old.removeAttribute("data-tone");
  const kept = new Set([...fresh.children].map((child) => child.id));
  for (const child of [...old.children]) if (!kept.has(child.id)) child.remove();
  let at = old.firstElementChild;
  for (const piece of [...fresh.children]) {
    const here = [...old.children].find((child) => child.id === piece.id), same = here?.isEqualNode(piece);
    if (here === at && at) at = at.nextElementSibling;
    else if (same) old.insertBefore(here, at);
    if (same) continue;
    const focused = here?.contains(document.activeElement) && pressable(here).indexOf(document.activeElement);
    old.insertBefore(piece, at);
    here?.remove();
    if (focused >= 0 && focused !== false) (pressable(piece)[focused] ?? pane).focus({ preventScroll: true }); // whoever uses keys stays where they were
  }
  if (read && read.isConnected) pane.scrollTop += read.getBoundingClientRect().top - before;
}

const pressable = (piece) => [...piece.querySelectorAll("a,button,summary")];

function count() {
  const hits = document.querySelectorAll("[data-tone]").length;
  const button = $("acknowledge");
  button.classList.toggle("loud", hits > 0);
  button.lastElementChild.textContent = hits ? `▲ Acknowledge ${hits}` : "Acknowledge";
  document.title = document.title.replace(/^(▲ \d+ )?/, hits ? `▲ ${hits} ` : "");
  $("mail-count").textContent = document.querySelectorAll("#mails .fresh").length;
}

// ---- the link

function hear() {
  heard = Date.now();
  if (!linked) {
    linked = true;
    $("link").className = "";
    $("link").textContent = "● Linked";
    for (const wish of unsent.values()) send(wish);
  }
  acknowledge();
  for (const number of unsaid) see(number);
}

function lose() {
  if (over || (!linked && $("link").className === "lost")) return;
  const was = linked;
  linked = false;
  $("link").className = "lost";
  $("link").textContent = heard ? `○ Not linked since ${hhmm(heard)}` : "○ Not linked yet";
  if (was) play([330]);
}

function end() {
  over = true;
  source?.close();
  linked = false;
  $("link").className = "lost";
  $("link").textContent = "○ Signed out";
  tell("over"); // hides the screen
}

function listen() {
  if (over) return;
  source?.close();
  const own = source = new EventSource(`/live?place=${place}`);
  own.addEventListener("beat", (event) => { hear(); if (event.data) insert(event.data); });
  own.addEventListener("card", (event) => {
    insert(event.data);
    unacknowledged.add(event.lastEventId);
    hear();
    tell("came");
    ring();
  });
  own.addEventListener("ended", end);
  own.onerror = () => {
    lose();
    if (own.readyState !== EventSource.CLOSED) return; // else the browser tries again by itself
    fetch("/live", { method: "HEAD", redirect: "manual" }).then((answer) => { if (answer.status === 401) end(); }, () => {});
    setTimeout(listen, 2000);
  };
}

function acknowledge() {
  if (acking || !unacknowledged.size) return;
  acking = setTimeout(async () => {
    const numbers = [...unacknowledged].slice(0, 500);
    try {
      if ((await post("/ack", { numbers: numbers.join() })).status === 200) numbers.forEach((n) => unacknowledged.delete(n));
    } catch { /* the next beat tries again */ }
    acking = 0;
  }, 50);
}

async function see(number) {
  unsaid.add(number);
  $(`a-${number}`)?.removeAttribute("data-tone");
  count();
  try {
    const answer = await post("/seen", { number, place });
    if (answer.status !== 200) return;
    unsaid.delete(number);
    if (answer.html) insert(answer.html);
  } catch { /* the next beat tries again */ }
}

setInterval(() => {
  if (Date.now() - heard > HEARD_MS) lose();
  if (Date.now() - heard > 2 * HEARD_MS && source?.readyState === EventSource.OPEN) listen(); // open but dead
  if (Date.now() - sounded >= TONE_MS) ring();
}, 1000);

// ---- sending

async function send(wish) {
  if (wish.going) return;
  wish.going = true;
  let answer = { status: 0, words: "Not linked" };
  try {
    const { going, kept, stay, ...fields } = wish;
    answer = await post("/send", fields);
  } catch { lose(); }
  wish.going = false;
  if (answer.status === 200) {
    unsent.delete(wish.key);
    $(`u-${wish.key}`)?.remove();
    insert(answer.html);
    tell("asked", { number: wish.kept || wish.stay ? "" : answer.number, text: wish.text, state: "sent" }); // a late one takes nobody's place
  } else if ([0, 401, 502, 503, 504].includes(answer.status)) {
    unsent.set(wish.key, wish);
    drawUnsent(wish, answer.words);
    wish.kept = true;
    tell("asked", { number: "", text: wish.text, state: "kept" });
  } else {
    unsent.delete(wish.key);
    $(`u-${wish.key}`)?.remove();
    tell("refused", answer);
  }
}

function drawUnsent(wish, words) {
  if ($(`u-${wish.key}`)) return;
  const item = Object.assign(document.createElement("li"), { id: `u-${wish.key}`, className: "unsent" });
  const row = Object.assign(document.createElement("div"), { className: "row" });
  for (const [title, act] of [["Send now", () => send(wish)], ["Drop", () => { unsent.delete(wish.key); item.remove(); }]]) {
    row.append(Object.assign(document.createElement("button"), { type: "button", textContent: title, onclick: act }));
  }
  item.append(`Not sent: ${wish.text}`, Object.assign(document.createElement("div"), { className: "soft", textContent: words }), row);
  $("list").prepend(item);
}

// ---- sound: a hit (two notes), officer safety (three), link lost (one); all else is silent

function play(notes) {
  if (sound?.state !== "running") return false;
  notes.forEach((pitch, place) => {
    const at = sound.currentTime + place * 0.3, tone = sound.createOscillator(), volume = sound.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.25, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.28);
    tone.connect(volume).connect(sound.destination);
    tone.start(at);
    tone.stop(at + 0.3);
  });
  return true;
}

const rung = new Set(); // which alarms have sounded once; a new one sounds at once
function ring() {
  const waiting = [...document.querySelectorAll("[data-tone]")];
  const fresh = waiting.filter((alarm) => !rung.has(alarm.id));
  if (!waiting.length || (!fresh.length && Date.now() - sounded < TONE_MS)) return;
  if (!play(waiting.some((alarm) => alarm.dataset.tone === "hit") ? [880, 1175] : [660, 660, 660])) return;
  sounded = Date.now();
  waiting.forEach((alarm) => rung.add(alarm.id));
}

// Browsers keep a page silent until it is touched; the page says so instead of pretending.
function wake() {
  sound ??= new AudioContext();
  sound.onstatechange = () => { $("sound").hidden = sound.state === "running"; ring(); };
  sound.resume();
  $("sound").hidden = sound.state === "running";
}
for (const touch of ["pointerdown", "keydown"]) addEventListener(touch, () => { if (sound?.state !== "running") wake(); });

window.wireroom = { post, send, see, insert, isLinked: () => linked };
localise(document);
count();
wake();
$("link").textContent = "○ Linking…";
listen();

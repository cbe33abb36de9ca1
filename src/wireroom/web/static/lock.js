// Hides the screen when nobody has used it for too long, or the session is over, and says how to go on.
// When that is, the server knows: another page of the same session may have been used meanwhile.
const place = document.body.classList.contains("car") ? "car" : "desk";

function hide() {
  if (document.body.dataset.over) return;
  document.body.dataset.over = "yes";
  for (const piece of document.querySelectorAll("main, form.ask, #say, nav, .menu, .who, dialog")) piece.hidden = true;
  document.title = "Locked · Wireroom";
  const told = Object.assign(document.createElement("main"), { className: "page", id: "over" });
  const panel = Object.assign(document.createElement("div"), { className: "panel" });
  panel.setAttribute("role", "alert");
  panel.append(
    Object.assign(document.createElement("h2"), { textContent: "The screen is hidden" }),
    Object.assign(document.createElement("p"), { textContent: "Nobody used it for a while, or the session is over, as when its person signs in elsewhere. " }),
    Object.assign(document.createElement("a"), { href: `/locked?place=${place}`, textContent: "Unlock it, or sign in again", className: "button" }),
  );
  told.append(panel);
  document.body.append(told);
}

async function look() {
  let wait = 5; // not linked: ask again soon
  try {
    const answer = await fetch("/still", { redirect: "manual", signal: AbortSignal.timeout(4000) });
    if (answer.status === 401) return hide();
    if (answer.status === 200) wait = (await answer.json()).seconds;
  } catch { /* without the server nobody can say that it was used elsewhere */ hide(); }
  setTimeout(look, Math.min(wait * 1000, 2 ** 31 - 1));
}

document.addEventListener("over", hide);
setTimeout(look, document.body.dataset.left * 1000);
addEventListener("pageshow", (event) => { if (event.persisted) look(); }); // back from the browser's memory

// Day, dusk, night, or as the device is set: one key, remembered in a cookie so that the server draws it right at once.
const LIGHTS = ["auto", "day", "dusk", "night"];
const root = document.documentElement;
const name = () => root.dataset.light === "auto" ? "Light: auto" : root.dataset.light[0].toUpperCase() + root.dataset.light.slice(1);
const label = () => document.querySelectorAll("[data-light-name]").forEach((place) => { place.textContent = name(); });

function turn() {
  root.dataset.light = LIGHTS[(LIGHTS.indexOf(root.dataset.light) + 1) % LIGHTS.length];
  document.cookie = `light=${root.dataset.light}; path=/; max-age=31536000; samesite=strict`;
  label();
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "F9") return;
  event.preventDefault();
  turn();
});
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-act=light]")) return;
  event.preventDefault();
  turn();
});
document.querySelector(".trouble")?.focus(); // what is wrong is read out before the form
label();

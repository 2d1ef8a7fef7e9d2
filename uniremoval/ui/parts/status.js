const box = element.querySelector(".status");
const track = element.querySelector(".track");
const render = (value) => {
  box.className = "status " + (value.kind || "idle");
  box.setAttribute("role", value.kind === "error" ? "alert" : "status");
  const words = element.querySelector(".words");
  if (words.textContent !== value.words) words.textContent = value.words || "";
  track.hidden = value.kind !== "busy";
  const percent = Math.round(100 * (value.share || 0));
  track.setAttribute("aria-valuenow", percent);
  track.firstElementChild.style.width = percent + "%";
  if (value.kind === "error") box.scrollIntoView({ block: "nearest", behavior: "smooth" });
};
watch("value", () => render(props.value));
document.addEventListener("uniremoval-status", (event) => {
  if (element.offsetParent) render(event.detail); // of the tab in view
});
render(props.value);

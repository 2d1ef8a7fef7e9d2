// Keys that work while the pointer or the focus is in the viewer, and the list of them.
const KEYS = [
  ["S", "side by side"], ["A", "before / after"], ["B", "blink"], ["D", "difference"], ["H", "hold: see before"],
  ["[ ]", "other photo on the right"], [", .", "less, more amplified"], ["F", "full screen"], ["M", "magnifier"], ["V", "score this view"],
  ["+ \u2212", "zoom"], ["0", "fit"], ["1", "full size"], ["arrows", "move"], ["P N", "previous, next photo of the batch"], ["?", "these keys"],
];

function listKeys(list) {
  for (const [keys, what] of KEYS) {
    const entry = make("div");
    const term = make("dt");
    term.append(...keys.split(" ").map((key) => make("kbd", "", key)));
    entry.append(term, make("dd", "", what));
    list.append(entry);
  }
}

// actions: what to do, by key, once or again and again. hold(true) while H is down.
function listenToKeys(actions, hold) {
  const typing = (node) => node.closest && node.closest("input:not([type=range]), textarea, select, [contenteditable=true]");
  const here = (event) => element.offsetParent !== null && !typing(event.target)
    && (element.contains(event.target) || element.matches(":hover") || element.contains(document.fullscreenElement));
  document.addEventListener("keydown", (event) => {
    if (!element.isConnected || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !here(event)) return;
    const key = event.key.toLowerCase();
    if (key === "h") hold(true);
    else if (actions[key]) actions[key]();
    else return;
    event.preventDefault();
  });
  document.addEventListener("keyup", (event) => {
    if (event.key.toLowerCase() === "h") hold(false);
  });
  window.addEventListener("blur", () => hold(false));
}

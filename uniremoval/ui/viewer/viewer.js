// The comparison: a pane for the input and for every output, and ways to look at any two of them.
const root = find(".viewer");
const grid = find(".panes");
const panes = new Map();
let picture = null;
let origin = [0, 1];

const view = makeView((zoom, left) => {
  const percent = zoom * 100;
  find(".zoom output").textContent = (percent < 10 ? percent.toFixed(1) : Math.round(percent)) + " %";
  find("[data-zoom=fit]").setAttribute("aria-pressed", view.fitted);
  find("[data-zoom=actual]").setAttribute("aria-pressed", Math.abs(zoom - 1) < 1e-6);
  origin = [left, view.scale];
  drawWipe(...origin, view.width, tiles);
  describePicture();
  loupe.draw();
  tiles.later();
  looking.changed();
});
const looking = makeLooking(view);
const tiles = makeTiles(view, () => loupe.draw());
for (const photo of [...Object.values(sides), ...Object.values(overs)]) tiles.over(photo);
const loupe = makeLoupe(view, tiles);
view.add(pairBox);
loupe.add(pairBox);

const itemOf = (key) => (panes.get(key) || {}).data;

function arrange() {
  const shape = Math.min(Math.max(view.width / view.height, 0.6), 4);
  const full = document.fullscreenElement === root;
  const captions = grid.offsetHeight && root.dataset.mode !== "side" ? grid.offsetHeight : 84;
  const room = window.innerHeight - (full ? 122 : 232);
  const cells = [...panes.values()].map((pane) => pane.data.scores);
  const scores = Math.max(...cells.map((pane) => pane.filter((cell) => !cell.cue).length), 0);
  const rows = scores > 2 ? 2 : 1;
  const cue = cells.some((pane) => pane.some((cell) => cell.cue)) ? 37 : 0;
  const viewed = [...panes.values()].some((pane) => pane.data.view) ? 22 + 41 * rows : 0;
  const caption = 37 + 47 * rows + cue + viewed;
  const [n, high] = grown(Math.max(panes.size, 1), shape, grid.clientWidth, room, caption);
  grid.style.setProperty("--columns", n);
  grid.style.setProperty("--high", Math.round(high) + "px");
  const most = full ? Math.max(window.innerHeight - captions - 116, 300) : window.innerHeight * 0.66;
  pair.style.setProperty("--high", Math.round(full ? most : Math.min(grid.clientWidth / shape, most)) + "px");
  view.draw();
}

function setMode(mode) {
  const button = find(`button[data-mode=${mode}]`);
  if (button.disabled) return;
  root.dataset.mode = mode;
  if (!choosers.a.dataset.chosen && choosers.a.options.length) {
    const errors = mode === "difference" && panes.has("reference");
    choosers.a.value = errors ? "reference" : choosers.a.options[0].value;
  }
  for (const other of element.querySelectorAll("button[data-mode]")) {
    other.setAttribute("aria-pressed", other === button);
  }
  showPair(itemOf, tiles);
  arrange();
}

function hold(on) {
  const holding = on && !find(".hold").disabled;
  if (root.classList.contains("holding") === holding) return;
  root.classList.toggle("holding", holding);
  drawWipe(...origin, view.width, tiles);
  loupe.draw();
  tiles.load();
}

// Where everything is one column, what is new lies out of sight.
function showOnPhone(selector) {
  if (window.innerWidth < 1000) document.querySelector(selector).scrollIntoView({ behavior: "smooth" });
}

// Once all is restored and scored, asks for the scores of what is seen, if they are others.
function scoreStrength() {
  const { panes: items = [], strength: scored } = props.value || {};
  const settled = items.every((item) => item.state === "done" || item.state === "failed" || item.state === "stopped")
    && !element.querySelector("figcaption > .scores .pending");
  if (!settled || scored === strength() || !items.some((item) => item.download)) return;
  document.dispatchEvent(new CustomEvent("uniremoval-strength", { detail: { picture, strength: strength() } }));
}

function render() {
  const value = props.value || {};
  const items = value.panes || [];
  const count = panes.size;
  root.classList.toggle("has-photo", items.length > 0);
  for (const [key, pane] of panes) {
    if (!items.some((item) => item.key === key)) {
      view.remove(pane.node.querySelector(".viewport"));
      tiles.forget(pane.node);
      loupe.remove(pane.node.querySelector(".viewport"));
      pane.node.remove();
      panes.delete(key);
    }
  }
  const input = items.find((item) => item.key === "input");
  for (const item of items) {
    if (!panes.has(item.key)) {
      panes.set(item.key, { node: newPane(item, view, tiles) });
      loupe.add(panes.get(item.key).node.querySelector(".viewport"));
    }
    const pane = panes.get(item.key);
    if (JSON.stringify(pane.data) !== JSON.stringify(item)) fillPane(pane.node, item, input, tiles);
    pane.data = item;
  }
  grid.append(...items.map((item) => panes.get(item.key).node));
  if (value.picture !== picture && items.length) {
    picture = value.picture;
    tiles.side = value.tile;
    wiped = 0.5;
    for (const chooser of Object.values(choosers)) delete chooser.dataset.chosen;
    view.setPhoto(value.size[1], value.size[0]);
    showOnPhone("#stage");
  } else if (items.length > count) {
    showOnPhone("#stage");
  }
  const ready = items.filter((item) => item.file);
  for (const button of element.querySelectorAll("button[data-mode]:not([data-mode=side]), .hold")) {
    button.disabled = ready.length < 2;
  }
  find(".zip").disabled = find(".score-view").disabled = !items.some((item) => item.download);
  if (ready.length < 2) setMode("side");
  showChoosers(ready);
  offerToShare(ready);
  showNeighbours(value.batch);
  showPair(itemOf, tiles);
  arrange();
  Object.assign(looking, { picture, waited: items.some((item) => item.state === "waiting" || item.state === "working") });
  looking.changed();
  scoreStrength();
}

for (const button of element.querySelectorAll("button[data-mode]")) {
  button.addEventListener("click", () => setMode(button.dataset.mode));
}
const zooms = { in: () => view.zoomBy(1.4), out: () => view.zoomBy(1 / 1.4), fit: view.fit, actual: () => view.actual() };
for (const button of element.querySelectorAll("[data-zoom]")) {
  button.addEventListener("click", () => zooms[button.dataset.zoom]());
}
listenToPair(() => {
  showPair(itemOf, tiles);
  drawWipe(...origin, view.width, tiles);
  loupe.draw();
  tiles.later();
}, tiles);

const scoreView = () => {
  if (!find(".score-view").disabled) trigger("select", { picture, strength: strength(), ...view.region() });
};
find(".score-view").addEventListener("click", scoreView);

find("[name=strength]").addEventListener("input", () => {
  root.style.setProperty("--strength", strength());
  find(".strength output").textContent = Math.round(strength() * 100) + " %";
  find(".weaker").hidden = strength() === 1;
  tiles.later();
  showDifference();
});
find("[name=strength]").addEventListener("change", scoreStrength);

const holder = find(".hold");
holder.addEventListener("pointerdown", (event) => {
  holder.setPointerCapture(event.pointerId);
  hold(true);
});
for (const type of ["pointerup", "pointercancel", "keyup", "blur"]) holder.addEventListener(type, () => hold(false));
holder.addEventListener("keydown", (event) => {
  if (event.key === " " || event.key === "Enter") hold(true);
});
holder.addEventListener("contextmenu", (event) => event.preventDefault());

listenToSharing();
const magnify = () => {
  if (panes.size) loupe.toggle();
};
find(".magnify").addEventListener("click", magnify);
root.addEventListener("input", loupe.draw);
root.addEventListener("load", loupe.draw, true);

const fullButton = find(".whole");
fullButton.hidden = !document.fullscreenEnabled;
const toggleFull = () => {
  if (document.fullscreenElement) document.exitFullscreen();
  else if (document.fullscreenEnabled && panes.size) root.requestFullscreen();
};
fullButton.addEventListener("click", toggleFull);
document.addEventListener("fullscreenchange", () => {
  fullButton.setAttribute("aria-pressed", document.fullscreenElement === root);
  arrange();
});

const more = find(".more");
more.addEventListener("click", () => more.setAttribute("aria-expanded", root.classList.toggle("opened")));

const toggleHelp = () => {
  const list = find(".keys");
  list.hidden = !list.hidden;
  find(".help").setAttribute("aria-expanded", !list.hidden);
};
listKeys(find(".keys"));
find(".help").addEventListener("click", toggleHelp);
const amplify = (step) => {
  factor.value = Number(factor.value) + step;
  showDifference();
  loupe.draw();
};
listenToKeys({
  s: () => setMode("side"), a: () => setMode("wipe"), b: () => setMode("blink"), d: () => setMode("difference"),
  "[": () => stepRight(-1), "]": () => stepRight(1), ",": () => amplify(-1), ".": () => amplify(1),
  f: toggleFull, m: magnify, v: scoreView, "?": toggleHelp,
  "+": zooms.in, "=": zooms.in, "-": zooms.out, 0: zooms.fit, 1: zooms.actual,
  p: () => stepTo("before"), n: () => stepTo("after"),
}, hold);

new ResizeObserver(arrange).observe(root);
watch("value", render);
render();

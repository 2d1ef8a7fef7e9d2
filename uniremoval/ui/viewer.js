// The comparison: a pane for the input and for every output, and a wipe between any two of them.
const find = (selector) => element.querySelector(selector);
const make = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};
const root = find(".viewer");
const grid = find(".panes");
const wipe = find(".wipe");
const choosers = { a: find("select[name=left]"), b: find("select[name=right]") };
const panes = new Map();
let picture = null;
let wiped = 0.5;
let origin = [0, 0];

const view = makeView((zoom, left) => {
  const percent = zoom * 100;
  find(".zoom output").textContent = (percent < 10 ? percent.toFixed(1) : Math.round(percent)) + " %";
  find("[data-zoom=fit]").setAttribute("aria-pressed", view.fitted);
  find("[data-zoom=actual]").setAttribute("aria-pressed", Math.abs(zoom - 1) < 1e-6);
  origin = [left, view.scale];
  drawWipe();
});
view.add(find(".wipe .viewport"));

function drawWipe() {
  const box = find(".wipe .viewport");
  const line = wiped * box.clientWidth;
  const edge = Math.min(Math.max((line - origin[0]) / origin[1], 0), view.width);
  find(".wipe .left").style.clipPath = `inset(0 ${view.width - edge}px 0 0)`;
  find(".wipe .right").style.clipPath = `inset(0 0 0 ${edge}px)`;
  const handle = find(".handle");
  handle.style.left = wiped * 100 + "%";
  handle.setAttribute("aria-valuenow", Math.round(wiped * 100));
}

function newPane(item) {
  const pane = make("figure", "pane");
  pane.dataset.key = item.key;
  const viewport = make("div", "viewport");
  viewport.tabIndex = 0;
  viewport.setAttribute("role", "group");
  const photo = make("img");
  photo.draggable = false;
  photo.hidden = true;
  photo.addEventListener("load", () => {
    photo.hidden = false;
    view.draw();
  });
  viewport.append(photo, make("div", "waiting"));
  const caption = make("figcaption");
  caption.append(make("div", "head"), make("p", "remark"), make("dl", "scores"));
  pane.append(viewport, caption);
  view.add(viewport);
  return pane;
}

function fillPane(pane, item) {
  const viewport = pane.querySelector(".viewport");
  viewport.setAttribute("aria-label", item.title + ". Zoom with plus and minus, fit with 0, full size with 1, move with the arrow keys.");
  const photo = pane.querySelector("img");
  const url = item.file ? item.file.url : "";
  if (url && photo.getAttribute("src") !== url) {
    photo.alt = item.title;
    photo.src = url;
  }
  if (!url) {
    photo.hidden = true;
    photo.removeAttribute("src");
  }
  viewport.classList.toggle("busy", item.state === "working");
  pane.querySelector(".waiting").textContent = url ? "" : item.message || "";
  const head = pane.querySelector(".head");
  head.replaceChildren(make("strong", "", item.title));
  if (item.time) head.append(make("span", "time", item.time));
  if (url && item.download) {
    const link = make("a", "download", "PNG");
    Object.assign(link, { href: url, download: item.download });
    link.setAttribute("aria-label", `Download ${item.title} at full resolution as PNG`);
    head.append(link);
  }
  const remark = pane.querySelector(".remark");
  remark.textContent = item.remark || "";
  remark.hidden = !item.remark;
  pane.querySelector(".scores").replaceChildren(...item.scores.map(scoreCell));
}

function scoreCell(score) {
  const cell = make("div", "score " + (score.best ? "best" : ""));
  const label = make("dt", "", score.label);
  if (score.best) label.append(make("span", "mark", "best"));
  cell.append(label);
  const value = make("dd", score.state);
  if (score.state === "known") {
    value.append(make("span", "number", score.value));
    if (score.change) value.append(make("span", "change " + score.tone, score.change));
  } else if (score.state === "none") {
    value.append(make("span", "reason", score.reason));
  } else {
    value.append(make("span", "number", "\u2013"));
  }
  cell.append(value);
  return cell;
}

// The number of columns that shows `count` photos of this shape largest without scrolling, and the height of each.
function grown(count, shape) {
  const [gap, caption, least] = [12, 84, 300];
  const width = grid.clientWidth;
  if (width < 560) return [1, width / shape];
  const room = window.innerHeight - 190;
  let best = { worth: 0 };
  for (let n = 1; n <= count; n += 1) {
    const across = (width - gap * (n - 1)) / n;
    if (n > 1 && across < 215) break;
    const rows = Math.ceil(count / n);
    const each = (room + gap) / rows - gap - caption;
    const worth = Math.max(Math.min(across / shape, each), 1) * (count % n ? 0.75 : 1);
    if (worth > best.worth * 1.02) best = { n, worth, high: Math.min(across / shape, Math.max(each, least)) };
  }
  return [best.n, best.high];
}

function arrange() {
  const shape = Math.min(Math.max(view.width / view.height, 0.6), 4);
  const [n, high] = grown(Math.max(panes.size, 1), shape);
  grid.style.setProperty("--columns", n);
  grid.style.setProperty("--high", Math.round(high) + "px");
  wipe.style.setProperty("--high", Math.round(Math.min(grid.clientWidth / shape, window.innerHeight * 0.66)) + "px");
  view.draw();
}

function showChoosers(items) {
  const ready = items.filter((item) => item.file);
  for (const [side, chooser] of Object.entries(choosers)) {
    const keys = ready.map((item) => item.key);
    if ([...chooser.options].map((o) => o.value).join() === keys.join()) continue;
    const kept = chooser.dataset.chosen && keys.includes(chooser.value) ? chooser.value : null;
    chooser.replaceChildren(...ready.map((item) => new Option(item.title, item.key)));
    chooser.value = kept || (side === "a" ? keys[0] : keys[keys.length - 1]);
  }
  find("[data-mode=wipe]").disabled = ready.length < 2;
  if (ready.length < 2) setMode("side");
}

function showWipe() {
  for (const [side, name] of [["a", "left"], ["b", "right"]]) {
    const item = panes.get(choosers[side].value);
    const photo = find(".wipe ." + name);
    if (!item || !item.data.file) continue;
    if (photo.getAttribute("src") !== item.data.file.url) photo.src = item.data.file.url;
    photo.alt = item.data.title;
    find(`.wipe .name.${name}-name`).textContent = item.data.title;
  }
}

function setMode(mode) {
  root.dataset.mode = mode;
  for (const button of element.querySelectorAll("[data-mode]")) {
    if (button !== root) button.setAttribute("aria-pressed", button.dataset.mode === mode);
  }
  arrange();
}

// Where everything is one column, what is new lies out of sight.
function showOnPhone(selector) {
  if (window.innerWidth < 1000) document.querySelector(selector).scrollIntoView({ behavior: "smooth" });
}

function render() {
  const value = props.value || {};
  const items = value.panes || [];
  const count = panes.size;
  root.classList.toggle("has-photo", items.length > 0);
  for (const [key, pane] of panes) {
    if (!items.some((item) => item.key === key)) {
      view.remove(pane.node.querySelector(".viewport"));
      pane.node.remove();
      panes.delete(key);
    }
  }
  for (const item of items) {
    if (!panes.has(item.key)) {
      const node = newPane(item);
      grid.append(node);
      panes.set(item.key, { node });
    }
    const pane = panes.get(item.key);
    if (JSON.stringify(pane.data) !== JSON.stringify(item)) fillPane(pane.node, item);
    pane.data = item;
  }
  grid.append(...items.map((item) => panes.get(item.key).node));
  if (value.picture !== picture && items.length) {
    picture = value.picture;
    wiped = 0.5;
    for (const chooser of Object.values(choosers)) delete chooser.dataset.chosen;
    view.setPhoto(value.size[1], value.size[0]);
    showOnPhone("#run");
  } else if (items.length > count) {
    showOnPhone("#stage");
  }
  showChoosers(items);
  showWipe();
  arrange();
}

for (const button of element.querySelectorAll("button[data-mode]")) {
  button.addEventListener("click", () => setMode(button.dataset.mode));
}
const zooms = { in: () => view.zoomBy(1.4), out: () => view.zoomBy(1 / 1.4), fit: view.fit, actual: () => view.actual() };
for (const button of element.querySelectorAll("[data-zoom]")) {
  button.addEventListener("click", () => zooms[button.dataset.zoom]());
}
for (const chooser of Object.values(choosers)) {
  chooser.addEventListener("change", () => {
    chooser.dataset.chosen = "yes";
    showWipe();
  });
}
const handle = find(".handle");
const wipeTo = (share) => {
  wiped = Math.min(Math.max(share, 0), 1);
  drawWipe();
};
handle.addEventListener("pointerdown", (event) => {
  event.stopPropagation();
  handle.setPointerCapture(event.pointerId);
});
handle.addEventListener("pointermove", (event) => {
  if (!handle.hasPointerCapture(event.pointerId)) return;
  const box = find(".wipe .viewport").getBoundingClientRect();
  wipeTo((event.clientX - box.left) / box.width);
});
handle.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -0.02, ArrowRight: 0.02, Home: -1, End: 1 }[event.key];
  if (!step) return;
  event.preventDefault();
  event.stopPropagation();
  wipeTo(wiped + step);
});
new ResizeObserver(arrange).observe(root);
watch("value", render);
render();

// Two panes on one spot: a wipe between them, one or the other at a time, or their amplified difference.
const pair = find(".pair");
const pairBox = pair.querySelector(".viewport");
const sides = { a: pair.querySelector(".left"), b: pair.querySelector(".right") };
const overs = { a: pair.querySelector(".left-before"), b: pair.querySelector(".right-before") };
const choosers = { a: find("select[name=left]"), b: find("select[name=right]") };
const factor = find("[name=factor]");
let wiped = 0.5;
let drawn = "";

function drawWipe(left, scale, width, tiles) {
  const wiping = root.dataset.mode === "wipe";
  const line = (root.classList.contains("holding") ? 1 : wiped) * pairBox.clientWidth;
  const edge = Math.min(Math.max((line - left) / scale, 0), width);
  const clips = { a: `inset(0 ${width - edge}px 0 0)`, b: `inset(0 0 0 ${edge}px)` };
  for (const [side, clip] of Object.entries(clips)) {
    for (const photo of [sides[side], overs[side]]) {
      photo.style.clipPath = tiles.of(photo).style.clipPath = wiping ? clip : "";
    }
  }
  const handle = find(".handle");
  handle.style.left = wiped * 100 + "%";
  handle.setAttribute("aria-valuenow", Math.round(wiped * 100));
}

// The input and the first output, unless somebody has chosen others.
function showChoosers(items) {
  const keys = items.map((item) => item.key);
  const output = keys.find((key) => key !== "input" && key !== "reference");
  for (const [side, chooser] of Object.entries(choosers)) {
    if ([...chooser.options].map((option) => option.value).join() === keys.join()) continue;
    const kept = chooser.dataset.chosen && keys.includes(chooser.value) ? chooser.value : null;
    chooser.replaceChildren(...items.map((item) => new Option(item.title, item.key)));
    chooser.value = kept || (side === "a" ? keys[0] : output || keys.at(-1));
  }
}

// itemOf: from a pane's key to what it shows.
function showPair(itemOf, tiles) {
  for (const [side, name] of [["a", "left"], ["b", "right"]]) {
    const item = itemOf(choosers[side].value);
    if (!item || !item.file) continue;
    if (sides[side].getAttribute("src") !== shownUrl(item)) sides[side].src = shownUrl(item);
    sides[side].alt = item.title;
    tiles.show(sides[side], item);
    const before = item.download ? itemOf("input") : undefined;
    showPhoto(overs[side], shownUrl(before), "");
    overs[side].hidden = !before;
    tiles.show(overs[side], before);
    pair.querySelector(`.${name}-name`).replaceChildren(...shortLabel(item));
  }
  showDifference();
}

function showDifference() {
  if (root.dataset.mode !== "difference") return;
  const canvas = pair.querySelector("canvas");
  const times = 2 ** Number(factor.value);
  canvas.style.filter = `brightness(${times})`;
  find(".factor output").textContent = times + "x";
  canvas.setAttribute("aria-label", `Difference between ${sides.a.alt} and ${sides.b.alt}, ${times} times amplified`);
  const shown = (side) => [[sides[side], 1], ...(overs[side].hidden ? [] : [[overs[side], 1 - strength()]])];
  const layers = [...shown("a"), ...shown("b")];
  const wanted = layers.map(([photo, opacity]) => photo.src + opacity).join(" ");
  const ready = layers.every(([photo]) => photo.complete && photo.naturalWidth);
  const alike = sides.a.naturalWidth === sides.b.naturalWidth && sides.a.naturalHeight === sides.b.naturalHeight;
  if (!ready || wanted === drawn) return;
  drawn = wanted;
  canvas.hidden = !alike;
  const scale = alike ? (drawDifference(canvas, shown("a"), shown("b")) * sides.a.naturalWidth) / view.width : 1;
  const note = pair.querySelector(".note");
  note.hidden = alike && scale === 1;
  note.textContent = alike
    ? `The photo is too large for a full difference: it is shown at ${Math.round(scale * 100)} % of its size.`
    : "These two differ in size, so there is no difference to show.";
}

// The next, or with -1 the previous, pane on the right.
function stepRight(step) {
  const chooser = choosers.b;
  const count = chooser.options.length;
  if (!count) return;
  chooser.selectedIndex = (chooser.selectedIndex + step + count) % count;
  chooser.dispatchEvent(new Event("change"));
}

function listenToPair(changed, tiles) {
  for (const chooser of Object.values(choosers)) {
    chooser.addEventListener("change", () => {
      chooser.dataset.chosen = "yes";
      changed();
    });
  }
  for (const photo of [...Object.values(sides), ...Object.values(overs)]) {
    photo.addEventListener("load", showDifference);
    photo.addEventListener("load", tiles.later);
  }
  factor.addEventListener("input", showDifference);
  const handle = find(".handle");
  const wipeTo = (share) => {
    wiped = Math.min(Math.max(share, 0), 1);
    changed();
  };
  handle.addEventListener("pointerdown", (event) => {
    event.stopPropagation();
    handle.setPointerCapture(event.pointerId);
  });
  handle.addEventListener("pointermove", (event) => {
    if (!handle.hasPointerCapture(event.pointerId)) return;
    const box = pairBox.getBoundingClientRect();
    wipeTo((event.clientX - box.left) / box.width);
  });
  handle.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -0.02, ArrowRight: 0.02, Home: -1, End: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    wipeTo(wiped + step);
  });
}

// The magnifier: the same place of the photo in every pane, four device pixels to a photo pixel.
function makeLoupe(view, tiles) {
  const [TIMES, LARGEST, FINGER] = [4, 160, 34]; // the latter two in CSS pixels
  const loupe = { on: false };
  const glasses = new Map(); // by viewport; nothing where there is none
  const at = { x: 0, y: 0, finger: false }; // in photo pixels
  let waiting = false;

  const inside = (value, size) => Math.min(Math.max(Math.floor(value), 0), size - 1);
  const number = (text) => Number.parseFloat(text);

  // What a viewport shows, from the bottom up: images and canvases, and how much of each.
  const layersOf = (viewport) => [...viewport.querySelectorAll(":scope > img, :scope > canvas")].flatMap((picture) => {
    const style = getComputedStyle(picture);
    const width = picture.naturalWidth === undefined ? picture.width : picture.naturalWidth;
    if (!width || style.display === "none" || style.visibility === "hidden" || style.opacity === "0") return [];
    const [top, right = top, , left = right] = (picture.style.clipPath.match(/[\d.]+/g) || ["0"]).map(number);
    const layer = { opacity: number(style.opacity), from: left, to: view.width - right };
    const over = tiles.of(picture) ? [...tiles.of(picture).children].filter((tile) => !tile.hidden) : [];
    return [
      { ...layer, picture, corner: [0, 0], finer: width / view.width },
      ...over.map((tile) => ({ ...layer, picture: tile, corner: [tile.dataset.left, tile.dataset.top].map(number), finer: 1 })),
    ];
  });

  function paint() {
    waiting = false;
    for (const [viewport, glass] of glasses) {
      const layers = loupe.on && viewport.offsetWidth ? layersOf(viewport) : [];
      if (layers.length) show(viewport, glass || newGlass(viewport), layers);
      else if (glass) remove(viewport, glass);
    }
  }

  function newGlass(viewport) {
    const glass = make("div", "loupe");
    const canvas = make("canvas");
    canvas.setAttribute("role", "img");
    glass.append(canvas);
    viewport.append(glass);
    glasses.set(viewport, glass);
    return glass;
  }

  function remove(viewport, glass) {
    glass.remove();
    glasses.set(viewport, null);
  }

  function show(viewport, glass, layers) {
    const density = window.devicePixelRatio || 1;
    const [x, y] = [inside(at.x, view.width), inside(at.y, view.height)];
    const side = Math.round(Math.min(LARGEST, viewport.clientWidth * 0.6, viewport.clientHeight * 0.75));
    const canvas = glass.firstElementChild;
    canvas.width = canvas.height = Math.round(side * density);
    canvas.style.width = canvas.style.height = side + "px";
    const across = canvas.width / TIMES;
    const [left, top] = [x + 0.5 - across / 2, y + 0.5 - across / 2];
    const pen = canvas.getContext("2d");
    for (const { picture, corner, finer, opacity, from, to } of layers) {
      const [x0, y0] = [(left - corner[0]) * finer, (top - corner[1]) * finer];
      pen.save();
      pen.beginPath();
      pen.rect((from - left) * TIMES, 0, (to - from) * TIMES, canvas.height);
      pen.clip();
      pen.imageSmoothingEnabled = false;
      pen.globalAlpha = opacity;
      pen.drawImage(picture, x0, y0, across * finer, across * finer, 0, 0, canvas.width, canvas.height);
      pen.restore();
    }
    const uppermost = layers[layers.length - 1].picture;
    canvas.style.filter = uppermost.style.filter;
    const names = layers.map(({ picture }) => picture.alt || picture.getAttribute("aria-label")).filter(Boolean);
    canvas.setAttribute("aria-label", `${names.join(" and ")}, magnified ${TIMES} times at ${x}, ${y}`);
    const place = (point, centre, room, lift) => {
      const middle = room / 2 + (point + 0.5 - centre) * view.scale - lift;
      return Math.min(Math.max(middle - side / 2, 0), room - side) + "px";
    };
    glass.style.left = place(x, view.x, viewport.clientWidth, 0);
    glass.style.top = place(y, view.y, viewport.clientHeight, at.finger ? side / 2 + FINGER : 0);
  }

  loupe.draw = () => {
    if (!waiting) requestAnimationFrame(paint);
    waiting = true;
  };

  // What the glass needs at full resolution.
  tiles.also = () => {
    if (!loupe.on) return null;
    const reach = (LARGEST * (window.devicePixelRatio || 1)) / TIMES / 2;
    const [left, top] = [Math.max(at.x - reach, 0), Math.max(at.y - reach, 0)];
    const [right, bottom] = [Math.min(at.x + reach, view.width), Math.min(at.y + reach, view.height)];
    return { x: left, y: top, width: right - left, height: bottom - top };
  };

  loupe.toggle = () => {
    loupe.on = view.still = !loupe.on;
    const { x, y, width, height } = view.region();
    const seen = at.x >= x && at.x < x + width && at.y >= y && at.y < y + height;
    if (!seen || (!at.x && !at.y)) Object.assign(at, { x: x + width / 2, y: y + height / 2, finger: false });
    root.classList.toggle("magnifying", loupe.on);
    find(".magnify").setAttribute("aria-pressed", loupe.on);
    loupe.draw();
    tiles.load();
  };

  loupe.add = (viewport) => {
    glasses.set(viewport, null);
    const point = (event) => {
      const box = viewport.getBoundingClientRect();
      at.x = view.x + (event.clientX - box.left - box.width / 2) / view.scale;
      at.y = view.y + (event.clientY - box.top - box.height / 2) / view.scale;
      at.finger = event.pointerType === "touch";
      loupe.draw();
      if (loupe.on) tiles.load();
    };
    for (const type of ["pointerdown", "pointermove"]) viewport.addEventListener(type, point);
    viewport.addEventListener("keydown", (event) => {
      const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!loupe.on || !move || event.target !== viewport || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopImmediatePropagation(); // the arrows do not move the photo too
      const step = event.shiftKey ? 1 : Math.max(Math.round(8 / view.scale), 1);
      const [x, y] = [inside(at.x + move[0] * step, view.width), inside(at.y + move[1] * step, view.height)];
      Object.assign(at, { x, y, finger: false });
      tiles.load();
      const part = view.region();
      if (x < part.x || x >= part.x + part.width || y < part.y || y >= part.y + part.height) {
        view.panBy(-move[0] * step * view.scale, -move[1] * step * view.scale);
      }
      loupe.draw();
    }, true);
  };
  loupe.remove = (viewport) => glasses.delete(viewport);
  return loupe;
}

// One view of the photo, a centre and a scale in photo pixels, shown alike in every viewport.
function makeView(changed) {
  const LARGEST = 16; // device pixels per photo pixel
  const view = { width: 1, height: 1, x: 0.5, y: 0.5, scale: 1, fitted: true, still: false };
  const viewports = new Set();

  const density = () => window.devicePixelRatio || 1;
  const shown = () => [...viewports].find((v) => v.offsetWidth > 0);
  const fitScale = () => {
    const box = shown();
    return box ? Math.min(box.clientWidth / view.width, box.clientHeight / view.height) : 1;
  };
  const clampCentre = (value, size, room) => {
    const half = room / view.scale / 2;
    return half * 2 >= size ? size / 2 : Math.min(Math.max(value, half), size - half);
  };

  view.draw = () => {
    const box = shown();
    if (!box) return;
    const fit = fitScale();
    view.scale = view.fitted ? fit : Math.min(Math.max(view.scale, fit), Math.max(LARGEST / density(), fit));
    view.fitted = view.scale <= fit * 1.0001;
    view.x = clampCentre(view.x, view.width, box.clientWidth);
    view.y = clampCentre(view.y, view.height, box.clientHeight);
    const left = box.clientWidth / 2 - view.x * view.scale;
    const top = box.clientHeight / 2 - view.y * view.scale;
    for (const viewport of viewports) {
      viewport.classList.toggle("zoomed", !view.fitted);
      viewport.classList.toggle("pixels", view.scale * density() >= 2);
      for (const photo of viewport.querySelectorAll(":scope > img, :scope > canvas, :scope > .tiles")) {
        photo.style.width = view.width + "px";
        photo.style.height = view.height + "px";
        photo.style.transform = `translate(${left}px, ${top}px) scale(${view.scale})`;
      }
    }
    changed(view.scale * density(), left, top);
  };

  // The part of the photo in view, in whole photo pixels.
  view.region = () => {
    const box = shown() || { clientWidth: Infinity, clientHeight: Infinity };
    const cut = (centre, room, size) => {
      const half = room / view.scale / 2;
      const from = Math.min(Math.max(Math.round(centre - half), 0), size - 1);
      return [from, Math.max(Math.min(Math.round(centre + half), size) - from, 1)];
    };
    const [x, width] = cut(view.x, box.clientWidth, view.width);
    const [y, height] = cut(view.y, box.clientHeight, view.height);
    return { x, y, width, height };
  };

  view.setPhoto = (width, height) => {
    Object.assign(view, { width, height, x: width / 2, y: height / 2, fitted: true });
    view.draw();
  };
  view.fit = () => {
    view.fitted = true;
    view.draw();
  };
  // The photo point under (px, py), measured from the viewport's centre, stays where it is.
  view.zoomTo = (scale, px = 0, py = 0) => {
    const fit = fitScale();
    const next = Math.min(Math.max(scale, fit), Math.max(LARGEST / density(), fit));
    view.x += px / view.scale - px / next;
    view.y += py / view.scale - py / next;
    view.scale = next;
    view.fitted = next <= fit * 1.0001;
    view.draw();
  };
  view.zoomBy = (factor, px, py) => view.zoomTo(view.scale * factor, px, py);
  view.actual = (px, py) => view.zoomTo(1 / density(), px, py);
  view.panBy = (dx, dy) => {
    view.x -= dx / view.scale;
    view.y -= dy / view.scale;
    view.draw();
  };
  view.add = (viewport) => {
    viewports.add(viewport);
    listen(viewport, view);
  };
  view.remove = (viewport) => viewports.delete(viewport);
  return view;
}

let scrolled = -Infinity; // when; a page that is being scrolled goes on when a photo comes under the pointer
window.addEventListener("scroll", () => (scrolled = performance.now()), { passive: true });

// Wheel, drag, pinch, double click and keys of one viewport.
function listen(viewport, view) {
  const fingers = new Map();
  const fromCentre = (event) => {
    const box = viewport.getBoundingClientRect();
    return [event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2];
  };
  viewport.addEventListener("wheel", (event) => {
    const out = event.deltaY > 0;
    if (!event.ctrlKey && ((out && view.fitted) || performance.now() - scrolled < 250)) return;
    event.preventDefault();
    const step = event.deltaMode === 1 ? 16 : 1;
    view.zoomBy(Math.exp(-event.deltaY * step * (event.ctrlKey ? 0.01 : 0.0018)), ...fromCentre(event));
  }, { passive: false });

  viewport.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    fingers.set(event.pointerId, event);
    viewport.setPointerCapture(event.pointerId);
  });
  viewport.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const other = [...fingers.values()].find((f) => f.pointerId !== event.pointerId);
    fingers.set(event.pointerId, event);
    if (view.still && !other && event.pointerType === "touch") return; // the finger moves something else
    const share = other ? 0.5 : 1;
    if (other) {
      const apart = (f) => Math.hypot(f.clientX - other.clientX, f.clientY - other.clientY);
      const [ax, ay] = fromCentre(event);
      const [bx, by] = fromCentre(other);
      view.zoomBy(apart(event) / Math.max(apart(before), 1), (ax + bx) / 2, (ay + by) / 2);
    }
    view.panBy((event.clientX - before.clientX) * share, (event.clientY - before.clientY) * share);
  });
  for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) {
    viewport.addEventListener(type, (event) => fingers.delete(event.pointerId));
  }
  viewport.addEventListener("dblclick", (event) => {
    if (view.fitted) view.actual(...fromCentre(event));
    else view.fit();
  });
  viewport.addEventListener("keydown", (event) => {
    const step = 60;
    const actions = {
      "+": () => view.zoomBy(1.25), "=": () => view.zoomBy(1.25), "-": () => view.zoomBy(0.8),
      0: view.fit, 1: () => view.actual(),
      ArrowLeft: () => view.panBy(step, 0), ArrowRight: () => view.panBy(-step, 0),
      ArrowUp: () => view.panBy(0, step), ArrowDown: () => view.panBy(0, -step),
    };
    const arrow = event.key.startsWith("Arrow");
    if (!actions[event.key] || event.ctrlKey || event.metaKey || (arrow && view.fitted)) return;
    event.preventDefault();
    actions[event.key]();
  });
}

// Over the smaller picture of a large photo, tiles at full resolution where it is looked at closely, or a part ahead of the rest.
function makeTiles(view, loaded) {
  const SETTLED = 120; // milliseconds without a move, until tiles are asked for
  const layers = new Map(); // by image
  const tiles = { side: 1024, also: () => null };
  let timer = 0;

  // The layer over an image; it shows and hides as the image does, having its class.
  tiles.over = (photo) => {
    const layer = make("div", photo.className + " tiles");
    layers.set(photo, layer);
    photo.after(layer);
  };
  tiles.of = (photo) => layers.get(photo);
  tiles.forget = (viewport) => {
    for (const photo of layers.keys()) if (viewport.contains(photo)) layers.delete(photo);
  };

  // item: what the image shows; undefined: nothing, or nothing large.
  tiles.show = (photo, item) => {
    const layer = layers.get(photo);
    const base = item && item.file && item.small ? item.file.url.replace(/\.png$/, ".tiles/") : "";
    const part = item && !item.file ? item.part : undefined;
    const shown = part ? part.file.url : base;
    if (layer.dataset.shown === shown) return;
    Object.assign(layer.dataset, { base, shown });
    layer.replaceChildren(...(part ? [placed(part.file.url, part)] : []));
    tiles.later();
  };

  // A tile's corner, in tiles, for every tile that a part of the photo touches.
  const touched = ({ x, y, width, height }) => {
    const found = [];
    for (let row = Math.floor(y / tiles.side); row * tiles.side < y + height; row++) {
      for (let column = Math.floor(x / tiles.side); column * tiles.side < x + width; column++) found.push([row, column]);
    }
    return found;
  };

  const seen = (photo) => {
    const style = getComputedStyle(photo);
    return photo.offsetWidth && photo.naturalWidth && style.visibility !== "hidden" && style.opacity !== "0";
  };

  function wanted(photo) {
    if (!seen(photo)) return [];
    const soft = view.scale * (window.devicePixelRatio || 1) * (view.width / photo.naturalWidth) > 1;
    return [...(soft ? touched(view.region()) : []), ...(tiles.also() ? touched(tiles.also()) : [])];
  }

  tiles.load = () => {
    for (const [photo, layer] of layers) {
      if (!layer.dataset.base) continue;
      const there = new Map([...layer.children].map((tile) => [tile.dataset.at, tile]));
      for (const [row, column] of wanted(photo)) {
        const at = `${row}-${column}`;
        if (!there.delete(at)) layer.append(tileAt(layer.dataset.base, row, column));
      }
      for (const tile of there.values()) tile.remove();
    }
  };

  function tileAt(base, row, column) {
    const [x, y] = [column * tiles.side, row * tiles.side];
    const [width, height] = [Math.min(tiles.side, view.width - x), Math.min(tiles.side, view.height - y)];
    const tile = placed(`${base}${row}-${column}.png`, { x, y, width, height });
    tile.dataset.at = `${row}-${column}`;
    return tile;
  }

  // A picture of a part of the photo, where that part is.
  function placed(src, { x, y, width, height }) {
    const tile = make("img");
    Object.assign(tile, { draggable: false, alt: "", hidden: true, src });
    Object.assign(tile.dataset, { left: x, top: y });
    Object.assign(tile.style, { left: x + "px", top: y + "px", width: width + "px", height: height + "px" });
    tile.addEventListener("load", () => {
      tile.hidden = false;
      loaded();
    });
    return tile;
  }

  tiles.later = () => {
    clearTimeout(timer);
    timer = setTimeout(tiles.load, SETTLED);
  };
  return tiles;
}

// The address of what stands for a photo on the page.
const shownUrl = (item) => (item && item.file ? (item.small || item.file).url : "");

// The number of columns that shows `count` photos of this shape largest without scrolling, and the height of each.
// width, high: the room there is, in pixels. caption: what goes beneath each photo.
function grown(count, shape, width, room, caption) {
  const [gap, least] = [12, 300];
  if (width < 560) return [1, width / shape];
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

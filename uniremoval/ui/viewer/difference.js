// The absolute difference of two photos, at full resolution, channel by channel.
const LARGEST_CANVAS = 16e6; // pixels; phones draw nothing on a larger one

// Draw |a - b| on `canvas`; transparent parts count as black. Returns the scale it was drawn at.
// a, b: loaded images of one size, each a list of [image, opacity] from the bottom up.
function drawDifference(canvas, a, b) {
  const [width, height] = [a[0][0].naturalWidth, a[0][0].naturalHeight];
  const scale = Math.min(1, Math.sqrt(LARGEST_CANVAS / (width * height)));
  const opaque = (target, layers) => {
    target.width = Math.max(1, Math.round(width * scale));
    target.height = Math.max(1, Math.round(height * scale));
    const pen = target.getContext("2d");
    pen.fillRect(0, 0, target.width, target.height);
    for (const [photo, opacity] of layers) {
      pen.globalAlpha = opacity;
      pen.drawImage(photo, 0, 0, target.width, target.height);
    }
    pen.globalAlpha = 1;
    return pen;
  };
  const other = document.createElement("canvas");
  opaque(other, b);
  const pen = opaque(canvas, a);
  pen.globalCompositeOperation = "difference";
  pen.drawImage(other, 0, 0);
  return scale;
}

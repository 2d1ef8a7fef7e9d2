// What one pane shows: the photo, who made it and how fast, downloads and scores.
// Downloads other than the PNG at full strength are made when somebody asks.
const formats = find("select[name=format]");
const strength = () => Number(find("[name=strength]").value) / 100; // 1: the output; 0: the input
const askFor = (detail) => document.dispatchEvent(new CustomEvent("uniremoval-download", { detail }));
function labelDownload(link) {
  const format = formats.selectedOptions[0].text;
  link.textContent = format;
  link.setAttribute("aria-label", `Download ${link.dataset.title} at full resolution as ${format}`);
}
formats.addEventListener("change", () => {
  for (const link of element.querySelectorAll(".download")) labelDownload(link);
});
find(".zip").addEventListener("click", () => askFor({ format: "zip", strength: strength() }));

function photoNode(className, view, tiles) {
  const photo = make("img", className);
  photo.draggable = false;
  photo.hidden = true;
  photo.addEventListener("load", () => {
    photo.hidden = false;
    view.draw();
    tiles.later();
  });
  return photo;
}

function showPhoto(photo, url, alt) {
  if (url && photo.getAttribute("src") !== url) Object.assign(photo, { alt, src: url });
  if (url) return;
  photo.hidden = true;
  photo.removeAttribute("src");
}

function newPane(item, view, tiles) {
  const pane = make("figure", "pane");
  pane.dataset.key = item.key;
  const viewport = make("div", "viewport");
  viewport.tabIndex = 0;
  viewport.setAttribute("role", "group");
  const photos = ["photo", "before"].map((name) => photoNode(name, view, tiles));
  viewport.append(...photos, make("div", "waiting"));
  photos.forEach(tiles.over);
  const caption = make("figcaption");
  const local = make("section", "local");
  local.setAttribute("aria-label", "Scores of a part");
  local.append(make("p"), make("dl", "scores"));
  caption.append(make("div", "head"), make("p", "remark"), make("dl", "scores"), local);
  pane.append(viewport, caption);
  view.add(viewport);
  return pane;
}

// input: what is to be shown in place of the photo while the visitor asks for it.
function fillPane(pane, item, input, tiles) {
  const viewport = pane.querySelector(".viewport");
  viewport.setAttribute("aria-label", item.title + ". Zoom with plus and minus, fit with 0, full size with 1, move with the arrow keys.");
  const url = shownUrl(item);
  const before = url && shownUrl(input) !== url ? input : undefined;
  const [photo, over] = [pane.querySelector("img.photo"), pane.querySelector("img.before")];
  const draft = !url && item.draft ? item.draft.url : "";
  showPhoto(photo, url || draft, item.title);
  showPhoto(over, shownUrl(before), "");
  tiles.show(photo, item);
  tiles.show(over, before);
  viewport.classList.toggle("busy", item.state === "working");
  pane.querySelector(".waiting").textContent = url || draft ? "" : item.message || "";
  const head = pane.querySelector(".head");
  head.replaceChildren(make("strong", "", item.title));
  if (item.time) head.append(make("span", "time", item.time));
  if (url && item.download) {
    const link = make("a", "download");
    Object.assign(link, { href: item.file.url, download: item.download });
    link.dataset.title = item.title;
    labelDownload(link);
    link.addEventListener("click", (event) => {
      if (formats.value === "png" && strength() === 1 && item.download.endsWith(".png")) return; // the file the pane shows
      event.preventDefault();
      askFor({ key: item.key, format: formats.value, strength: strength() });
    });
    head.append(link);
  }
  const remark = pane.querySelector(".remark");
  remark.textContent = item.remark || "";
  remark.hidden = !item.remark;
  pane.querySelector(".scores").replaceChildren(...item.scores.map(scoreCell));
  const local = pane.querySelector(".local");
  local.hidden = !item.view;
  if (!item.view) return;
  local.querySelector("p").textContent = "Part: " + item.view.place;
  local.querySelector("dl").replaceChildren(...item.view.scores.map(scoreCell));
}

function scoreCell(score) {
  const cell = make("div", score.cue ? "cue" : "score");
  if (score.cue) cell.title = score.cue;
  const label = make("dt", "", score.label);
  if (score.mark) label.append(make("span", "mark", score.mark));
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

// A pane's title and scores in one line, for where there is no room beneath it.
function shortLabel(item) {
  const scores = item.scores.filter((score) => score.state === "known");
  return [make("b", "", item.title), ...scores.map((score) => make("span", "", `${score.label} ${score.value}`))];
}

// The table of a batch: sortable by any column; a photo that could not be read is a row with its sentence.
const COLUMNS = [
  ["photo", "Photo"], ["checkpoint", "Checkpoint"],
  ...Object.entries(props.metrics).flatMap(([key, label]) => [[key, label], [key + "_change", "change"]]),
  ["seconds", "Seconds"],
];
const MINUS = "\u2212";
let sorting = null; // [column, 1 or -1]; null is the order in which photos were given

const shownNumber = (value, signed) => (signed && value > 0 ? "+" : value < 0 ? MINUS : "") + Math.abs(value).toFixed(1);

function cellOf(row, column, label) {
  const value = row[column];
  const cell = make("td", column);
  if (value === undefined || value === "") return cell;
  cell.dataset.label = column === "photo" || column === "checkpoint" ? "" : label;
  const change = column.endsWith("_change");
  cell.textContent = typeof value === "number" ? shownNumber(value, change) : value;
  return cell;
}

function rowOf(row) {
  const line = make("tr", row.state);
  const pictures = make("td", "pictures");
  const look = make("button", "look");
  look.type = "button";
  look.setAttribute("aria-label", `Look at ${row.photo} in the comparison`);
  look.addEventListener("click", () => lookAt(row.item));
  for (const [key, what] of [["before", "before"], ["after", "after"]]) {
    if (!row[key]) continue;
    const picture = make("img");
    Object.assign(picture, { src: row[key].url, alt: `${row.photo} ${what}`, loading: "lazy" });
    (row.file ? look : pictures).append(picture);
  }
  if (row.file) pictures.append(look);
  line.append(pictures, ...COLUMNS.map(([column, label]) => cellOf(row, column, label)));
  const last = make("td", "message", row.message || "");
  if (row.file) {
    const link = make("a", "", "\u2193 " + row.download.split(".").at(-1).toUpperCase());
    Object.assign(link, { href: row.file.url, download: row.download });
    link.setAttribute("aria-label", "Download " + row.download);
    last.replaceChildren(link);
  }
  line.append(last);
  return line;
}

function lookAt(item) {
  document.dispatchEvent(new CustomEvent("uniremoval-look", { detail: { photo: item } }));
  [...document.querySelectorAll("#tabs [role=tab]")].find((tab) => tab.textContent.trim() === props.restore).click();
}

// Rows without a value come last, whichever way the others are sorted.
function sorted(rows) {
  if (!sorting) return rows;
  const [column, way] = sorting;
  const known = (row) => row[column] !== undefined && row[column] !== "";
  const compare = (a, b) => (typeof a === "number" ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true }));
  return [...rows].sort((a, b) => {
    if (known(a) !== known(b)) return known(a) ? -1 : 1;
    return known(a) ? way * compare(a[column], b[column]) : 0;
  });
}

// The mean of every column over the photos of a checkpoint that have a value there; a mean of one photo says nothing new.
function meansOf(rows) {
  const checkpoints = [...new Set(rows.filter((row) => row.file).map((row) => row.checkpoint))];
  return checkpoints.flatMap((checkpoint) => {
    const own = rows.filter((row) => row.file && row.checkpoint === checkpoint);
    if (own.length < 2) return [];
    const mean = { photo: `Mean of ${own.length} photos`, checkpoint };
    for (const [column] of COLUMNS) {
      const values = own.map((row) => row[column]).filter((value) => typeof value === "number");
      if (values.length) mean[column] = values.reduce((sum, value) => sum + value, 0) / values.length;
    }
    return [mean];
  });
}

// Rows of which some score rose: the change may be for the better, but they want a look.
const rose = (row) => Object.keys(props.metrics).some((metric) => row[metric + "_change"] > 0);
const filter = find("[name=rose]");

function render() {
  const rows = (props.value || {}).rows || [];
  const shown = filter.checked ? rows.filter(rose) : rows;
  find(".empty").hidden = rows.length > 0;
  find("table").hidden = rows.length === 0;
  find(".bar").hidden = rows.length === 0;
  const done = rows.filter((row) => row.file).length;
  find(".count").textContent = `${done} of ${rows.length} done` + (filter.checked ? `, ${shown.length} shown` : "");
  find(".batch-zip").disabled = done === 0;
  find("tbody").replaceChildren(...sorted(shown).map(rowOf));
  find("tfoot").replaceChildren(...meansOf(rows).map(rowOf));
  for (const head of element.querySelectorAll("th[data-column]")) {
    const mine = sorting && sorting[0] === head.dataset.column;
    head.setAttribute("aria-sort", mine ? (sorting[1] > 0 ? "ascending" : "descending") : "none");
  }
}

find("thead tr").append(make("th"));
for (const [column, label] of COLUMNS) {
  const head = make("th");
  head.dataset.column = column;
  const button = make("button", "", label);
  button.type = "button";
  if (column.endsWith("_change")) button.setAttribute("aria-label", column.replace("_", " "));
  button.addEventListener("click", () => {
    sorting = [column, sorting && sorting[0] === column ? -sorting[1] : 1];
    render();
  });
  head.append(button);
  find("thead tr").append(head);
}
find("thead tr").append(make("th"));
find(".batch-zip").addEventListener("click", () => document.dispatchEvent(new CustomEvent("uniremoval-batch", { detail: {} })));
filter.addEventListener("change", render);
watch("value", render);
render();

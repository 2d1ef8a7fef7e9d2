const find = (selector) => document.querySelector(selector);
const field = () => find("#photo input[type=file]");
const tell = (detail) => document.dispatchEvent(new CustomEvent("uniremoval-status", { detail }));
const visible = (selector) => find(selector) && find(selector).offsetParent;
const mark = (dropping) => {
  for (const place of document.querySelectorAll(".photo-drop")) place.classList.toggle("dropping", dropping);
};
const put = (input, files) => {
  const list = new DataTransfer();
  for (const file of files) list.items.add(file);
  input.files = list.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
};
document.addEventListener("pointerdown", () => (field().accept = props.accept), { capture: true });
document.addEventListener("change", (event) => {
  const photo = event.target === field() && field().files[0];
  if (!photo) return;
  if (photo.size <= props.limit) return tell({ kind: "busy", words: "Uploading " + photo.name });
  event.stopImmediatePropagation();
  const size = (bytes) => Math.ceil(bytes / 1e6) + " MB";
  tell({
    kind: "error",
    words: `${photo.name} has ${size(photo.size)}, and the limit is ${size(props.limit)}: scale it down first.`,
  });
}, { capture: true });
const batchTab = () => [...document.querySelectorAll("#tabs [role=tab]")].find((tab) => tab.textContent.trim() === props.batch);
const toBatch = (files, tries = 100) => {
  const input = visible("#batch-photos") && find("#batch-photos input[type=file]");
  if (input) return put(input, files);
  if (tries) setTimeout(toBatch, 50, files, tries - 1);
};
const take = (files) => {
  if (visible("#batch-photos")) return toBatch(files);
  if (files.length > 1 && visible("#photo")) {
    batchTab().click();
    return toBatch([...files]);
  }
  const photo = [...files].find((file) => file.type.startsWith("image/")) || files[0];
  if (photo && visible("#photo")) put(field(), [photo]);
};
const carriesFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
document.addEventListener("dragover", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  mark(true);
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) mark(false);
});
document.addEventListener("drop", (event) => {
  mark(false);
  if (!carriesFiles(event)) return;
  event.preventDefault();
  take(event.dataTransfer.files);
});
document.addEventListener("paste", (event) => {
  if (event.clipboardData && event.clipboardData.files.length) take(event.clipboardData.files);
});

"""The place for the visitor's own photo: pick it, drop it anywhere on the page, or paste it."""

from __future__ import annotations

import gradio as gr

from uniremoval.ui import text

HTML = '<p class="hint">{{hint}}</p><p class="formats">{{formats}}</p>'
CSS = """
p { margin: 0; text-align: center; font-size: 13px; color: var(--body-text-color); }
.formats { margin-top: 4px; font-size: 12px; color: var(--body-text-color-subdued); }
"""
JS = """
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
document.addEventListener("pointerdown", () => (field().accept = "image/*"), { capture: true });
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
const take = (files) => {
  if (visible("#batch-photos")) return put(find("#batch-photos input[type=file]"), files);
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
"""


def photo_field(max_megapixels: float, max_bytes: int) -> gr.UploadButton:
    """The button's file is untouched: `uniremoval.photo` judges it by its content."""
    with gr.Column(elem_id="photo", elem_classes="photo-drop", min_width=0):
        button = gr.UploadButton(text.UPLOAD, size="md", elem_id="upload")
        gr.HTML(
            value="",
            html_template=HTML,
            css_template=CSS,
            js_on_load=JS,
            apply_default_css=False,
            hint=text.UPLOAD_HINT,
            limit=max_bytes,
            formats=text.UPLOAD_FORMATS.format(megapixels=max_megapixels),
        )
    return button

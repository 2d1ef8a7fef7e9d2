// The labelled picture: which panes it shows, and of what part of the photo.
const sharing = find(".sharing");
const shared = find(".sharing .chosen");
const savePicture = find(".save-picture");

function toggleSharing() {
  if (find(".share").disabled) return;
  sharing.hidden = !sharing.hidden;
  find(".share").setAttribute("aria-expanded", !sharing.hidden);
}

const sharedKeys = () => [...shared.querySelectorAll("input:checked")].map((box) => box.value);

// items: the panes that have a picture. The input is in every picture.
function offerToShare(items) {
  const others = items.filter((item) => item.key !== "input");
  const left = new Set([...shared.querySelectorAll("input:not(:checked)")].map((box) => box.value));
  if ([...shared.querySelectorAll("input")].map((box) => box.value).join() !== others.map((item) => item.key).join()) {
    shared.replaceChildren(...others.map((item) => {
      const label = make("label");
      const box = make("input");
      Object.assign(box, { type: "checkbox", value: item.key, checked: !left.has(item.key) });
      label.append(box, make("span", "", item.title));
      return label;
    }));
  }
  find(".share").disabled = !others.length;
  if (!others.length && !sharing.hidden) {
    sharing.hidden = true;
    find(".share").setAttribute("aria-expanded", false);
  }
  describePicture();
}

function describePicture() {
  const { width, height } = view.region();
  find(".sharing .what").textContent = view.fitted
    ? "Shows the whole photo; zoom in to share a part."
    : `Shows the part in view, ${width} x ${height} pixels.`;
  savePicture.textContent = "Save as " + formats.selectedOptions[0].text;
  savePicture.disabled = !sharedKeys().length;
}

function listenToSharing() {
  find(".share").addEventListener("click", toggleSharing);
  shared.addEventListener("change", describePicture);
  formats.addEventListener("change", describePicture);
  savePicture.addEventListener("click", () => askFor({
    format: "picture", as: formats.value, strength: strength(), keys: sharedKeys(), picture,
    region: view.fitted ? null : view.region(),
  }));
}

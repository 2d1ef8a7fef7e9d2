// Steps to the photos of the batch before and after the one shown, where it is one of a batch.
const neighbours = find(".neighbours");

function showNeighbours(batch) {
  neighbours.hidden = !batch;
  if (!batch) return;
  neighbours.querySelector("span").textContent = `Photo ${batch.number} of ${batch.photos} of the batch`;
  for (const step of ["before", "after"]) {
    const button = neighbours.querySelector(`[data-step=${step}]`);
    button.disabled = batch[step] === null;
    button.dataset.photo = batch[step];
  }
}

function stepTo(step) {
  const button = neighbours.querySelector(`[data-step=${step}]`);
  if (neighbours.hidden || button.disabled) return;
  document.dispatchEvent(new CustomEvent("uniremoval-look", { detail: { photo: Number(button.dataset.photo) } }));
}

for (const button of neighbours.querySelectorAll("button")) button.addEventListener("click", () => stepTo(button.dataset.step));

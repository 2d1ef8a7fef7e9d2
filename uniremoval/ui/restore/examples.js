element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  props.value = Number(button.dataset.index);
  trigger("select");
});

const render = () => {
  const items = (props.value || {}).items || [];
  element.querySelector(".earlier").hidden = items.length === 0;
  element.querySelector(".earlier div").replaceChildren(...items.map((item) => {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-label", "Bring back " + item.title);
    const picture = document.createElement("img");
    Object.assign(picture, { src: item.file.url, alt: "" });
    const label = document.createElement("span");
    label.textContent = button.title = item.title;
    button.append(picture, label);
    button.addEventListener("click", () => trigger("select", { id: item.id }));
    return button;
  }));
};
watch("value", render);
render();

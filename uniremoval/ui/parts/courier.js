document.addEventListener(props.listens, (event) => trigger("select", event.detail));
watch("value", () => {
  const { file, name } = props.value || {};
  if (!file) return;
  const link = document.createElement("a");
  Object.assign(link, { href: file.url, download: name });
  element.append(link);
  link.click();
  link.remove();
});

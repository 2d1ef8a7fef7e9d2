// The tab's own storage: another tab is another visit, and a page loaded again finds its own.
const KEY = "uniremoval-visit";
const storage = () => {
  try {
    return window.sessionStorage;
  } catch {
    return null; // the browser forbids it
  }
};
watch("value", () => {
  const { token } = props.value || {};
  if (token && storage()) storage().setItem(KEY, token);
});
const token = storage() && storage().getItem(KEY);
document.addEventListener("uniremoval-loaded", () => {
  if (token) trigger("select", { token });
});

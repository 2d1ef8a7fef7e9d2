// While there are outputs to come, the server is told which part is looked at closely, to restore it before the rest.
function makeLooking(view) {
  const SETTLED = 150; // milliseconds without a move
  const looking = { picture: null, waited: false };
  let told = "";
  let timer = 0;

  function tell() {
    const detail = { picture: looking.picture, ...(view.fitted ? {} : view.region()) };
    if (!looking.waited || told === JSON.stringify(detail)) return;
    told = JSON.stringify(detail);
    document.dispatchEvent(new CustomEvent("uniremoval-looking", { detail }));
  }

  // The view, the picture or what is waited for has changed.
  looking.changed = () => {
    clearTimeout(timer);
    timer = setTimeout(tell, SETTLED);
  };
  return looking;
}

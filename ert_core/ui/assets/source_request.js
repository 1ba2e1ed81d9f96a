// Which source the panel shows, told to the answers (answer_text.js), and what is asked for in them, told to the panel:
// only the panel runs again, not the page.

let place = null; // the element of this component in the panel
let ask = null;

function isShown(source) {
  const shown = window.ertSourceShown ?? null;
  return shown?.message === source.message && shown?.n === source.n;
}

// On a narrow window the panel stands below the answers.
function bringIntoSight() {
  window.ertSourceAsked = false;
  const panel = place.closest(".st-key-source-panel");
  const { top } = panel.getBoundingClientRect();
  if (top < 0 || top > window.innerHeight / 2) panel.scrollIntoView();
}

function tell(shown) {
  window.ertSourceShown = shown;
  window.dispatchEvent(new CustomEvent("ert-source-shown"));
}

window.addEventListener("ert-source-asked", (event) => {
  if (ask === null) return;
  event.preventDefault(); // says that the panel has heard it
  if (isShown(event.detail)) bringIntoSight(); // the panel would not change, and this script not be called
  else ask("asked", event.detail);
});

export default function ({ data, parentElement, setTriggerValue }) {
  place = parentElement;
  ask = setTriggerValue;
  const source = { message: data.message, n: data.n };
  if (!isShown(source)) place.closest(".st-key-source-panel").scrollTop = 0;
  tell(source);
  if (window.ertSourceAsked) bringIntoSight();
  return () => {
    if (place !== parentElement) return; // another one has taken its place
    place = ask = null;
    tell(null);
  };
}

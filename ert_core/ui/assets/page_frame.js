// What stands outside the page's own elements: the language it is read in, light or dark, and the words that
// page_frame.css shows where Streamlit has only English ones.

const BASE = location.pathname.replace(/[^/]*$/, "");
let shown = stored(location.pathname) ?? '"System"';
const SCROLLED = "ert-scrolled";
let opened = false;

// Where Streamlit 1.67 looks when it starts, each page at its own place.
function place(path) {
  return `stActiveTheme-${path}-v2`;
}

function stored(path) {
  try {
    return localStorage.getItem(place(path));
  } catch {
    return null; // a browser that keeps nothing: the pages follow the system
  }
}

function store(path, theme) {
  try {
    localStorage.setItem(place(path), theme);
  } catch {
    // as above
  }
}

function main() {
  return document.querySelector('[data-testid="stMain"]');
}

// Where the reader was when the page was loaded again, once the page is that long, or until the reader scrolls.
function scrollBack(to) {
  const until = performance.now() + 5000;
  let left = false;
  for (const kind of ["wheel", "touchmove", "pointerdown", "keydown"]) {
    addEventListener(kind, () => (left = true), { once: true, passive: true });
  }
  const step = () => {
    if (left || !main() || performance.now() > until) return;
    main().scrollTop = to;
    if (main().scrollTop < to - 1) requestAnimationFrame(step);
  };
  step();
}

let server;
let runAgain;
let watched;

// A server that was started again knows nothing of this page: without a run of it, the first click would be lost.
async function runOnAnother() {
  const answer = await fetch(`${BASE}api/health`, { cache: "no-store" }).catch(() => null);
  if (answer?.ok && (await answer.json()).instance !== server) runAgain("connected", true);
}

function watchConnection() {
  const app = document.querySelector("[data-test-connection-state]");
  if (!app || app === watched) return;
  watched = app;
  let lost = false;
  new MutationObserver(() => {
    const connected = app.dataset.testConnectionState === "CONNECTED";
    if (connected && lost) runOnAnother();
    lost = !connected;
    document.documentElement.toggleAttribute("data-ert-lost", lost);
  }).observe(app, { attributeFilter: ["data-test-connection-state"] });
}

export default function ({ data, setTriggerValue }) {
  runAgain = setTriggerValue;
  server = data.server;
  watchConnection();
  const page = document.documentElement;
  page.lang = data.language;
  for (const [name, words] of Object.entries(data.words)) page.style.setProperty(`--ert-${name}`, JSON.stringify(words));
  page.dataset.ertWords = data.language;
  page.toggleAttribute("data-ert-drop-zone", data.drop_zone);
  const wanted = JSON.stringify(data.theme);
  for (const name of ["", ...data.pages]) store(BASE + name, wanted);
  // Elsewhere than in the settings, what a reader has begun to type would be lost.
  const first = !opened;
  opened = true;
  // Where nothing is stored nothing changes, and nothing more is done.
  if (stored(location.pathname) !== wanted) return;
  if (shown !== wanted && (data.at_once || first)) {
    shown = wanted;
    sessionStorage.setItem(SCROLLED, main()?.scrollTop ?? 0);
    location.reload();
  } else if (first && sessionStorage.getItem(SCROLLED)) {
    scrollBack(Number(sessionStorage.getItem(SCROLLED)));
    sessionStorage.removeItem(SCROLLED);
  }
}

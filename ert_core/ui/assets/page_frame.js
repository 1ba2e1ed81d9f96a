// What stands outside the page's own elements: the language it is read in, light or dark, and the words of Streamlit's
// drop zones, which page_frame.css shows.

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

// Where the reader was when the page was loaded again, once the page is that long.
function scrollBack(to, until) {
  main().scrollTop = to;
  if (main().scrollTop < to && performance.now() < until) requestAnimationFrame(() => scrollBack(to, until));
}

export default function ({ data }) {
  const page = document.documentElement;
  page.lang = data.language;
  for (const [name, words] of Object.entries(data.words)) page.style.setProperty(`--ert-${name}`, JSON.stringify(words));
  page.dataset.ertWords = data.language;
  const wanted = JSON.stringify(data.theme);
  for (const name of ["", ...data.pages]) store(BASE + name, wanted);
  // Elsewhere than in the settings, what a reader has begun to type would be lost.
  if (shown !== wanted && stored(location.pathname) === wanted && (data.at_once || !opened)) {
    shown = wanted;
    sessionStorage.setItem(SCROLLED, main().scrollTop);
    location.reload();
  } else if (!opened && sessionStorage.getItem(SCROLLED)) {
    scrollBack(Number(sessionStorage.getItem(SCROLLED)), performance.now() + 5000);
    sessionStorage.removeItem(SCROLLED);
  }
  opened = true;
}

// What stands outside the page's own elements: the language it is read in, light or dark, and the words of Streamlit's
// drop zone, which page_frame.css shows.

const BASE = location.pathname.replace(/[^/]*$/, "");
const shown = localStorage.getItem(place(location.pathname)) ?? '"System"';

// Where Streamlit 1.67 looks when it starts, each page at its own place.
function place(path) {
  return `stActiveTheme-${path}-v2`;
}

export default function ({ data }) {
  const page = document.documentElement;
  page.lang = data.language;
  for (const [name, words] of Object.entries(data.words)) page.style.setProperty(`--ert-${name}`, JSON.stringify(words));
  const wanted = JSON.stringify(data.theme);
  for (const name of ["", ...data.pages]) localStorage.setItem(place(BASE + name), wanted);
  if (shown !== wanted) location.reload();
}

// The text of an answer. Its markers are buttons that open their source, and it can be copied.
// What comes from documents and models is set as text, never as HTML.

const COPIED_MS = 2000;

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function clickable(className, text, clicked) {
  const made = element("button", className, text);
  made.type = "button";
  made.addEventListener("click", clicked);
  return made;
}

function marker(piece, open) {
  const button = clickable(`ert-marker ert-${piece.style}`, String(piece.marker), () => open(piece.marker));
  button.title = piece.title;
  button.setAttribute("aria-label", piece.title);
  return button;
}

function sourceButton(source, open) {
  const button = clickable("ert-source", undefined, () => open(source.marker));
  button.title = source.title;
  const icon = element("span", "ert-icon", source.icon);
  icon.setAttribute("aria-hidden", "true");
  icon.translate = false;
  button.append(icon, element("span", "ert-n", String(source.marker)), ` ${source.place}`);
  return button;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return;
  } catch {
    // Not served over HTTPS, or not allowed: there is another way.
  }
  const box = element("textarea", "ert-copied");
  box.value = text;
  document.body.append(box);
  box.select();
  document.execCommand("copy");
  box.remove();
}

function copyButton(data) {
  const button = clickable("ert-copy", data.copy, async () => {
    await copy(data.text);
    button.textContent = data.copied;
    setTimeout(() => (button.textContent = data.copy), COPIED_MS);
  });
  return button;
}

function draw(data, open) {
  const root = element("div", "ert-answer");
  for (const line of data.lines) {
    const paragraph = element("p", "");
    for (const piece of line) {
      paragraph.append(
        piece.marker === undefined ? element("span", `ert-${piece.style}`, piece.text) : marker(piece, open),
      );
    }
    root.append(paragraph);
  }
  const foot = element("div", "ert-foot");
  foot.append(...data.sources.map((source) => sourceButton(source, open)), copyButton(data));
  root.append(foot);
  return root;
}

// What each answer was drawn from: one that is still the same keeps its nodes, and with them the focus.
const drawn = new WeakMap();

// The panel beside the answers (source_request.js) says which source it shows.
function press(root) {
  const shown = window.ertSourceShown ?? null;
  for (const button of root.querySelectorAll(".ert-marker")) {
    const open = String(shown?.message) === root.dataset.message && button.textContent === String(shown?.n);
    button.setAttribute("aria-pressed", String(open));
  }
}

window.addEventListener("ert-source-shown", () => document.querySelectorAll(".ert-answer").forEach(press));

// The panel shows it without a run of the page; where there is none, the page does.
function ask(message, n, setTriggerValue) {
  window.ertSourceAsked = true; // till the panel is in sight
  const asked = new CustomEvent("ert-source-asked", { detail: { message, n }, cancelable: true });
  if (window.dispatchEvent(asked)) setTriggerValue("opened", n);
}

export default function ({ data, parentElement, setTriggerValue }) {
  const written = JSON.stringify(data);
  let root = parentElement.querySelector(".ert-answer");
  if (root === null || drawn.get(root) !== written) {
    root?.remove();
    root = draw(data, (n) => ask(data.message, n, setTriggerValue));
    root.dataset.message = data.message;
    drawn.set(root, written);
    parentElement.append(root);
  }
  press(root);
}

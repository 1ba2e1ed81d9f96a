// Brings a turn to the top of the page when it comes, and keeps it there while what comes after it grows: there has to
// be so much below it. A reader who scrolls or clicks is left in peace.

const SOON_MS = 3000; // within it the page has drawn the same turn anew
const READING = ["wheel", "touchmove", "pointerdown", "keydown"];

const here = new Map(); // how often a turn stands in the page: for a moment twice, when it moves
const gone = new Map(); // when it left the page
let leave = () => {};

// Who types the next question, or clicks in its box, does not read.
function isAsking(event) {
  const typed = event.type === "pointerdown" || (event.type === "keydown" && event.key !== "Tab");
  return typed && event.target.closest('[data-testid="stBottom"]') !== null;
}

function follow(turn) {
  leave();
  const page = document.querySelector('[data-testid="stMain"]');
  const grown = new ResizeObserver(() => {
    document.querySelector(`.st-key-in-sight-${turn}`)?.scrollIntoView({ block: "start", inline: "nearest" });
  });
  const read = (event) => {
    if (!isAsking(event)) leave();
  };
  leave = () => {
    grown.disconnect();
    for (const kind of READING) page.removeEventListener(kind, read);
  };
  for (const kind of READING) page.addEventListener(kind, read, { passive: true });
  grown.observe(page.querySelector('[data-testid="stMainBlockContainer"]'));
}

export default function ({ data, parentElement }) {
  const turn = data.turn;
  if (parentElement.dataset.turn !== turn) {
    parentElement.dataset.turn = turn;
    const there = here.get(turn) ?? 0;
    if (there === 0 && !(performance.now() - gone.get(turn) < SOON_MS)) follow(turn);
    here.set(turn, there + 1);
  }
  return () => {
    here.set(turn, here.get(turn) - 1);
    gone.set(turn, performance.now());
  };
}

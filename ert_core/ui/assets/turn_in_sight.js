// Brings a turn to the top of the page when it comes, and keeps it there while what comes after it grows: there has to
// be so much below it. A reader who scrolls or clicks is left in peace.

const SOON_MS = 500; // within it the page has drawn the same turn anew
const READING = ["wheel", "touchstart", "pointerdown", "keydown"];

const gone = new Map(); // when a turn left the page
let leave = () => {};

function follow(turn) {
  leave();
  const page = document.querySelector('[data-testid="stMain"]');
  const grown = new ResizeObserver(() => {
    document.querySelector(`.st-key-in-sight-${turn}`)?.scrollIntoView({ block: "start", inline: "nearest" });
  });
  const read = (event) => {
    if (event.target.closest('[data-testid="stBottom"]') === null) leave(); // else the next question is typed
  };
  leave = () => {
    grown.disconnect();
    for (const kind of READING) page.removeEventListener(kind, read);
  };
  for (const kind of READING) page.addEventListener(kind, read, { passive: true });
  grown.observe(page.querySelector('[data-testid="stMainBlockContainer"]'));
}

export default function ({ data, parentElement }) {
  if (parentElement.dataset.turn !== data.turn) {
    parentElement.dataset.turn = data.turn;
    if (!(performance.now() - gone.get(data.turn) < SOON_MS)) follow(data.turn);
  }
  return () => gone.set(data.turn, performance.now());
}

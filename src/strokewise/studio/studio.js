// Strokes on the sheet are picked by mouse, finger or keyboard. What is picked is read when a button is pressed.
const hits = () => Array.from(element.querySelectorAll(".sw-hit"));
const press = (id) => document.querySelector(`#${id}`)?.click();

const toggle = (hit) => {
  const picked = hit.getAttribute("aria-selected") !== "true";
  hit.setAttribute("aria-selected", picked);
};

const visit = (hit) => {
  for (const other of hits()) other.setAttribute("tabindex", other === hit ? "0" : "-1");
  hit.focus();
};

element.addEventListener("click", (event) => {
  const hit = event.target.closest(".sw-hit");
  if (hit) {
    toggle(hit);
    visit(hit);
  } else if (event.target.closest(".sw-sheet")) {
    for (const other of hits()) other.setAttribute("aria-selected", "false");
  }
});

element.addEventListener("keydown", (event) => {
  const hit = event.target.closest(".sw-hit");
  if (!hit) return;
  const all = hits();
  const at = all.indexOf(hit);
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (step) visit(all[(at + step + all.length) % all.length]);
  else if (event.key === " " || event.key === "Enter") toggle(hit);
  else if (event.key === "Delete" || event.key === "Backspace") press("sw-delete");
  else if (event.key.toLowerCase() === "l") press("sw-lock");
  else if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) press("sw-undo");
  else return;
  event.preventDefault();
});

// On a narrow page the sheet lies below the button that draws on it.
document.addEventListener("click", (event) => {
  if (window.innerWidth <= 900 && event.target.closest("#sw-draw, #sw-another, #sw-carry-on")) {
    document.getElementById("sw-tabs")?.scrollIntoView({ block: "start" });
  }
});

// A brush on the photo: what it draws goes to the server, which answers with the mask. Until then the stroke itself shows.
const canvas = () => element.querySelector("canvas");
const value = (selector, otherwise) => document.querySelector(selector)?.value ?? otherwise;
const size = () => Number(value("#sw-brush-size input[type=number]", 32));
const adds = () => value("#sw-brush-mode input:checked", "add") === "add";
const follows = () => document.querySelector("#sw-brush-follow input")?.checked ?? true;
const PATIENCE = 30000; // milliseconds until an answer is given up

let number = 0; // of the last stroke
let sent = []; // strokes without an answer yet
let waiting = []; // those that go with the next message: one at a time, so that they arrive in their order
let stroke = null; // the one that is being made
let pointer = null; // where the brush is

const place = (event) => {
  const box = canvas().getBoundingClientRect();
  const share = (at, low, length) => Math.min(1, Math.max(0, (at - low) / Math.max(1, length)));
  return [share(event.clientX, box.left, box.width), share(event.clientY, box.top, box.height)];
};

const paint = () => {
  const page = canvas();
  if (!page) return;
  const pen = page.getContext("2d");
  const at = ([x, y]) => [x * page.width, y * page.height];
  pen.clearRect(0, 0, page.width, page.height);
  pen.lineCap = pen.lineJoin = "round";
  for (const one of [...sent, ...waiting, ...(stroke ? [stroke] : [])]) {
    pen.strokeStyle = one.add ? "rgb(214 72 44 / 45%)" : "rgb(255 255 255 / 60%)";
    pen.lineWidth = one.size;
    pen.beginPath();
    pen.moveTo(...at(one.points[0]));
    for (const point of one.points) pen.lineTo(...at(point));
    pen.stroke();
  }
  if (!pointer) return;
  for (const [color, wide] of [["rgb(0 0 0 / 70%)", 3], ["#fff", 1.5]]) {
    pen.strokeStyle = color;
    pen.lineWidth = wide;
    pen.beginPath();
    pen.arc(...at(pointer), size() / 2, 0, 2 * Math.PI);
    pen.stroke();
  }
};

const send = () => {
  if (sent.length || !waiting.length) return;
  sent = waiting.splice(0, 20);
  const last = sent.at(-1).number;
  trigger("stroke", { strokes: sent, number: last });
  setTimeout(() => answered(last), PATIENCE);
};

const answered = (last) => {
  sent = sent.filter((one) => one.number > last);
  paint();
  send();
};

element.addEventListener("pointerdown", (event) => {
  if (event.target !== canvas() || !event.isPrimary || event.button > 0) return;
  event.target.setPointerCapture(event.pointerId);
  stroke = { points: [place(event)], size: size(), add: adds(), follow: follows() };
  paint();
});

element.addEventListener("pointermove", (event) => {
  if (event.target !== canvas() || !event.isPrimary) return;
  pointer = event.pointerType === "touch" ? null : place(event);
  if (stroke && stroke.points.length < 2000) stroke.points.push(place(event));
  paint();
});

element.addEventListener("pointerup", () => {
  if (!stroke) return;
  number += 1;
  waiting.push({ ...stroke, number });
  stroke = null;
  paint();
  send();
});

for (const name of ["pointercancel", "pointerleave"]) {
  element.addEventListener(name, () => {
    if (name === "pointercancel") stroke = null;
    pointer = null;
    paint();
  }, true);
}

watch("value", () => answered(Number(element.querySelector(".sw-painting")?.dataset.stroke ?? 0)));

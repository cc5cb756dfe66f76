// Draws, reads aloud and sends the answer to this machine's own program; nothing goes anywhere else.
"use strict";
const $ = (id) => document.getElementById(id);
const canvas = $("pad");
let pad = null;
let how = "drawn";

if (canvas && window.SignaturePad) {
  pad = new window.SignaturePad(canvas, { penColor: "#102030", minWidth: 0.8, maxWidth: 3 });
  const fit = () => {
    const drawn = pad.toData();
    const ratio = Math.max(window.devicePixelRatio || 1, 1);
    canvas.width = canvas.offsetWidth * ratio;
    canvas.height = canvas.offsetHeight * ratio;
    canvas.getContext("2d").scale(ratio, ratio);
    pad.clear();
    pad.fromData(drawn);
  };
  let width = 0;
  new ResizeObserver(() => {
    if (canvas.offsetWidth !== width) { width = canvas.offsetWidth; fit(); }
  }).observe(canvas);
  const drawAgain = () => { how = "drawn"; $("marked").hidden = true; };
  $("clear").addEventListener("click", () => { pad.clear(); drawAgain(); });
  $("undo").addEventListener("click", () => { pad.fromData(pad.toData().slice(0, -1)); drawAgain(); });
  // Two crossing lines in the middle, for whoever cannot draw: an old and lawful way to sign.
  $("mark").addEventListener("click", () => {
    const x = canvas.offsetWidth / 2, y = canvas.offsetHeight / 2, r = 28;
    const line = (from, to) => ({
      penColor: "#102030", dotSize: 0, minWidth: 1.5, maxWidth: 3, velocityFilterWeight: 0.7, compositeOperation: "source-over",
      points: [0, 1, 2, 3].map((k) => ({
        x: from[0] + ((to[0] - from[0]) * k) / 3, y: from[1] + ((to[1] - from[1]) * k) / 3, time: k * 20, pressure: 0.5,
      })),
    });
    pad.fromData([line([x - r, y - r], [x + r, y + r]), line([x + r, y - r], [x - r, y + r])]);
    how = "mark";
    $("marked").hidden = false;
  });
}

const strokes = () =>
  (pad ? pad.toData() : []).map((stroke) =>
    stroke.points.map((p) => [Math.max(p.x, 0), Math.max(p.y, 0), p.time || 0, p.pressure || 0.5]));

const show = (text) => { $("problem").textContent = text; $("problem").hidden = !text; };

const post = async (address, body) => {
  const answer = await fetch(address, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  const told = await answer.json();
  if (answer.ok) window.location.assign(told.next + window.location.search);
  else show(told.message);
};

$("sign").addEventListener("click", () => {
  show("");
  const officers = Array.from(document.querySelectorAll(".officer"), (box) => box.checked);
  post("/sign?lang=" + $("sign").dataset.lang, { how, strokes: strokes(), read: $("read").checked, officers });
});
document.querySelectorAll(".end").forEach((button) =>
  button.addEventListener("click", () => post("/end/" + button.dataset.ending, {})));

let size = 100;
const grow = (by) => { size = Math.min(Math.max(size + by, 100), 200); document.documentElement.style.fontSize = size + "%"; };
$("larger").addEventListener("click", () => grow(20));
$("smaller").addEventListener("click", () => grow(-20));

// Only a voice that lives on this machine: nothing that is read leaves it.
const aloud = $("aloud");
const speech = window.speechSynthesis;
const voice = () => speech && speech.getVoices().find((v) => v.localService && v.lang.slice(0, 2) === document.documentElement.lang.slice(0, 2));
const offer = () => { aloud.hidden = !voice(); };
if (speech) {
  const label = aloud.textContent;
  offer();
  speech.addEventListener("voiceschanged", offer);
  aloud.addEventListener("click", () => {
    if (speech.speaking) { speech.cancel(); aloud.textContent = label; return; }
    const said = new SpeechSynthesisUtterance($("summary").innerText);
    said.voice = voice();
    said.lang = document.documentElement.lang;
    said.rate = 0.9;
    said.onend = () => { aloud.textContent = label; };
    aloud.textContent = aloud.dataset.quiet;
    speech.speak(said);
  });
}

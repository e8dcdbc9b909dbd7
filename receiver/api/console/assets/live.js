// Puts the rows of the stream into the table: the only script of the console.
"use strict";

const rows = document.getElementById("rows");
const told = document.getElementById("told");
const empty = document.getElementById("empty");
const pause = document.getElementById("pause");
const shown = Number(rows.dataset.shown);
let held = [];
let leftOut = 0;

function say(sentence, isAlarm = false) {
  told.textContent = sentence;
  told.classList.toggle("alarm", isAlarm);
}

function count() {
  const parts = [];
  if (held.length) parts.push(`Paused: ${held.length} more arrived.`);
  else if (pause.ariaPressed === "true") parts.push("Paused.");
  if (leftOut) parts.push(`${leftOut} older ones are left out.`);
  say(parts.join(" ") || "Listening.");
}

function arrival(row) {
  return row.querySelector("time").dateTime;
}

function put(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const row = template.content.firstElementChild;
  // Whoever comes back gets the last seconds again.
  if (!row || document.getElementById(row.id)) return;
  row.classList.add("new");
  let next = rows.firstElementChild;
  while (next && arrival(next) > arrival(row)) next = next.nextElementSibling;
  rows.insertBefore(row, next);
  empty.hidden = true;
  while (rows.rows.length > shown) {
    rows.lastElementChild.remove();
    leftOut += 1;
  }
}

const stream = new EventSource(rows.dataset.stream);
stream.onmessage = (event) => {
  if (pause.ariaPressed === "true") {
    held.push(event.data);
    if (held.length > shown) {
      held.shift();
      leftOut += 1;
    }
  } else put(event.data);
  count();
};
stream.addEventListener("skipped", (event) => {
  leftOut += Number(event.data);
  count();
});
stream.addEventListener("pause", (event) => say(event.data, true));
stream.addEventListener("over", (event) => {
  stream.close();
  say(event.data, true);
});
stream.onopen = count;
stream.onerror = () => {
  const isOver = stream.readyState === EventSource.CLOSED;
  say(isOver ? "The stream ended. Load this page again." : "The connection broke; trying again.", true);
};

pause.addEventListener("click", () => {
  const isPaused = pause.ariaPressed !== "true";
  pause.ariaPressed = String(isPaused);
  pause.textContent = isPaused ? "Go on" : "Pause";
  if (!isPaused) {
    held.forEach(put);
    held = [];
  }
  count();
});
document.getElementById("clear").addEventListener("click", () => {
  rows.replaceChildren();
  held = [];
  leftOut = 0;
  count();
});
document.getElementById("bar").hidden = false;

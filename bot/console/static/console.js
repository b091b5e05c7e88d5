// What htmx leaves to do. Pages work without any script.
"use strict";

// Forms that htmx sends carry the page's token already; it only has to be told to show what a refusal says.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status >= 400) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

// A form is sent once, however often it is clicked; and what was typed into another form of the page is not lost with it.
const PATIENCE = 15000; // ms after which a page that has not come may be asked for again
let sent = new WeakMap(); // forms, each with the time it was sent at
let sending = null;

function isTypedIn(form) {
  if (form.method !== "post" || form.querySelector("[type=password]")) return false; // browsers fill in passwords
  return "unsaved" in form.dataset || [...form.elements].some(isChanged); // what was refused is shown as if it were kept
}

function isChanged(field) {
  if (field.matches("select")) {
    const first = [...field.options].find((option) => option.defaultSelected) ?? field.options[0];
    return Boolean(first) && !first.selected;
  }
  if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
  return field.matches("input, textarea") && field.value !== field.defaultValue;
}

function forgetSent() {
  sent = new WeakMap();
  sending = null;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.submitter?.formTarget) return;
  if (event.timeStamp - sent.get(form) < PATIENCE) {
    event.preventDefault();
    return;
  }
  sent.set(form, event.timeStamp);
  sending = form;
});

window.addEventListener("pageshow", forgetSent);
window.addEventListener("beforeunload", (event) => {
  if (![...document.forms].some((form) => form !== sending && isTypedIn(form))) return;
  event.preventDefault(); // the browser asks, in its own words
  event.returnValue = true; // how browsers before 2024 are told
  forgetSent(); // for whoever stays
});

// Keys, as the page says: j and k move along a list, Enter opens, c presses the button marked with it.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  const rows = [...document.querySelectorAll("table[data-keys] tbody tr")];
  const picked = rows.findIndex((row) => row.classList.contains("picked"));
  if ((event.key === "j" || event.key === "k") && rows.length) {
    const next = Math.min(Math.max(picked + (event.key === "j" ? 1 : -1), 0), rows.length - 1);
    rows.forEach((row, place) => row.classList.toggle("picked", place === next));
    rows[next].querySelector("a").focus();
  } else if (/^[a-z]$/.test(event.key)) {
    document.querySelector(`button[data-key="${event.key}"]`)?.click();
  }
});

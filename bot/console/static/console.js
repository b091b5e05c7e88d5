// What htmx leaves to do. Pages work without any script.
"use strict";

// Forms that htmx sends carry the page's token already; it only has to be told to show what a refusal says.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status >= 400) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
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

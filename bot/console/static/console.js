// What htmx leaves to do. Pages work without any script.
"use strict";

// Forms that htmx sends carry the page's token already; it only has to be told to show what a refusal says.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status >= 400) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

/* The chat page's script. Without it the page still works: every button and the composer are plain forms.
   Written in the JavaScript of 2017, because the phones it is for are old. */
"use strict";

(function () {
  const SHOW_WAITING_AFTER = 400; // ms; quicker answers need no word
  const GIVE_UP_AFTER = 30000; // ms
  const FORWARD_LENGTH = 60; // a longer paste is hardly ever somebody's own words
  const FOLD_LENGTH = 260; // characters of a question shown without folding
  const KEEP = 60; // entries of the conversation
  const LOOK_EVERY = 60000; // ms between looks for what there is to tell
  const LOG_KEY = "qiuzhen.log";
  const DRAFT_KEY = "qiuzhen.draft";
  const SIZE_KEY = "qiuzhen.size";

  // Storage may be switched off; then the page forgets, and works.
  function load(storage, key) {
    try { return window[storage].getItem(key); } catch (error) { return null; }
  }
  function save(storage, key, value) {
    try { window[storage].setItem(key, value); } catch (error) { /* full or forbidden */ }
  }

  // In the head, before anything is drawn, so that the text does not jump. It is large already where the address says
  // so, as the article pages do.
  const root = document.documentElement;
  if (root.dataset.size === "large") save("localStorage", SIZE_KEY, "large");
  else if (load("localStorage", SIZE_KEY) === "large") root.dataset.size = "large";

  function newId() {
    if (window.crypto.randomUUID) return window.crypto.randomUUID();
    const bytes = window.crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, function (byte) { return byte.toString(16).padStart(2, "0"); }).join("");
  }

  function make(tag, className, text) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  }

  function makeButton(label, act) {
    const button = make("button", "", label);
    button.type = "button";
    button.addEventListener("click", act);
    return button;
  }

  // Links to the article pages, and the choice of a language, take the size of the letters along.
  function sizeQuery() { return root.dataset.size === "large" ? "?size=large" : ""; }
  function keepSize() {
    document.querySelectorAll("a[href^='/a/'], a[href^='/topics']").forEach(function (link) {
      link.href = link.pathname + sizeQuery();
    });
    document.querySelector(".languages").action = "/chat/language" + sizeQuery();
  }

  function isUsedUp(token) { return token.startsWith("pick:") || token.startsWith("none:"); }

  document.addEventListener("DOMContentLoaded", function () {
    if (!window.fetch || !window.AbortController) return; // the plain forms do it

    const words = document.getElementById("words").dataset;
    const log = document.getElementById("log");
    const composer = document.getElementById("composer");
    const text = document.getElementById("text");
    const forwarded = document.getElementById("forwarded");
    const waiting = document.getElementById("waiting");
    const clear = document.getElementById("clear");
    const larger = document.getElementById("larger");

    /* Each entry: {id, text | pressed + label, forwarded, state: waiting | failed | done, problem, reply, used};
       what the resident is told unasked: {id, notice: true, state: done, reply, used}. */
    let entries = [];
    let busy = 0; // how much is on its way
    let sent = 0; // how much ever was
    let read = 0; // the latest of it whose answer was shown

    function keep() {
      save("sessionStorage", LOG_KEY, JSON.stringify(entries.slice(-KEEP)));
      clear.hidden = entries.length === 0;
    }

    function keepDraft() {
      save("sessionStorage", DRAFT_KEY, JSON.stringify({ text: text.value, forwarded: forwarded.checked }));
    }

    function grow() {
      text.style.height = "auto";
      text.style.height = text.scrollHeight + text.offsetHeight - text.clientHeight + "px";
    }

    function setDraft(value, isForwarded) {
      text.value = value;
      forwarded.checked = isForwarded;
      grow();
      keepDraft();
    }

    // On a phone the focus brings up the keyboard, and that hides the answer.
    const onTouch = window.matchMedia("(pointer: coarse)").matches;
    function focusText() {
      if (!onTouch) text.focus({ preventScroll: true });
    }

    // What is written waits for no other answer, nor does "I have already paid"; pressed twice, it is still asked once.
    function isHeldUp(token) {
      return busy && (!token.startsWith("aid:") || entries.some(function (entry) {
        return entry.state === "waiting" && entry.pressed === token;
      }));
    }

    /* Drawing. Text only ever enters as textContent. */

    function drawSpans(parent, spans) {
      spans.forEach(function (span) {
        if (!span.tel) {
          parent.appendChild(document.createTextNode(span.text));
          return;
        }
        const link = make("a", "tel", span.text);
        link.href = "tel:" + span.tel;
        parent.appendChild(link);
      });
    }

    function drawBody(lines) {
      const body = make("p", "body");
      lines.forEach(function (spans, index) {
        if (index) body.appendChild(document.createElement("br"));
        drawSpans(body, spans);
      });
      return body;
    }

    function drawSource(source) {
      const item = make("li");
      if (source.url) {
        const link = make("a", "", source.title);
        link.href = source.url;
        link.target = "_blank";
        link.rel = "noopener noreferrer";
        link.appendChild(make("span", "unseen", " (" + words.newTab + ")"));
        item.appendChild(link);
      } else {
        item.appendChild(document.createTextNode(source.title));
      }
      item.appendChild(make("span", "origin", source.publisher + (source.date ? " · " + source.date : "")));
      return item;
    }

    function drawSources(sources) {
      const part = make("div", "sources");
      part.appendChild(make("p", "", words.sources));
      const list = part.appendChild(make("ul"));
      sources.forEach(function (source) { list.appendChild(drawSource(source)); });
      return part;
    }

    function drawArticlePage(slug) {
      const part = make("p", "article-page");
      part.appendChild(make("a", "", words.articlePage)).href = "/a/" + encodeURIComponent(slug) + sizeQuery();
      return part;
    }

    function markUsed(part, token) {
      part.querySelectorAll("button").forEach(function (button) {
        button.setAttribute("aria-disabled", "true");
        if (button.value !== token) return;
        button.classList.add("chosen");
        button.setAttribute("aria-pressed", "true");
      });
    }

    function drawChoices(entry) {
      const part = make("div", "choices");
      entry.reply.choices.forEach(function (choices) {
        const row = part.appendChild(make("div", "row"));
        choices.forEach(function (choice) {
          const button = makeButton(choice.label, function () {
            if (isHeldUp(choice.token) || button.getAttribute("aria-disabled")) return;
            if (isUsedUp(choice.token)) {
              entry.used = choice.token;
              markUsed(part, choice.token);
            }
            ask({ pressed: choice.token, label: choice.label });
          });
          button.value = choice.token;
          row.appendChild(button);
        });
      });
      if (entry.used) markUsed(part, entry.used);
      return part;
    }

    function drawReply(entry) {
      const reply = entry.reply;
      const part = make("section", "reply tone-" + reply.tone);
      part.lang = reply.language;
      drawSpans(part.appendChild(make("h2", "headline")), reply.lines[0]);
      if (reply.lines.length > 1) part.appendChild(drawBody(reply.lines.slice(1)));
      // What to do next comes before where it is from: "I have already paid" must not be below the fold.
      if (reply.choices.length) part.appendChild(drawChoices(entry));
      if (reply.article) part.appendChild(drawArticlePage(reply.article));
      if (reply.sources.length) part.appendChild(drawSources(reply.sources));
      return part;
    }

    function drawFolding(part, said) {
      said.classList.add("folded");
      const button = part.appendChild(makeButton(words.expand, function () {
        const folded = said.classList.toggle("folded");
        button.textContent = folded ? words.expand : words.fold;
        button.setAttribute("aria-expanded", String(!folded));
      }));
      button.setAttribute("aria-expanded", "false");
    }

    function drawQuestion(entry) {
      const part = make("section", "you");
      part.appendChild(make("p", "who", words.you));
      const written = entry.text === undefined ? entry.label : entry.text;
      const said = part.appendChild(make("p", "said", written));
      if (written.length > FOLD_LENGTH || written.split("\n").length > 8) drawFolding(part, said);
      return part;
    }

    function drawTrouble(entry, part) {
      const trouble = part.appendChild(make("div", "trouble"));
      trouble.appendChild(make("p", "problem", entry.problem));
      const actions = trouble.appendChild(make("div", "actions"));
      actions.appendChild(makeButton(words.resend, function () {
        trouble.remove();
        deliver(entry, part);
        focusText();
      }));
      if (entry.text === undefined) return;
      actions.appendChild(makeButton(words.edit, function () {
        entries = entries.filter(function (other) { return other !== entry; });
        part.remove();
        keep();
        setDraft(entry.text + (text.value ? "\n" + text.value : ""), entry.forwarded);
        text.focus();
      }));
    }

    function draw(entry) {
      if (entry.notice) return log.appendChild(drawReply(entry));
      const question = log.appendChild(drawQuestion(entry));
      if (entry.state === "done") log.appendChild(drawReply(entry));
      if (entry.state === "failed") drawTrouble(entry, question);
      return question;
    }

    /* Asking. */

    async function post(entry) {
      const body = { id: entry.id };
      if (entry.text === undefined) body.pressed = entry.pressed;
      else body.text = entry.text;
      if (entry.forwarded) body.forwarded = true;
      const patience = new AbortController();
      const timer = setTimeout(function () { patience.abort(); }, GIVE_UP_AFTER);
      try {
        const response = await fetch("/chat/messages", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
          signal: patience.signal,
        });
        const answer = await response.json().catch(function (error) {
          if (response.ok) throw error;
          return {}; // a proxy's own error page
        });
        return response.ok
          ? { reply: answer }
          : { problem: answer.error || words.broken, isGone: response.status === 410 };
      } catch (error) {
        return { problem: patience.signal.aborted ? words.unanswered : words.offline };
      } finally {
        clearTimeout(timer);
      }
    }

    async function deliver(entry, question) {
      const turn = ++sent;
      busy += 1;
      entry.state = "waiting";
      entry.problem = "";
      keep();
      const timer = setTimeout(function () {
        waiting.textContent = waiting.dataset.words;
        waiting.scrollIntoView({ block: "nearest" });
      }, SHOW_WAITING_AFTER);
      const outcome = await post(entry);
      clearTimeout(timer);
      busy -= 1;
      if (!busy) waiting.textContent = "";
      if (entries.indexOf(entry) < 0) return; // forgotten meanwhile
      const isLate = turn < read; // then something newer is being read: first aid, perhaps
      if (outcome.reply) {
        entry.state = "done";
        entry.reply = outcome.reply;
        const reply = drawReply(entry);
        // After its own question, also when that one was sent again later.
        log.insertBefore(reply, question.nextSibling);
        if (outcome.reply.forgotten) forgetBefore(entry, question);
        // The headline first; a long answer is read from its beginning.
        const start = question.offsetHeight < window.innerHeight / 4 ? question : reply;
        if (!isLate) start.scrollIntoView({ block: "start" });
        read = Math.max(read, turn);
      } else {
        entry.state = "failed";
        entry.problem = outcome.problem;
        if (outcome.isGone) entry.id = newId(); // sent again, it is asked anew
        drawTrouble(entry, question);
        if (!isLate) question.scrollIntoView({ block: "nearest" });
      }
      keep();
    }

    // Of a resident who was forgotten nothing stays here either, but what was asked since.
    function forgetBefore(entry, question) {
      entries = entries.slice(entries.indexOf(entry));
      while (question.previousSibling) question.previousSibling.remove();
      setDraft("", false);
    }

    function ask(what) {
      const entry = Object.assign({ id: newId() }, what);
      entries.push(entry);
      const question = draw(entry);
      question.scrollIntoView({ block: "nearest" });
      deliver(entry, question);
    }

    function submit() {
      if (!text.value.trim()) {
        text.focus();
        return;
      }
      ask({ text: text.value.trim(), forwarded: forwarded.checked });
      setDraft("", false);
      if (onTouch) text.blur();
    }

    /* What there is to tell about earlier questions. */

    function tell(replies) {
      replies.forEach(function (reply) {
        const entry = { id: newId(), notice: true, state: "done", reply: reply };
        entries.push(entry);
        draw(entry);
      });
      if (replies.length) keep();
    }

    // Those the server drew join the conversation, where they stay until it is cleared.
    function adoptNotices() {
      const drawn = document.getElementById("notices");
      if (!drawn) return;
      tell(JSON.parse(drawn.dataset.replies));
      drawn.remove();
    }

    async function look() {
      if (document.visibilityState !== "visible" || busy) return;
      try {
        const response = await fetch("/chat/notices", { method: "POST" });
        if (response.ok) tell((await response.json()).replies);
      } catch (error) { /* offline; they wait */ }
    }

    /* Restoring, after a reload or a change of language. */

    function restore() {
      try {
        const draft = JSON.parse(load("sessionStorage", DRAFT_KEY) || "{}");
        if (draft.text && !text.value) setDraft(draft.text, Boolean(draft.forwarded));
        entries = JSON.parse(load("sessionStorage", LOG_KEY) || "[]");
        entries.forEach(function (entry) {
          const question = draw(entry);
          // Asked again by itself: the same id, so it is the same message and cannot be asked twice.
          if (entry.state === "waiting") deliver(entry, question);
        });
      } catch (error) {
        entries = []; // kept by another version of this page
      }
      adoptNotices();
      clear.hidden = entries.length === 0;
      if (log.lastElementChild) log.lastElementChild.scrollIntoView({ block: "nearest" });
    }

    /* Wiring. */

    composer.addEventListener("submit", function (event) {
      event.preventDefault();
      submit();
    });
    text.addEventListener("keydown", function (event) {
      // While an input method is composing, Enter picks a word (229: Safari says it only this way).
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      submit();
    });
    text.addEventListener("input", function () { grow(); keepDraft(); });
    text.addEventListener("paste", function (event) {
      const pasted = event.clipboardData ? event.clipboardData.getData("text") : "";
      if (pasted.length >= FORWARD_LENGTH) forwarded.checked = true;
    });
    forwarded.addEventListener("change", keepDraft);

    // Examples, records, and buttons of an answer the server drew.
    document.addEventListener("click", function (event) {
      const button = event.target.closest("form:not(#composer) button[value]");
      if (!button || button.name === "language") return;
      event.preventDefault();
      if (isHeldUp(button.value)) return;
      if (button.name === "text") ask({ text: button.value });
      else ask({ pressed: button.value, label: button.textContent });
    });

    clear.addEventListener("click", function () {
      if (busy) return;
      entries = [];
      while (log.firstChild) log.firstChild.remove();
      keep();
      window.scrollTo(0, 0);
      focusText();
    });

    function showSize() {
      larger.setAttribute("aria-pressed", String(root.dataset.size === "large"));
      keepSize();
      grow();
    }
    larger.hidden = false;
    larger.addEventListener("click", function () {
      const large = root.dataset.size === "large";
      if (large) delete root.dataset.size;
      else root.dataset.size = "large";
      save("localStorage", SIZE_KEY, large ? "" : "large");
      window.history.replaceState(null, "", window.location.pathname); // what the address said holds no longer
      showSize();
    });

    restore();
    showSize();
    setInterval(look, LOOK_EVERY);
  });
})();

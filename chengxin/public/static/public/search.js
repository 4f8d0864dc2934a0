// The search page: proves a moment of work, asks, and puts the answer into the page. Without it the form still takes
// a full unified social credit code. All words come from the page.
"use strict";

(function () {
  const area = document.getElementById("search");
  if (!area || !window.fetch || !window.Worker || !window.DOMParser) return;
  const form = area.querySelector("form");
  const status = document.getElementById("status");
  const said = area.dataset;
  const FRESH = 240000; // milliseconds that a solution stays good for, a minute less than the server says
  let solution = null;
  let solvedAt = 0;
  let asking = 0;

  function solve() {
    if (solution && Date.now() - solvedAt < FRESH) return solution;
    solvedAt = Date.now();
    solution = fetch(said.challenge, { cache: "no-store" })
      .then(function (answer) {
        if (!answer.ok) throw new Error(String(answer.status));
        return answer.json();
      })
      .then(function (challenge) {
        return new Promise(function (resolve, reject) {
          const worker = new Worker(said.solver);
          worker.onerror = function () { worker.terminate(); reject(new Error("solver")); };
          worker.onmessage = function (event) {
            worker.terminate();
            if (event.data) resolve(btoa(JSON.stringify({ challenge: challenge, solution: event.data })));
            else reject(new Error("unsolved"));
          };
          worker.postMessage(challenge);
        });
      });
    solution.catch(function () { solution = null; });
    return solution;
  }

  function show(html, focus) {
    const found = document.getElementById("found");
    found.innerHTML = html;
    const heading = found.querySelector("h2");
    if (heading && focus) {
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
      heading.scrollIntoView({ block: "start" });
    }
  }

  // One form is read at a time; whoever comes meanwhile is told how soon to come again.
  function post(send, body, tries) {
    return fetch(send, { method: "POST", body: body, cache: "no-store" }).then(function (answer) {
      const wait = Number(answer.headers.get("Retry-After"));
      if (answer.status !== 503 || !wait || tries < 2) return answer;
      return new Promise(function (resolve) { setTimeout(resolve, wait * 1000 * Math.random()); }).then(function () {
        return post(send, body, tries - 1);
      });
    });
  }

  function ask(fields, send) {
    const number = ++asking;
    area.setAttribute("aria-busy", "true");
    // A pass spares the proof: further pages of the same answers.
    const proof = fields.get("pass") ? Promise.resolve("") : solve();
    status.className = "";
    status.textContent = fields.get("pass") ? said.looking : said.proving;
    proof
      .then(function (payload) {
        if (payload) { fields.set("altcha", payload); solution = null; }
        status.textContent = said.looking;
        return post(send, new URLSearchParams(fields), 3);
      })
      .then(function (answer) { return answer.text(); })
      .then(function (text) {
        if (number !== asking) return;
        const found = new DOMParser().parseFromString(text, "text/html").getElementById("found");
        if (!found) throw new Error("no answer");
        show(found.innerHTML, true);
        // Said to who listens; who looks has it before his eyes.
        status.className = "unseen";
        status.textContent = found.dataset.says || "";
        // The way back from a business leads to its list; kept in this tab's history alone.
        history.replaceState({ typed: fields.get("q"), found: found.innerHTML }, "");
      })
      .catch(function () { if (number === asking) status.textContent = said.failed; })
      .then(function () { if (number === asking) area.removeAttribute("aria-busy"); });
  }

  area.addEventListener("submit", function (event) {
    event.preventDefault();
    const fields = new FormData(event.target);
    const button = event.submitter;
    if (button && button.name) fields.set(button.name, button.value);
    ask(fields, event.target.getAttribute("action"));
  });
  // The work begins with the first letter, so that most people never wait for it.
  form.addEventListener("input", function () { solve().catch(function () {}); }, { once: true });

  if (history.state && history.state.found) {
    form.elements.q.value = history.state.typed || "";
    show(history.state.found, false);
  }
})();

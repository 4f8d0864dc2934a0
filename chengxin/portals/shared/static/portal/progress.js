// How far a print job is: looks again every second, and shows the page anew when it is over. Without it the page does so.
"use strict";

(() => {
  const EVERY = 1000; // milliseconds between two looks
  const PATIENCE = 5; // looks in vain before somebody is told

  const sheet = document.querySelector("[data-progress]");
  if (!sheet) return;
  const bar = sheet.querySelector("progress");
  const words = sheet.querySelector(".doing");
  const told = sheet.querySelector("[aria-live]");
  let tenth = -1;
  let missed = 0;

  async function look() {
    try {
      const answer = await fetch(sheet.dataset.progress, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.status);
      const said = await answer.json();
      missed = 0;
      if (said.over) {
        location.reload();
        return;
      }
      bar.max = said.total;
      bar.value = said.done;
      words.textContent = said.done ? `正在印制：已完成 ${said.done} / ${said.total} 个` : "排队中，马上开始…";
      // A reader of the screen is told at each tenth, not every second.
      const now = Math.floor((10 * said.done) / said.total);
      if (now !== tenth) {
        tenth = now;
        told.textContent = words.textContent;
      }
    } catch {
      missed += 1;
      if (missed === PATIENCE) words.textContent = "连不上服务器，正在重试；印制没有中断。";
    }
    setTimeout(look, EVERY);
  }

  setTimeout(look, EVERY);
})();

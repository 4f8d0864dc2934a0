// Helps to hand in a file where scripts run: takes one that is dropped, shows how much of it is sent, and then how many
// rows are read. Without it the form works all the same, and the page of a batch looks again by itself.
"use strict";

(() => {
  const EVERY = 1000; // milliseconds between two looks at how far a batch has come
  const PATIENCE = 5; // looks in vain before somebody is told

  const bytes = (count) => {
    const units = ["字节", "KB", "MB", "GB"];
    let unit = 0;
    while (count >= 1024 && unit < 3) {
      count /= 1024;
      unit += 1;
    }
    return `${unit ? count.toFixed(1) : count} ${units[unit]}`;
  };

  // A reader of the screen is told at each tenth, not every second.
  function teller(place) {
    let told = -1;
    return (share, words) => {
      const tenth = Math.floor(share * 10);
      if (tenth === told) return;
      told = tenth;
      place.textContent = words;
    };
  }

  // ---- Handing in --------------------------------------------------------------------------------------------------

  function send(form) {
    const file = form.querySelector("input[type=file]");
    const button = form.querySelector("button[type=submit]");
    const line = form.querySelector(".sending");
    const bar = line.querySelector("progress");
    const words = line.querySelector(".doing");
    const stop = line.querySelector("button");
    const drop = form.querySelector(".drop");
    const chosen = form.querySelector(".chosen");
    const limit = Number(form.dataset.limit);

    const summary = document.querySelector("#summary");

    function complain(faults) {
      summary.replaceChildren();
      const list = document.createElement("ul");
      for (const [name, sentence] of Object.entries(faults)) {
        const item = document.createElement("li");
        const field = document.getElementById(name);
        const text = document.createElement(field ? "a" : "span");
        if (field) text.href = `#${name}`;
        text.textContent = sentence;
        item.append(text);
        list.append(item);
      }
      const title = document.createElement("b");
      title.textContent = "还没有报送：";
      summary.append(title, list);
      summary.hidden = false;
      summary.focus();
    }

    function rest() {
      line.hidden = true;
      drop.hidden = false;
      button.disabled = false;
    }

    function show() {
      const one = file.files[0];
      if (one) {
        // What the page said of the file before is done with.
        form.querySelector("#file-fault")?.remove();
        file.classList.remove("is-invalid");
        file.removeAttribute("aria-invalid");
        file.setAttribute("aria-describedby", "file-hint");
      }
      chosen.textContent = one ? `${one.name}（${bytes(one.size)}）` : "";
      if (one && one.size > limit) {
        complain({ file: `这份文件有 ${bytes(one.size)}，超过了 ${bytes(limit)} 的上限。请拆成几份报送。` });
      } else summary.hidden = true;
    }

    function sent(request, whole) {
      let answer = null;
      try {
        answer = JSON.parse(request.responseText);
      } catch {
        // Not ours: told below.
      }
      if (answer && answer.to) {
        location.assign(answer.to);
        return;
      }
      rest();
      if (answer && answer.faults) complain(answer.faults);
      else if (request.status === 413) complain({ file: `这份文件超过了 ${bytes(limit)} 的上限。请拆成几份报送。` });
      else if (request.responseURL && !request.responseURL.startsWith(form.action)) {
        complain({ file: "登录已经过期，什么都没有收下。请重新登录后再传一次。" });
      } else if (request.status === 403) {
        complain({ file: "这一页打开得太久了，或者登录已经过期。请刷新页面，再传一次。" });
      } else if (whole) complain({ file: "服务器出了问题，什么都没有收下。请过一会儿再传一次。" });
      else complain({ file: "网络断了，文件没有传完，什么都没有收下。请再传一次。" });
    }

    form.addEventListener("submit", (event) => {
      const one = file.files[0];
      if (!one || one.size > limit) return; // the page says what is missing; what is too large was told
      event.preventDefault();
      summary.hidden = true;
      const request = new XMLHttpRequest();
      const tell = teller(line.querySelector("[aria-live]"));
      request.open("POST", form.action);
      request.setRequestHeader("Accept", "application/json");
      request.upload.addEventListener("progress", (how) => {
        if (!how.lengthComputable) return;
        const share = how.loaded / how.total;
        bar.value = share * 100;
        words.textContent =
          share < 1
            ? `正在上传：${bytes(how.loaded)}，共 ${bytes(how.total)}（${Math.floor(share * 100)}%）`
            : "已全部传到，正在核对是否完整…";
        tell(share, words.textContent);
      });
      request.addEventListener("load", () => sent(request, true));
      request.addEventListener("error", () => sent(request, false));
      request.addEventListener("abort", () => {
        rest();
        complain({ file: "已停止上传，什么都没有收下。" });
      });
      stop.onclick = () => request.abort();
      button.disabled = true;
      drop.hidden = true;
      line.hidden = false;
      bar.value = 0;
      words.textContent = "正在连接…";
      request.send(new FormData(form));
      stop.focus();
    });

    file.addEventListener("change", show);
    for (const name of ["dragenter", "dragover"]) {
      drop.addEventListener(name, (event) => {
        event.preventDefault();
        drop.classList.add("over");
      });
    }
    for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      const { files } = event.dataTransfer;
      if (files.length > 1) {
        complain({ file: `拖进来了 ${files.length} 份文件。请一份一份报送。` });
        return;
      }
      file.files = files;
      show();
    });
    // A page that comes back from the browser's memory has no upload under way.
    addEventListener("pageshow", (event) => event.persisted && rest());
    // A file dropped beside the frame would otherwise be opened in the place of this page.
    for (const name of ["dragover", "drop"]) addEventListener(name, (event) => event.preventDefault());
    show();
  }

  // ---- Waiting for the check ---------------------------------------------------------------------------------------

  function watch(place) {
    const bar = place.querySelector("progress");
    const words = place.querySelector(".doing");
    const tell = teller(place.querySelector("[aria-live]"));
    let missed = 0;

    async function look() {
      try {
        const answer = await fetch(place.dataset.progress, { headers: { Accept: "application/json" }, cache: "no-store" });
        if (!answer.ok || answer.redirected) {
          location.reload(); // signed out, or no longer ours to see: the page itself says which
          return;
        }
        const how = await answer.json();
        missed = 0;
        if (!how.working) {
          location.reload();
          return;
        }
        words.textContent = how.words;
        if (how.share === null) bar.removeAttribute("value");
        else bar.value = how.share * 100;
        tell(how.share ?? 0, how.words);
      } catch {
        missed += 1;
        if (missed === PATIENCE) words.textContent = "暂时连不上服务器。处理不会中断，连上后会继续显示。";
      }
      setTimeout(look, EVERY);
    }
    setTimeout(look, EVERY);
  }

  const form = document.querySelector("form[data-upload]");
  if (form) send(form);
  const working = document.querySelector("[data-progress]");
  if (working) watch(working);
})();

// Helps to hand in papers where scripts run: says at once which is too large, and shows how much of them is sent. Without it
// the form works all the same.
"use strict";

(() => {
  const megabytes = (count) => `${(count / 1e6).toFixed(1)} MB`;

  function ready(form) {
    const button = form.querySelector("button.btn-primary");
    const line = form.querySelector(".sending");
    const bar = line.querySelector("progress");
    const words = line.querySelector(".doing");
    const limit = Number(form.dataset.limit);
    const fields = [...form.querySelectorAll("input[type=file]")];

    function complain(sentence) {
      line.hidden = false;
      bar.hidden = true;
      words.textContent = sentence;
      button.disabled = false;
    }

    function check() {
      const large = fields.flatMap((field) => [...field.files]).find((file) => file.size > limit);
      if (large) complain(`“${large.name}”有 ${megabytes(large.size)}，超过了 ${megabytes(limit)}；请压缩，或重新拍一张。`);
      else line.hidden = true;
      return !large;
    }

    // The answer is either another page, or this one with what is wrong: its main part takes the place of ours.
    function answered(request) {
      if (request.responseURL && request.responseURL.split("#")[0] !== form.action.split("#")[0]) {
        location.assign(request.responseURL);
        return;
      }
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      const theirs = page.querySelector("main");
      if (!theirs) {
        complain("服务器出了问题，什么都没有收下。请过一会儿再传一次。");
        return;
      }
      const ours = document.querySelector("main");
      ours.replaceChildren(...theirs.children);
      ours.querySelectorAll("form[data-papers]").forEach(ready);
      (ours.querySelector("[role=alert]") || ours).scrollIntoView({ block: "center" });
      (ours.querySelector("[aria-invalid]") || ours).focus();
    }

    form.addEventListener("submit", (event) => {
      if (!check()) {
        event.preventDefault();
        return;
      }
      if (!fields.some((field) => field.files.length)) return; // the page says what is missing
      event.preventDefault();
      const request = new XMLHttpRequest();
      request.open("POST", form.action);
      request.upload.addEventListener("progress", (how) => {
        if (!how.lengthComputable) return;
        const share = how.loaded / how.total;
        bar.value = share * 100;
        words.textContent = share < 1 ? `正在上传：${Math.floor(share * 100)}%` : "已传到，正在检查文件…";
      });
      request.addEventListener("load", () => answered(request));
      request.addEventListener("error", () => complain("网络断了，什么都没有收下。请再传一次。"));
      button.disabled = true;
      line.hidden = false;
      bar.hidden = false;
      bar.value = 0;
      words.textContent = "正在连接…";
      request.send(new FormData(form));
    });
    for (const field of fields) field.addEventListener("change", check);
    addEventListener("pageshow", (event) => {
      if (event.persisted) {
        button.disabled = false;
        line.hidden = true;
      }
    });
  }

  document.querySelectorAll("form[data-papers]").forEach(ready);
})();

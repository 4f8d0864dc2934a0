// 通行密钥: a form whose button first asks the telephone or computer, and sends what it answers.
"use strict";
for (const form of document.querySelectorAll("form[data-passkey]")) {
  const told = form.querySelector("[data-passkey-told]");
  const button = form.querySelector("button");
  const say = (sentence) => {
    told.textContent = sentence;
    told.hidden = false;
  };
  const is_able = window.webauthnJSON && window.webauthnJSON.supported();
  if (!window.isSecureContext || window.location.hostname !== form.dataset.host || !is_able) {
    // Plain http, an address of numbers, an old browser: the button would only fail.
    button.disabled = true;
    say(is_able ? "通行密钥只能在本站的 https 网址下使用，这里用不了。" : "这里的浏览器用不了通行密钥。");
    continue;
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    say("请按手机或电脑的提示操作…");
    try {
      const answer = await fetch(form.dataset.options, { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) {
        window.location.reload();
        return;
      }
      const credential = await window.webauthnJSON[form.dataset.passkey](await answer.json());
      form.elements.credential.value = JSON.stringify(credential);
      form.submit();
    } catch (trouble) {
      button.disabled = false;
      say(trouble.name === "InvalidStateError" ? "这个设备已经设过了。" : "没有完成，可以再试一次，或换一种方式。");
    }
  });
}

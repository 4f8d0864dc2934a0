// Fills in where the phone is, when somebody asks for it. Without it the coordinates are typed.
"use strict";

(() => {
  const WHY = { 1: "没有得到定位的许可：请在浏览器里允许，或者手工填写。", 2: "手机现在定不了位：请到室外再试，或者手工填写。", 3: "定位用的时间太长：请再试一次，或者手工填写。" };
  for (const group of document.querySelectorAll("[data-point]")) {
    const line = group.querySelector(".locate");
    const told = line.querySelector("[aria-live]");
    const [lat, lon] = ["lat", "lon"].map((name) => group.querySelector(`[name=${name}]`));
    const by = group.querySelector("[name=pointed_by]");
    const county = group.querySelector("[name=county]");
    const exactly = () => { if (county) county.checked = false; };
    // One or the other: a county's middle, or a point.
    if (county) county.addEventListener("change", () => { if (county.checked) lat.value = lon.value = by.value = ""; });
    for (const field of [lat, lon]) field.addEventListener("input", () => { by.value = ""; exactly(); });
    if (!navigator.geolocation) continue;
    line.hidden = false;
    line.querySelector("button").addEventListener("click", () => {
      told.textContent = "正在定位…";
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          lat.value = coords.latitude.toFixed(6);
          lon.value = coords.longitude.toFixed(6);
          by.value = "phone";
          exactly();
          told.textContent = `已定位，误差约 ${Math.round(coords.accuracy)} 米。同意记录请勾选下面一项。`;
        },
        (error) => { told.textContent = WHY[error.code] || WHY[2]; },
        { enableHighAccuracy: true, timeout: 20000, maximumAge: 0 },
      );
    });
  }
})();

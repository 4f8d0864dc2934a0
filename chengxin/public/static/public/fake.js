// Helps to report a fake code where scripts run: makes the photo small before it is sent, asks for the place when told
// to, shows how far the sending is, and loses nothing when the network does. Without it the form works all the same.
"use strict";

(() => {
  const SIDE = 1600; // as inbox/fakes.py; larger is made smaller by the server anyway
  const TRIES = 5;
  let photo = null; // outlives a page that comes back with something to mend: browsers empty their file fields

  const form = () => document.querySelector("form.report-fake");
  const within = (selector) => form().querySelector(selector);
  const say = (selector, words) => {
    within(selector).textContent = words;
  };

  async function shrunk(file) {
    // "from-image": upright, as the telephone shows it; what EXIF says is not in a canvas.
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    const paper = canvas.getContext("2d");
    paper.fillStyle = "#fff";
    paper.fillRect(0, 0, canvas.width, canvas.height);
    paper.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    return new Promise((done, failed) => {
      canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("no picture"))), "image/jpeg", 0.82);
    });
  }

  function showPhoto() {
    const chosen = within(".chosen");
    const image = chosen.querySelector("img");
    if (image.src) URL.revokeObjectURL(image.src);
    if (photo) image.src = URL.createObjectURL(photo);
    else image.removeAttribute("src");
    chosen.hidden = !photo;
  }

  async function choosePhoto(field) {
    const words = form().dataset;
    const file = field.files[0];
    if (!file) return;
    say(".photo-status", words.shrinking);
    try {
      photo = await shrunk(file);
      say(".photo-status", words.shrunk);
    } catch {
      photo = null;
      field.value = "";
      say(".photo-status", words.unreadable);
    }
    showPhoto();
  }

  function dropPhoto() {
    photo = null;
    within("#photo").value = "";
    say(".photo-status", "");
    showPhoto();
    within("#photo").focus();
  }

  function placed(lat, lon) {
    within("[name=lat]").value = lat;
    within("[name=lon]").value = lon;
    within(".unlocate").hidden = !lat;
    within(".locate").hidden = Boolean(lat);
  }

  function locate() {
    const words = form().dataset;
    say(".point .status", words.locating);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        placed(coords.latitude.toFixed(4), coords.longitude.toFixed(4));
        say(".point .status", words.located);
        within(".unlocate").focus();
      },
      () => say(".point .status", words.lost),
      { enableHighAccuracy: true, timeout: 20000, maximumAge: 60000 },
    );
  }

  // A page of ours came back: its main part takes the place of this one's. Of a proxy's own page nothing does.
  function show(page) {
    document.querySelector("main").replaceWith(page.querySelector("main"));
    document.title = page.title;
    if (form()) {
      if (photo) document.querySelectorAll(".again").forEach((one) => one.remove());
      begin();
    }
    const first = document.querySelector(".sorry a") || document.querySelector("main h1");
    first.focus();
    first.scrollIntoView({ block: "center" });
  }

  function send(tries) {
    const words = form().dataset;
    const progress = within(".progress");
    const button = within(".send");
    const told = new FormData(form());
    if (photo) told.set("photo", photo, "photo.jpg");
    const request = new XMLHttpRequest();
    const failed = () => {
      button.disabled = false;
      progress.hidden = true;
      say(".send ~ .status", words.failed);
    };
    button.disabled = true;
    progress.hidden = false;
    progress.value = 0;
    say(".send ~ .status", words.sending);
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) progress.value = Math.round((event.loaded / event.total) * 100);
    });
    request.addEventListener("error", failed);
    request.addEventListener("timeout", failed);
    request.addEventListener("load", () => {
      const wait = Number(request.getResponseHeader("Retry-After"));
      if (request.status === 503 && wait && tries > 1) {
        say(".send ~ .status", words.busy);
        setTimeout(() => send(tries - 1), wait * 1000);
        return;
      }
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      if (page.querySelector("main.fake")) show(page);
      else failed();
    });
    request.open("POST", form().action);
    request.timeout = 120000;
    request.send(told);
  }

  function begin() {
    within("#photo").addEventListener("change", (event) => choosePhoto(event.target));
    within(".unchoose").addEventListener("click", dropPhoto);
    if (navigator.geolocation) {
      within(".point").hidden = false;
      within(".locate").addEventListener("click", locate);
      within(".unlocate").addEventListener("click", () => {
        placed("", "");
        say(".point .status", "");
        within(".locate").focus();
      });
      if (within("[name=lat]").value) placed(within("[name=lat]").value, within("[name=lon]").value);
    }
    form().addEventListener("submit", (event) => {
      event.preventDefault();
      send(TRIES);
    });
    showPhoto();
  }

  if (form()) begin();
})();

// The counter: reads a code with the camera where the browser has a detector of its own, and makes a
// photo small before it is sent. Every form works without this file.
"use strict";
(() => {
  const LONGEST = 1600;
  const form = document.querySelector("[data-scan-form]");
  const photo = document.querySelector("[data-photo-form]");

  // After a wrong code the next scan takes its place; one that was faster than this file stays whole.
  const code = form?.elements.code;
  if (code && code.value === code.defaultValue) code.select();

  const shrink = async (input) => {
    const picture = await createImageBitmap(input.files[0]);
    const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    const files = new DataTransfer();
    files.items.add(new File([blob], "photo.jpg", { type: "image/jpeg" }));
    input.files = files.files;
  };

  photo?.addEventListener("change", async ({ target }) => {
    if (!target.files?.length) return;
    try {
      await shrink(target);
    } catch {
      // The server reads it as it is, or says why not.
    }
    photo.requestSubmit();
  });

  const start = form?.querySelector("[data-scan]");
  if (!start || !("BarcodeDetector" in window) || !navigator.mediaDevices) return;
  const camera = form.querySelector("[data-camera]");
  const video = camera.querySelector("video");
  const status = form.querySelector("[data-scan-status]");
  let stream = null;
  start.hidden = false;

  const stop = () => {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    camera.hidden = true;
    start.hidden = false;
    start.focus();
  };

  const look = async (detector) => {
    if (!stream) return;
    const [found] = await detector.detect(video).catch(() => []);
    if (!found) return setTimeout(look, 150, detector);
    stop();
    form.elements.code.value = found.rawValue;
    form.requestSubmit();
  };

  start.addEventListener("click", async () => {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      status.textContent = status.dataset.none;
      return;
    }
    video.srcObject = stream;
    camera.hidden = false;
    start.hidden = true;
    video.play().catch(() => {});
    look(new BarcodeDetector());
  });
  form.querySelector("[data-scan-stop]").addEventListener("click", stop);
})();

// Sends a file in parts, each small enough for any server in between. Without this file the form
// sends it at once, up to what one request may bring.
"use strict";
(() => {
  const form = document.querySelector("form[data-parts]");
  const PART = 512 * 1024;
  const bar = form.querySelector("progress");
  const problem = form.querySelector("[data-problem]");

  const send = async (file, start, fileId) => {
    const body = new FormData();
    body.set("csrf_token", form.elements.csrf_token.value);
    body.set("name", file.name);
    body.set("file_id", fileId);
    body.set("part", file.slice(start, start + PART), "part");
    if (start + PART >= file.size) body.set("is_last", "y");
    const answer = await fetch(form.dataset.parts, { method: "POST", body });
    return answer.json();
  };

  form.addEventListener("submit", async (event) => {
    const file = form.elements.file.files[0];
    if (!file || !file.size) return;
    event.preventDefault();
    const button = form.querySelector("button[type=submit]");
    button.disabled = true;
    bar.hidden = false;
    problem.hidden = true;
    let fileId = "";
    try {
      for (let start = 0; start < file.size; start += PART) {
        const answer = await send(file, start, fileId);
        if (answer.href) return location.assign(answer.href);
        if (answer.problem) throw new Error(answer.problem);
        fileId = answer.file_id;
        bar.value = (100 * (start + PART)) / file.size;
      }
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
      bar.hidden = true;
      button.disabled = false;
    }
  });
})();

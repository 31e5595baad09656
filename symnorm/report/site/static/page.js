"use strict";
// What a page does beyond being read: light or dark, copying programs, filtering the list of claims.

const theme = document.getElementById("theme");
theme.hidden = false;
theme.addEventListener("click", () => {
  const root = document.documentElement;
  const now = root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  root.dataset.theme = now === "dark" ? "light" : "dark";
  try {
    localStorage.setItem("symnorm-theme", root.dataset.theme);
  } catch { /* nothing is kept for this page */ }
});

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function select(node) {
  const range = document.createRange();
  range.selectNodeContents(node);
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}

for (const button of document.querySelectorAll("button.copy")) {
  const label = button.firstChild;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const code = button.nextElementSibling;
    // where a page may not write to the clipboard, the text is selected, ready for the keyboard
    if (await copied(code.textContent)) label.data = "copied";
    else {
      select(code);
      label.data = "selected";
    }
    setTimeout(() => { label.data = "copy"; }, 1500);
  });
}

const form = document.getElementById("filters");
if (form) {
  const rows = [...document.querySelectorAll("#list > li")];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const selects = [...form.querySelectorAll("select")];
  const count = document.getElementById("count");

  function filter() {
    const words = form.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, at) => {
      const fits = words.every((word) => texts[at].includes(word))
        && selects.every((one) => !one.value || row.dataset[one.name] === one.value);
      row.hidden = !fits;
      shown += fits;
    });
    count.value = `${shown} of ${rows.length}`;
  }

  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  filter();
}

"use strict";
// Light or dark as chosen last, before anything is drawn. A browser that keeps nothing follows the system.
try {
  const chosen = localStorage.getItem("symnorm-theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch { /* nothing is kept for this page */ }

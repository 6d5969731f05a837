/* Small comforts; every page works without them. */
(() => {
  "use strict";

  const copy = (button) => {
    const source = document.getElementById(button.dataset.wpCopy);
    const text = source.textContent.replace(/\s/g, "");
    navigator.clipboard.writeText(text).then(() => {
      const label = button.textContent;
      button.textContent = button.dataset.wpCopied;
      setTimeout(() => { button.textContent = label; }, 2000);
    });
  };

  if (navigator.clipboard) {
    for (const button of document.querySelectorAll("[data-wp-copy]")) {
      button.hidden = false;
      button.addEventListener("click", () => copy(button));
    }
  }

  /* Whoever writes another amount has chosen it. */
  for (const amount of document.querySelectorAll('[name="pay-amount"]')) {
    const other = amount.form.querySelector('[name="pay-choice"][value="other"]');
    amount.addEventListener("input", () => { if (amount.value && other) other.checked = true; });
  }

  /* One press, one request; coming back with the browser's button makes it ready again. */
  for (const form of document.querySelectorAll("[data-wp-once]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.wpSent) event.preventDefault();
      form.dataset.wpSent = "yes";
    });
  }
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("[data-wp-once]")) delete form.dataset.wpSent;
  });
})();

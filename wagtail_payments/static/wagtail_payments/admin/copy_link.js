/* Copies the customer's link. Without JavaScript the link can be selected in its box. */
(() => {
  "use strict";

  document.querySelectorAll("[data-payments-copy]").forEach((place) => {
    const input = place.querySelector("input");
    const button = place.querySelector("[data-copy]");
    const status = place.querySelector("[data-copy-status]");
    input.addEventListener("focus", () => input.select());
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(input.value);
        status.textContent = button.dataset.done;
      } catch {
        input.focus();
      }
    });
  });
})();

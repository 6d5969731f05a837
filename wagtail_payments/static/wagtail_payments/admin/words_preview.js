/* Draws the letter anew while its words are typed: the button does it too, so nothing is lost without this. */
(() => {
  const form = document.querySelector("[data-wp-words]");
  const button = form?.querySelector("[data-wp-preview]");
  if (!button) return;
  let waiting;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => form.requestSubmit(button), 500);
  });
})();

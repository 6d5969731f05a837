// The form of a seller: shows a colour and its contrast, and the next number, while one types.
// Without this script the same is told when the form is saved.
(function () {
  "use strict";

  function channel(value) {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4);
  }

  // WCAG 2.2: contrast of a colour with white.
  function contrastWithWhite(colour) {
    const red = parseInt(colour.slice(1, 3), 16);
    const green = parseInt(colour.slice(3, 5), 16);
    const blue = parseInt(colour.slice(5, 7), 16);
    const luminance = 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
    return 1.05 / (luminance + 0.05);
  }

  function addSwatch(input) {
    const swatch = document.createElement("output");
    swatch.className = "wp-swatch";
    const sample = document.createElement("span");
    sample.className = "wp-swatch__sample";
    sample.textContent = "Aa";
    const told = document.createElement("span");
    swatch.append(sample, told);
    input.insertAdjacentElement("afterend", swatch);
    function show() {
      const valid = /^#[0-9a-fA-F]{6}$/.test(input.value);
      swatch.hidden = !valid;
      if (!valid) return;
      sample.style.backgroundColor = input.value;
      const contrast = contrastWithWhite(input.value).toFixed(1);
      told.textContent = input.dataset.wpColour.replace("%(contrast)s", contrast);
    }
    input.addEventListener("input", show);
    show();
  }

  function numberOf(pattern, year, sequence) {
    return pattern
      .replace("{year}", year)
      .replace(/\{number(?::0?([1-9]))?\}/, (whole, width) => String(sequence).padStart(Number(width || 0), "0"));
  }

  function addPreview(input) {
    const preview = document.createElement("output");
    preview.className = "wp-next-number";
    input.insertAdjacentElement("afterend", preview);
    const first = document.querySelector("[name=first_invoice_number]:not(:disabled)");
    function show() {
      const own = input.name === "invoice_pattern" && first ? first.value : "";
      preview.textContent = "→ " + numberOf(input.value, input.dataset.wpYear, own || input.dataset.wpNext);
    }
    input.addEventListener("input", show);
    if (first) first.addEventListener("input", show);
  }

  function start() {
    document.querySelectorAll("[data-wp-colour]").forEach(addSwatch);
    document.querySelectorAll("[data-wp-next]").forEach(addPreview);
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();

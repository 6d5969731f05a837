/* The editor of a draft, invoice or quote: totals as one types, lines filled in from the catalogue,
   and only those VAT fields that the chosen category needs. Everything also works by saving. */
(() => {
  "use strict";

  const WAIT = 350;
  const settings = () => document.querySelector("[data-payments-editor]");
  const form = () => document.getElementById("w-editor-form") || document.querySelector("form[data-edit-form]");

  /* Totals ---------------------------------------------------------------------------------- */

  let timer = null;
  let asked = 0;

  function withoutFiles(source) {
    const data = new FormData(source);
    for (const [name, value] of Array.from(data.entries())) {
      if (value instanceof File) data.delete(name);
    }
    return data;
  }

  async function refreshTotals() {
    const place = document.querySelector("[data-payments-totals]");
    const url = settings()?.dataset.totalsUrl;
    if (!place || !url) return;
    const turn = ++asked;
    try {
      const answer = await fetch(url, { method: "POST", body: withoutFiles(form()), credentials: "same-origin" });
      if (!answer.ok || turn !== asked) return;
      const html = (await answer.text()).trim();
      if (html !== place.dataset.shown) {
        place.innerHTML = html;
        place.dataset.shown = html;
      }
    } catch {
      /* Offline: the totals are brought up to date by the next save. */
    }
  }

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(refreshTotals, WAIT);
  }

  /* VAT: a category without VAT has a rate of 0 and a reason ---------------------------------- */

  const fieldOf = (prefix, name) => form()?.querySelector(`[name="${prefix}${name}"]`);
  const wrapperOf = (field) => field?.closest(".w-field__wrapper")?.closest(".w-field-row > *") || field?.closest(".w-field__wrapper");
  const WITHOUT_REASON = new Set(["S", "Z"]);

  function arrangeVat(category, byHand) {
    const prefix = category.name.slice(0, -"vat_category".length);
    const rate = fieldOf(prefix, "vat_rate");
    const reason = fieldOf(prefix, "vat_reason");
    if (!rate || !reason) return;
    const charged = category.value === "S";
    if (byHand && !charged) {
      rate.dataset.before = rate.value;
      rate.value = "0";
    }
    if (byHand && charged && (rate.value === "0" || rate.value === "")) rate.value = rate.dataset.before || settings()?.dataset.usualRate || "";
    if (byHand && WITHOUT_REASON.has(category.value)) reason.value = "";
    wrapperOf(rate)?.toggleAttribute("hidden", !charged);
    wrapperOf(reason)?.toggleAttribute("hidden", WITHOUT_REASON.has(category.value));
  }

  function arrangeAll() {
    document.querySelectorAll('select[name$="vat_category"]').forEach((category) => {
      if (!category.name.includes("__prefix__")) arrangeVat(category, false);
    });
  }

  /* The catalogue fills in a line ------------------------------------------------------------- */

  async function valuesOf(template, chosen) {
    if (!chosen || !template) return {};
    const answer = await fetch(template.replace(/0\/$/, `${encodeURIComponent(chosen)}/`), { credentials: "same-origin" });
    return answer.ok ? answer.json() : {};
  }

  async function fillIn(item) {
    const prefix = item.name.slice(0, -"item".length);
    for (const [name, value] of Object.entries(await valuesOf(settings()?.dataset.itemUrl, item.value))) {
      const field = fieldOf(prefix, name);
      if (!field) continue;
      if (field.type === "checkbox") field.checked = Boolean(value);
      else field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    arrangeAll();
    soon();
  }

  /* The invoice speaks the customer's language */

  async function speakTo(customer) {
    const { language } = await valuesOf(settings()?.dataset.customerUrl, customer.value);
    const field = fieldOf("", "language");
    if (language && field && Array.from(field.options).some((option) => option.value === language)) field.value = language;
  }

  /* A number of days or a date: the one that was typed last counts ------------------------------ */

  const EITHER = { due_days: "due_on", due_on: "due_days", valid_days: "valid_until", valid_until: "valid_days" };

  function oneDate(field) {
    const other = fieldOf("", EITHER[field.name]);
    if (field.value && other) other.value = "";
  }

  document.addEventListener("input", (event) => {
    if (form()?.contains(event.target)) soon();
  });

  document.addEventListener("change", (event) => {
    const field = event.target;
    if (!form()?.contains(field) || !field.name) return;
    if (field.name.endsWith("vat_category")) arrangeVat(field, true);
    if (/^lines-\d+-item$/.test(field.name)) fillIn(field);
    if (field.name === "customer") speakTo(field);
    if (Object.hasOwn(EITHER, field.name)) oneDate(field);
    soon();
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button && form()?.contains(button) && /^id_lines|DELETE|ADD/.test(button.id)) {
      setTimeout(arrangeAll, 50);
      soon();
    }
  });

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", arrangeAll);
  else arrangeAll();
})();

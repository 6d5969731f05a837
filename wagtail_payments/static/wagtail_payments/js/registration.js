/* The form of an event: steppers, the total as it is chosen, a block for each attendee. It works without all this. */
(() => {
  "use strict";

  const form = document.querySelector("[data-wp-register]");
  if (!form) return;
  const language = form.closest("[lang]").lang;
  const digits = Number(form.dataset.wpDigits);
  const unit = 10 ** digits;
  const money = new Intl.NumberFormat(language, {
    style: "currency",
    currency: form.dataset.wpCurrency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  const steppers = [...form.querySelectorAll("[data-wp-ticket]")];
  const wanted = (stepper) => Math.max(0, Math.min(1000, parseInt(stepper.querySelector("input").value, 10) || 0));
  const round = (value) => Math.sign(value) * Math.round(Math.abs(value));

  /* VAT is worked out once per rate, as on the invoice; what is charged is decided by the server. */
  const total = () => {
    const net = new Map();
    let sum = 0;
    for (const stepper of steppers) {
      const amount = wanted(stepper) * Number(stepper.dataset.wpMinor);
      if (stepper.dataset.wpGross) sum += amount;
      else net.set(stepper.dataset.wpRate, (net.get(stepper.dataset.wpRate) || 0) + amount);
    }
    for (const [rate, amount] of net) sum += amount + round((amount * Number(rate)) / 100);
    return sum;
  };

  const amount = form.querySelector("[data-wp-amount]");
  const note = form.querySelector("[data-wp-note]");
  const code = document.getElementById("wp-code");
  const plan = form.querySelector("[data-wp-plan]");
  const showPlan = (sum) => {
    if (!plan) return;
    const deposit = round((sum * Number(plan.dataset.wpDeposit)) / 10000);
    plan.hidden = deposit <= 0 || deposit >= sum;
    plan.textContent = plan.dataset.wpPlan
      .replace("[deposit]", money.format(deposit / unit))
      .replace("[balance]", money.format((sum - deposit) / unit));
  };
  const showTotal = () => {
    if (!amount) return;
    const sum = total();
    amount.textContent = money.format(sum / unit);
    showPlan(sum);
    note.textContent = code && code.value ? note.dataset.wpNote : "";
  };

  /* Attendees: what was typed stays when a number goes down and up again. */
  const place = form.querySelector("[data-wp-attendees]");
  const kept = new Map();
  const patterns = new Map([...form.querySelectorAll("[data-wp-pattern]")].map((node) => [node.dataset.wpPattern, node]));
  const made = (pk, number) => {
    const key = `${pk}-${number}`;
    if (!kept.has(key)) {
      const box = document.createElement("template");
      box.innerHTML = patterns.get(pk).innerHTML.replaceAll("__n__", String(number));
      kept.set(key, box.content.firstElementChild);
    }
    return kept.get(key);
  };
  const buyer = (name) => document.getElementById(`wp-${name}`);
  const mayCopy = (block) => {
    const button = block.querySelector("[data-wp-copy-buyer]");
    if (!button || !button.hidden) return;
    button.hidden = false;
    button.addEventListener("click", () => {
      for (const name of ["name", "email"]) {
        const field = block.querySelector(`[name$="-${name}"]`);
        if (field) field.value = buyer(name).value;
      }
    });
  };
  if (place) {
    const counters = new Map();
    for (const block of place.querySelectorAll("[data-wp-attendee]")) {
      const pk = block.dataset.wpAttendee;
      const number = counters.get(pk) || 0;
      kept.set(`${pk}-${number}`, block);
      counters.set(pk, number + 1);
    }
  }
  const showAttendees = () => {
    if (!place) return;
    const numbers = steppers.map((stepper) => [stepper.dataset.wpTicket, wanted(stepper)]);
    const all = numbers.reduce((sum, [, number]) => sum + number, 0);
    const asked = all > 1 || (all === 1 && form.dataset.wpEach);
    for (const block of [...place.querySelectorAll("[data-wp-attendee]")]) block.remove();
    place.hidden = !asked;
    if (!asked) return;
    let counter = 0;
    for (const [pk, number] of numbers) {
      for (let index = 0; index < number; index += 1) {
        counter += 1;
        const block = made(pk, index);
        block.querySelector("[data-wp-number]").textContent = patterns.get(pk).dataset.wpLabel.replace("%(number)d", counter);
        place.append(block);
        mayCopy(block);
      }
    }
  };

  for (const stepper of steppers) {
    const input = stepper.querySelector("input");
    for (const button of stepper.querySelectorAll("[data-wp-step]")) {
      button.hidden = false;
      button.addEventListener("click", () => {
        const next = wanted(stepper) + Number(button.dataset.wpStep);
        input.value = Math.max(Number(input.min), Math.min(Number(input.max), next));
        input.dispatchEvent(new Event("input", { bubbles: true }));
      });
    }
    input.addEventListener("input", () => { showTotal(); showAttendees(); });
  }
  if (!code || !code.value) showTotal();
  showAttendees();

  const wrong = document.getElementById("wp-errors");
  /* After the browser has gone to the form that the address names. */
  if (wrong) window.addEventListener("load", () => setTimeout(() => wrong.focus()));
})();

// Questions keep what the reader types in this browser, and nowhere else: a prediction is shown again beside its
// result, an answer is marked at once.
(() => {
  const key = (name) => `zhenwu:${location.pathname}:${name}`;
  const load = (name) => { try { return localStorage.getItem(key(name)); } catch { return null; } };
  const save = (name, text) => { try { localStorage.setItem(key(name), text); } catch { /* private mode: not kept */ } };
  const number = (text) => { const bare = text.replace(/[\s,_]/g, "").replace("\u2212", "-"); return bare === "" ? NaN : Number(bare); };

  const field = (form) => form.querySelector("input, select");

  const verdict = (form, value) => {
    if (form.dataset.answer === undefined) return `Kept: ${value}. The result comes further down.`;
    if (field(form).tagName === "SELECT") return value === form.dataset.answer ? "Right." : `Not ${value}.`;
    const answer = Number(form.dataset.answer);
    return value === answer ? "Right." : `${value} is too ${value < answer ? "small" : "large"}.`;
  };

  const read = (form, text) => field(form).tagName === "SELECT" ? text || null : Number.isNaN(number(text)) ? null : number(text);

  const show = (form, text) => {
    const value = read(form, text);
    const wanted = field(form).tagName === "SELECT" ? "Please choose one." : "Please type a number.";
    form.querySelector("output").textContent = value === null ? wanted : verdict(form, value);
    if (value === null) return;
    save(form.dataset.name, String(value));
    document.querySelectorAll(".revealed").forEach((place) => {
      if (place.dataset.name === form.dataset.name) {
        place.querySelector(".mine").textContent = `You predicted ${value} ${place.dataset.unit}`.trim();
      }
    });
  };

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("form.question").forEach((form) => {
      const input = field(form);
      form.addEventListener("submit", (event) => { event.preventDefault(); show(form, input.value); });
      const kept = load(form.dataset.name);
      if (kept !== null) { input.value = kept; show(form, kept); }
    });
  });
})();

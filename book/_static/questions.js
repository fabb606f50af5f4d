// Questions keep what the reader types in this browser, and nowhere else. A prediction is shown again beside its result;
// an answer is marked at once.
(() => {
  const key = (name) => `zhenwu:${location.pathname}:${name}`;
  const load = (name) => { try { return JSON.parse(localStorage.getItem(key(name))); } catch { return null; } };
  const save = (name, kept) => { try { localStorage.setItem(key(name), JSON.stringify(kept)); } catch { /* private mode: not kept */ } };
  // A comma may stand between thousands, and nowhere else: who writes 2,5 may mean either 2.5 or 25.
  const grouped = /^-?\d{1,3}(,\d{3})+(\.\d*)?$/;
  const number = (text) => {
    const digits = String(text).replace(/[\s_]/g, "").replace("\u2212", "-");
    if (digits === "" || (digits.includes(",") && !grouped.test(digits))) return NaN;
    return Number(digits.replaceAll(",", ""));
  };

  const written = (said) => typeof said === "number" ? said.toLocaleString("en-US", { maximumSignificantDigits: 12 }) : said;

  const field = (form) => form.querySelector("input, select");
  const chosen = (form) => field(form).tagName === "SELECT";
  const read = (form, text) => chosen(form) ? text || null : Number.isFinite(number(text)) ? number(text) : null;
  const wanted = (form) => chosen(form) ? "Please choose one." : "Please type a number.";

  // The same words as zhenwu/chapter/questions.py: numbers count by their ratio, as on a logarithmic scale.
  const judged = (said, value) => {
    if (said === value) return "exactly";
    if (typeof said === "string" || typeof value === "string") return "not the same";
    if (said * value <= 0) return "no factor leads from one to the other";
    const factor = Math.max(said / value, value / said);
    return `a factor of ${Number(factor.toPrecision(3))} too ${Math.abs(said) > Math.abs(value) ? "large" : "small"}`;
  };

  const marked = (form, said) => {
    if (chosen(form)) return said === form.dataset.answer ? "Right." : `Not ${said}.`;
    const answer = Number(form.dataset.answer);
    return said === answer ? "Right." : `${written(said)} is too ${said < answer ? "small" : "large"}.`;
  };

  const reveal = (form, said) => {
    const unit = form.dataset.unit ? ` ${form.dataset.unit}` : "";
    document.querySelectorAll(`.revealed[data-name="${form.dataset.name}"]`).forEach((place) => {
      const value = typeof said === "string" ? place.dataset.value : Number(place.dataset.value);
      place.querySelector(".said").textContent = `You said ${written(said)}${unit}: ${judged(said, value)}.`;
      const question = document.getElementById(`predict-${form.dataset.name}-question`);
      const asked = [...question.querySelectorAll("p:not(.title)")].map((each) => each.textContent).join(" ");
      save(form.dataset.name, { said, is: place.dataset.result, value, unit: form.dataset.unit, asked, page: document.title });
    });
  };

  const submit = (form) => {
    const said = read(form, field(form).value);
    const predicts = form.classList.contains("predict");
    form.querySelector("output").textContent =
      said === null ? wanted(form) : predicts ? `Kept: ${written(said)}. The result comes further down.` : marked(form, said);
    if (said === null) return;
    if (predicts) reveal(form, said);
    else save(form.dataset.name, { said });
  };

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("form.predict, form.answer").forEach((form) => {
      form.addEventListener("submit", (event) => { event.preventDefault(); submit(form); });
      const kept = load(form.dataset.name);
      if (kept !== null && kept.said !== undefined) { field(form).value = kept.said; submit(form); }
    });
  });

  window.bookQuestions = { load, save, number, judged, written };  // for a page with a form of its own
})();

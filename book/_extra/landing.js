// The landing page's question. Nothing is computed here: every text was made with the page, and the reader's choice of
// chip, model, format and session picks among them. Predictions are kept as questions.js keeps them.
(() => {
  const data = JSON.parse(document.getElementById("landing-data").textContent);
  const form = document.getElementById("landing");
  const answer = document.getElementById("landing-answer");
  const said = form.querySelector(".landing-said");
  const { load, save, number, judged, written } = window.bookQuestions;
  const [sessions, survival] = [form.elements.sessions, form.elements.survival];

  const fill = (text, parts) => text.replace(/\{(\w+)\}/g, (_, name) => parts[name]);
  const choice = () => Object.fromEntries(["chip", "model", "format", "session"].map((name) => [name, form.elements[name].value]));
  const words = ({ chip, model, format, session }) => [format, data.names[session], data.names[chip], data.names[model]].join(", ");
  const named = (what, { chip, model, format, session }) =>
    what === "survival" ? ["survival", format, session].join("-") : ["sessions", chip, model, format, session].join("-");

  // [144 GB](m890.memory_capacity reported) becomes a link to the page of values
  const linked = (place, text) => {
    place.replaceChildren();
    text.split(/(\[.*?\]\(\S+ \w+\))/).forEach((part) => {
      const found = part.match(/^\[(.*)\]\((\S+) (\w+)\)$/);
      if (!found) return place.append(part);
      const link = document.createElement("a");
      Object.assign(link, { className: "operand", title: found[3], textContent: found[1] || found[2] });
      link.href = `values.html#value-${found[2].replaceAll(".", "-")}`;
      place.append(link);
    });
  };

  const found = (chosen) => {
    const { chip, model, format, session } = chosen;
    const [left, least, fits, missing] = data.cases[chip][model][format];
    const [count, perChip] = fits[form.elements.session.selectedIndex];
    const measured = data.survival[`${format} ${session}`];
    const lines = {
      weights: data.weights[model][format], context: data.context[model][session],
      session: data.session[model][session], memory: data.memory[chip],
    };
    return { left, least, missing, count, perChip, measured, lines, rate: data.rate[[chip, model, format, session].join(" ")] };
  };

  const draw = (chosen) => {
    const { left, least, missing, count, perChip, measured, lines, rate } = found(chosen);
    const { texts, group } = data;
    const multiplies = data.multiplies[chosen.chip][chosen.format];
    const remark = multiplies ? "" : multiplies === null ? texts.unsaid : texts.widened;
    const slots = {
      choice: words(chosen),
      headline: fill(missing ? texts.short : count === "0" ? texts.full : texts.fits, { missing, least, group, sessions: count, per_chip: perChip }),
      survival: fill(texts.survival, { text: measured ? measured[0] : texts.unmeasured }),
      rate: fill(texts.rate, { text: rate ?? texts.unmeasured }),
      remark: fill(remark, { chip: data.names[chosen.chip], format: chosen.format }),
      "left-how": `${lines.memory[1]} \u2212 ${lines.weights[1]}`, "left-result": left,
      "count-how": `${left} / ${lines.session[1]}, whole sessions`, "count-result": count,
      "chip-how": `${count} / ${group}`, "chip-result": perChip, "least-result": least,
      assumed: data.assumed[chosen.model][chosen.session],
    };
    for (const [name, [how, result, kind]] of Object.entries(lines)) {
      Object.assign(slots, { [`${name}-how`]: how, [`${name}-result`]: result });
      const badge = answer.querySelector(`[data-kind="${name}"]`);
      Object.assign(badge, { className: `kind kind-${kind}`, textContent: kind });
    }
    for (const [name, text] of Object.entries(slots)) linked(answer.querySelector(`[data-slot="${name}"]`), text);
  };

  // What was said beside what it is, and both kept; a survival that nobody measured yet is kept without a result.
  const judge = (chosen) => {
    const { perChip, measured } = found(chosen);
    const sentences = [];
    const one = (what, input, value, is) => {
      const guess = number(input.value);
      if (!Number.isFinite(guess)) return;
      const asked = `${form.querySelector(`label[for="${input.id}"]`).textContent} ${words(chosen)}`;
      const result = value === undefined ? {} : { is, value };
      save(named(what, chosen), { said: guess, unit: "", asked, page: document.title, ...result });
      sentences.push(value === undefined
        ? `You said ${written(guess)} of a hundred end well: ${is}.`
        : `You said ${written(guess)}, it is ${is}: ${judged(guess, value)}.`);
    };
    one("sessions", sessions, Number(perChip), perChip);
    one("survival", survival, measured?.[1], measured ? measured[0] : data.texts.unmeasured);
    return sentences.join(" ");
  };

  const open = () => {
    draw(choice());
    answer.hidden = false;
    said.textContent = judge(choice()) || answer.querySelector('[data-slot="headline"]').textContent;
  };

  const inRange = (input) => {
    const value = number(input.value);
    return value >= 0 && (input !== survival || value <= 100);
  };

  const submit = () => {
    const wrong = [sessions, survival].find((input) => input.value.trim() && !inRange(input));
    if (wrong || !sessions.value.trim()) {
      (wrong ?? sessions).focus();
      said.textContent = wrong === survival ? "Please type a number from 0 to 100." : "Please type a number, 0 or more.";
      return;
    }
    skipped = false;
    open();
  };

  // Another choice is another question: its answer stays hidden until it was predicted, now or on an earlier visit. Who
  // makes no predictions sees every answer at once.
  let skipped = false;
  const choose = () => {
    const kept = { sessions: load(named("sessions", choice())), survival: load(named("survival", choice())) };
    sessions.value = kept.sessions?.said ?? "";
    survival.value = kept.survival?.said ?? "";
    if (kept.sessions || skipped) return open();
    answer.hidden = true;
    said.textContent = "";
  };

  form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  form.addEventListener("change", (event) => { if (event.target.tagName === "SELECT") choose(); });
  form.querySelector(".landing-skip").addEventListener("click", () => { skipped = true; sessions.value = survival.value = ""; open(); });
  form.hidden = false;
  choose();
})();

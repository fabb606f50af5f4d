// Recorded sessions to be walked turn by turn. All that is shown stands in the tables (zhenwu/chapter/transcripts.py):
// without script they can still be read there.
(() => {
  const make = (tag, more, ...parts) => {
    const made = Object.assign(document.createElement(tag), more);
    made.append(...parts);
    return made;
  };
  const walk = (box) => {
    const folds = [...box.querySelectorAll("details.transcript")];
    const names = [...box.querySelector("thead tr").cells].map((cell) => cell.textContent);
    let rows = [];
    let here = 0;

    const choice = make("select", {}, ...folds.map((fold, index) => make("option", {
      value: index, textContent: fold.querySelector("summary").textContent,
    })));
    const about = make("p");
    const place = make("strong");
    const parts = names.slice(1).map((name) => [make("dt", { textContent: name }), make("dd")]);
    const card = make("div", { className: "transcript-turn" },
      make("p", {}, place), make("dl", {}, ...parts.flat()));
    card.setAttribute("role", "status");
    const button = (text, act) => {
      const made = make("button", { type: "button", className: "book-button", textContent: text });
      made.addEventListener("click", act);
      return made;
    };
    const marked = () => rows.findIndex((row, index) => index > here && row.classList.contains("marked"));
    const back = button("Back", () => go(here - 1));
    const forward = button("Forward", () => go(here + 1));
    const next = button("Next marked turn", () => go(marked()));

    const dim = (which, off) => which.setAttribute("aria-disabled", off);  // stays in reach, so that focus is not lost
    const go = (to) => {
      if (to < 0 || to >= rows.length) return;
      rows[here]?.removeAttribute("aria-current");
      here = to;
      const [head, ...cells] = rows[here].cells;
      rows[here].setAttribute("aria-current", "true");
      card.classList.toggle("marked", rows[here].classList.contains("marked"));
      place.textContent = `${names[0]} ${head.textContent} of ${rows.length}`;
      parts.forEach(([term, value], index) => {
        value.replaceChildren(...[...cells[index].childNodes].map((node) => node.cloneNode(true)));
        term.hidden = value.hidden = !value.textContent;
      });
      dim(back, here === 0);
      dim(forward, here === rows.length - 1);
      dim(next, marked() < 0);
    };
    const choose = () => {
      const fold = folds[choice.value];
      rows.forEach((row) => row.removeAttribute("aria-current"));
      rows = [...fold.querySelector("tbody").rows];
      about.replaceChildren(...[...fold.querySelector("p").childNodes].map((node) => node.cloneNode(true)));
      go(0);
    };
    choice.addEventListener("change", choose);
    const walker = make("div", { className: "transcript-walker" },
      make("label", {}, `${box.dataset.caption} `, choice), about,
      make("div", { className: "transcript-buttons" }, back, forward, next), card);
    walker.addEventListener("keydown", (event) => {
      if (event.target === choice || event.altKey || event.ctrlKey || event.metaKey) return;
      const to = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: rows.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      go(to);
    });
    box.prepend(walker);
    choose();
  };
  document.querySelectorAll(".transcripts").forEach(walk);
})();

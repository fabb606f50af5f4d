// Figures to read values off: a cursor moved by mouse, touch or keys, a readout, and a box for each line. What is said and
// where it lies stands in the figure's own table (zhenwu/chapter/explore.py): without script it can still be read there.
(() => {
  const REST_MS = 200;  // while a key is held down nothing is read out: only where it comes to rest
  const HINT = "Point at the figure, or move the slider, to read values off.";

  const make = (tag, more, ...parts) => {
    const made = Object.assign(document.createElement(tag), more);
    made.append(...parts);
    return made;
  };
  const shape = (tag, attributes) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };
  const swatch = (colour) => {
    const made = make("span", { className: "explore-swatch" });
    made.style.background = colour;
    return made;
  };
  const colourOf = (groups) => groups.flatMap((group) => [...group.querySelectorAll("[style]")])
    .flatMap(({ style }) => [style.stroke, style.fill]).find((colour) => colour && colour !== "none");

  const explore = (box) => {
    const svg = box.querySelector("svg");
    const scroller = svg.closest(".wide");  // on a phone it is narrower than the figure
    const table = box.querySelector(".values table");
    const { top, bottom } = table.dataset;
    const [across, ...names] = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
    const lines = names.map((name, index) => {
      const groups = [...svg.querySelectorAll(`[data-line="${index}"]`)];
      return { name, groups, colour: colourOf(groups), shown: true };
    });
    const points = [...table.tBodies[0].rows].map(({ cells: [head, ...cells] }) => ({
      x: Number(head.dataset.x), text: head.textContent, cells,
    }));
    const values = (point) => lines.flatMap((line, index) => {
      const { dataset, textContent } = point.cells[index];
      return line.shown && dataset.y ? [{ line, y: dataset.y, text: textContent }] : [];
    });
    let readable = points;  // those where a line that is shown has a value
    let here = null;  // the one under the cursor
    const nearest = (x) => readable.reduce(
      (best, point) => best && Math.abs(best.x - x) <= Math.abs(point.x - x) ? best : point, null);

    const cursor = svg.appendChild(shape("g", { class: "explore-cursor" }));
    const slider = make("input", { type: "range", min: 0, max: points.length - 1, value: 0 });
    const readout = make("output", { textContent: HINT });

    const read = () => {
      const parts = here ? values(here).flatMap(({ line, text }) => ["; ",
        make("span", {}, swatch(line.colour), `${line.name}: `, make("strong", { textContent: text }))]) : [];
      readout.replaceChildren(...(here ? [make("strong", { textContent: `${across}: ${here.text}` }), ...parts,
        ` (${table.caption.textContent})`] : ["No line is shown."]));
    };
    let rest = 0;
    let timer = 0;
    const go = (point, wait = 0) => {
      here = point;
      cursor.replaceChildren();
      if (point) {
        const { x } = point;
        cursor.append(shape("line", { x1: x, x2: x, y1: top, y2: bottom }));
        for (const { line, y } of values(point)) {
          cursor.appendChild(shape("circle", { cx: x, cy: y, r: 3.5 })).style.fill = line.colour;
        }
        slider.value = readable.indexOf(point);
        slider.setAttribute("aria-valuetext", point.text);
        const seen = (x * svg.clientWidth) / svg.viewBox.baseVal.width - scroller.scrollLeft;
        if (seen < 0 || seen > scroller.clientWidth) scroller.scrollLeft += seen - scroller.clientWidth / 2;
      }
      clearTimeout(timer);
      if (wait) timer = setTimeout(read, wait);
      else read();
    };

    const pointed = ({ clientX }) => {
      const { left, width } = svg.getBoundingClientRect();
      const point = nearest(((clientX - left) * svg.viewBox.baseVal.width) / width);
      if (point !== here) go(point);
    };
    svg.addEventListener("pointermove", (event) => { if (event.pointerType !== "touch") pointed(event); });
    svg.addEventListener("click", pointed);  // a tap; a finger that moves scrolls
    slider.addEventListener("keydown", () => { rest = REST_MS; });
    slider.addEventListener("pointerdown", () => { rest = 0; });
    slider.addEventListener("input", () => go(readable[slider.value] ?? null, rest));
    slider.addEventListener("focus", () => { if (!here) go(readable[slider.value] ?? null, REST_MS); });

    const show = (line, shown) => {
      line.shown = shown;
      for (const group of line.groups) group.style.display = shown ? "" : "none";
      const { x } = here ?? readable[slider.value] ?? points[0];
      readable = points.filter((point) => values(point).length);
      slider.max = Math.max(0, readable.length - 1);
      go(nearest(x));
    };
    const ticks = lines.map((line) => {
      const tick = make("input", { type: "checkbox", checked: true });
      tick.addEventListener("change", () => show(line, tick.checked));
      return make("label", {}, tick, swatch(line.colour), line.name);
    });
    const choice = make("div", { className: "explore-lines", role: "group", ariaLabel: "Lines shown" }, ...ticks);
    const controls = make("div", { className: "explore-controls" },
      make("label", { className: "explore-slider" }, `${across} `, slider), readout);
    if (lines.length > 1) controls.prepend(choice);
    box.querySelector("figcaption").before(controls);
  };

  document.querySelectorAll(".explore").forEach(explore);
})();

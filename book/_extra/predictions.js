// The page of predictions: reads what the chapters kept in this browser, saves it as a file, deletes it.
(() => {
  const place = document.getElementById("predictions");
  const [save, clear] = ["export-predictions", "clear-predictions"].map((id) => document.getElementById(id));

  const kept = () => {
    const found = [];
    try {
      for (const key of Object.keys(localStorage).sort()) {
        if (!key.startsWith("zhenwu:")) continue;
        try {
          const entry = JSON.parse(localStorage.getItem(key));
          if (entry && entry.is !== undefined) found.push({ key, ...entry });
        } catch { /* not one of ours */ }
      }
    } catch { /* no storage here */ }
    return found;
  };

  const written = (said) => typeof said === "number" ? said.toLocaleString("en-US", { maximumSignificantDigits: 12 }) : said;

  const cell = (row, text, kind = "td") => {
    const made = document.createElement(kind);
    if (kind === "th") made.scope = row.parentElement.tagName === "THEAD" ? "col" : "row";
    made.textContent = text;
    row.append(made);
  };

  const factor = ({ said, value }) => {
    if (said === value) return "exact";
    if (typeof said !== "number" || typeof value !== "number") return "another choice";
    return said * value > 0 ? `${Number(Math.max(said / value, value / said).toPrecision(3))} times` : "none";
  };

  const draw = () => {
    const entries = kept();
    place.replaceChildren();
    save.hidden = clear.hidden = entries.length === 0;
    if (entries.length === 0) {
      const words = document.createElement("p");
      words.textContent = "No prediction is kept in this browser yet.";
      place.append(words);
      return;
    }
    const table = document.createElement("table");
    table.className = "side-by-side";
    table.createCaption().textContent = `${entries.length} predictions, as kept in this browser.`;
    const head = table.createTHead().insertRow();
    ["Question", "You said", "It is", "Off by"].forEach((title) => cell(head, title, "th"));
    const body = table.createTBody();
    for (const entry of entries) {
      const row = body.insertRow();
      cell(row, entry.asked ?? entry.key.split(":").pop(), "th");
      cell(row, `${written(entry.said)} ${entry.unit ?? ""}`.trim());
      cell(row, String(entry.is));
      cell(row, factor(entry));
    }
    const box = document.createElement("div");
    Object.assign(box, { className: "wide", tabIndex: 0 });
    box.append(table);
    place.append(box);
  };

  save.addEventListener("click", () => {
    const text = JSON.stringify(kept(), null, 2);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = "zhenwu-predictions.json";
    link.click();
    URL.revokeObjectURL(link.href);
  });
  clear.addEventListener("click", () => {
    if (!confirm("Delete every prediction that this browser keeps for this book?")) return;
    kept().forEach(({ key }) => localStorage.removeItem(key));
    draw();
  });
  draw();
})();

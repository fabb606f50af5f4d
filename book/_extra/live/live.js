// Live cells: the page's side. Python is loaded into a worker on the first click on Run, and not before.
"use strict";
(() => {
  const BASE = new URL(".", document.currentScript.src);
  const SECONDS = 30; // that a run may take, once everything is loaded
  let worker = null; // one for the page: it keeps Python loaded from run to run
  let running = null; // the cell that waits for it

  const part = (cell, name) => cell.querySelector(`.live-${name}`);
  const key = (cell) => `zhenwu:${location.pathname}:live-${cell.dataset.live}`;
  const kept = (cell) => { try { return localStorage.getItem(key(cell)); } catch { return null; } };
  const keep = (cell, text) => {
    try {
      if (text === null) localStorage.removeItem(key(cell)); else localStorage.setItem(key(cell), text);
    } catch { /* private mode: not kept */ }
  };

  // What the verdict below says too is for who hears the page, and not shown twice.
  const set = (cell, state, text) => {
    cell.dataset.state = state;
    part(cell, "status").textContent = text;
    part(cell, "status").classList.toggle("live-unseen", text !== "" && text === part(cell, "verdict").textContent);
    const busy = state === "loading" || state === "running";
    part(cell, "run").setAttribute("aria-disabled", busy);
    part(cell, "stop").setAttribute("aria-disabled", !busy);
    cell.querySelector("progress").hidden = !busy;
  };

  const end = () => {
    worker?.terminate();
    worker = null;
    clearTimeout(running?.limit);
    running = null;
  };

  const fill = (cell, report, origin) => {
    part(cell, "origin").textContent = origin;
    for (const name of ["verdict", "summary", "wave", "output"]) part(cell, name).innerHTML = report[name];
    part(cell, "values").innerHTML = report.table;
    cell.querySelectorAll(".live-result .wide").forEach((box) => { box.hidden = report.outcome === "error"; });
  };

  const finished = (cell, report) => {
    fill(cell, report, "Run in this page just now:");
    part(cell, "result").hidden = false;
    if (report.outcome === "error") {
      const line = /line (\d+)/i.exec(part(cell, "verdict").textContent);
      if (line) point(cell.querySelector("textarea"), Number(line[1]));
      set(cell, "failed", part(cell, "verdict").textContent);
    } else {
      cell.dataset.verdict = report.outcome;
      set(cell, "done", part(cell, "verdict").textContent);
    }
  };

  // Select a line and bring it into view; the focus stays where it is.
  const point = (area, number) => {
    const lines = area.value.split("\n");
    const from = lines.slice(0, number - 1).join("\n").length + (number > 1 ? 1 : 0);
    area.setSelectionRange(from, from + (lines[number - 1] ?? "").length);
    area.scrollTop = Math.max(0, number - 4) * parseFloat(getComputedStyle(area).lineHeight);
  };

  const heard = (cell, message) => {
    if (running?.cell !== cell) return;
    if (message.kind === "stage") {
      cell.querySelector("progress").value = message.done;
      set(cell, message.done === 2 ? "running" : "loading", `${message.text} …`);
      if (message.done === 2) {
        const seconds = Number(cell.dataset.limit ?? SECONDS);
        running.limit = setTimeout(() => {
          end();
          set(cell, "stopped", `Stopped after ${seconds} seconds: does a loop in it never end?`);
        }, 1000 * seconds);
      }
    } else {
      clearTimeout(running.limit);
      running = null;
      if (message.kind === "result") finished(cell, message.report);
      else { end(); part(cell, "result").hidden = false; set(cell, "failed", missing(message.text)); }
    }
  };

  const missing = (text) =>
    `Python could not be loaded (${text}). Pyodide's files may be missing from this site: with npm installed, make book fetches them.`;

  const run = (cell) => {
    if (running) {
      if (running.cell !== cell) part(cell, "status").textContent = "Another cell of this page is running. Stop it, or wait for it.";
      return;
    }
    delete cell.dataset.verdict;
    if (location.protocol === "file:") {
      set(cell, "failed", "A page opened as a file cannot load Python. Run make serve in the book's folder, and open the address that it prints.");
      return;
    }
    if (part(cell, "missing")) {
      set(cell, "failed", part(cell, "missing").textContent);
      return;
    }
    set(cell, "loading", "Starting …");
    part(cell, "result").hidden = true; // what stood there was of another text
    running = { cell, limit: null };
    if (!worker) {
      try { worker = new Worker(new URL("worker.js", BASE)); } catch (error) { running = null; set(cell, "failed", missing(error.message)); return; }
      worker.onmessage = (event) => running && heard(running.cell, event.data);
      worker.onerror = (event) => running && heard(running.cell, { kind: "failed", text: event.message ?? "its script is missing" });
    }
    worker.postMessage({ source: cell.querySelector("textarea").value, vectors: cell.dataset.vectors, show: cell.dataset.show });
  };

  const stop = (cell) => {
    if (running?.cell !== cell) return;
    end();
    set(cell, "stopped", "Stopped. Run starts it again.");
  };

  document.querySelectorAll("section.live").forEach((cell) => {
    const area = cell.querySelector("textarea");
    const recorded = part(cell, "result").innerHTML;
    area.value = kept(cell) ?? area.defaultValue;
    area.addEventListener("input", () => keep(cell, area.value === area.defaultValue ? null : area.value));
    part(cell, "run").addEventListener("click", () => run(cell));
    part(cell, "stop").addEventListener("click", () => stop(cell));
    part(cell, "reset").addEventListener("click", () => {
      stop(cell);
      keep(cell, null);
      area.value = area.defaultValue;
      Object.assign(part(cell, "result"), { innerHTML: recorded, hidden: false });
      delete cell.dataset.verdict;
      set(cell, "idle", "The source is as the book has it.");
    });
    cell.querySelectorAll("button").forEach((button) => { button.hidden = false; });
    set(cell, "idle", area.value === area.defaultValue ? "" : "This is your text from last time. Reset brings the book's back.");
  });
})();

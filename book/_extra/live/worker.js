// Python with MyHDL and the book's hardware, away from the page, so that the page can end it at any time.
"use strict";
let ready = null;

const stage = (done, text) => postMessage({ kind: "stage", done, text });

async function start() {
  stage(0, "Loading Python, about twelve megabytes, once");
  importScripts("pyodide/pyodide.js");
  const python = await loadPyodide({ indexURL: new URL("pyodide/", location.href).href });
  stage(1, "Loading MyHDL and the hardware of this book");
  const archive = await fetch("python.zip");
  if (!archive.ok) throw new Error("live/python.zip is missing");
  python.unpackArchive(await archive.arrayBuffer(), "zip", { extractDir: "/book" });
  return python.runPython(`
import json, sys
sys.path.insert(0, "/book")
from hdl.bench.attempt import attempt
from hdl.bench.played import report

def run(stimulus, source, show):
    if not stimulus:
        from zhenwu.cosim.hbm.judged_commands import judged
        return json.dumps(judged(source))
    return json.dumps(report(attempt(json.loads(stimulus), source), json.loads(show)))

run`);
}

async function text(name) {
  const file = await fetch(name);
  if (!file.ok) throw new Error(`live/${name} is missing`);
  return file.text();
}

onmessage = async ({ data }) => {
  try {
    ready ??= start();
    const run = await ready;
    const stimulus = data.vectors ? await text(`vectors/${data.vectors}.json`) : ""; // a list of commands has none
    stage(2, "Running");
    postMessage({ kind: "result", report: JSON.parse(run(stimulus, data.source, data.show)) });
  } catch (error) {
    ready = null;
    postMessage({ kind: "failed", text: String(error.message ?? error) });
  }
};

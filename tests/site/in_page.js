// What a page can tell about itself: three functions, each from the open document to sentences that say what is wrong.
(() => {
  const seen = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
  const short = (text) => text.replace(/\s+/g, " ").trim().slice(0, 60);
  const name = (element) => {
    const id = element.id ? `#${element.id}` : "";
    const classes = [...element.classList].slice(0, 3).map((c) => `.${c}`).join("");
    const words = short(element.textContent);
    return `<${element.localName}${id}${classes}>${words ? ` "${words}"` : ""}`;
  };
  const words = (text) => (text ?? "").trim().split(/\s+/).filter(Boolean).length;

  // Nothing is wider than the window, the article or its own box, unless that box scrolls.
  const overflow = () => {
    const root = document.documentElement;
    const found = [];
    if (root.scrollWidth > root.clientWidth) found.push(`the document is ${root.scrollWidth} px wide in a window of ${root.clientWidth} px`);
    const main = document.querySelector("main") ?? document.body;
    const article = document.querySelector("article.bd-article") ?? main;
    const limit = Math.min(article.getBoundingClientRect().right, root.clientWidth);
    const visit = (element, box) => {
      const style = getComputedStyle(element);
      if (["absolute", "fixed"].includes(style.position) || !seen(element)) return;
      const { right, width } = element.getBoundingClientRect();
      if (width > 1 && right > box.right + 1) {
        found.push(`${name(element)} ends ${Math.round(right - box.right)} px beyond ${box.name}`);
        return;
      }
      if (["auto", "scroll"].includes(style.overflowX)) return;
      const clips = style.overflowX !== "visible" && width > 1;
      const inner = clips ? { right, name: `${name(element)}, which cuts it off` } : box;
      if (["svg", "math"].includes(element.localName)) return;
      for (const child of element.children) visit(child, inner);
    };
    for (const child of article.children) visit(child, { right: limit, name: "the text's right edge" });
    return found;
  };

  // Who cannot see a figure is told in words what it shows; what is decoration says so.
  const wordless = (least) => {
    const found = [];
    const silent = (element) => element.closest("[aria-hidden=true], [role=presentation], [role=none]") !== null;
    const label = (element) => {
      const ids = (element.getAttribute("aria-labelledby") ?? "").split(/\s+/).filter(Boolean);
      return element.getAttribute("aria-label") ?? ids.map((id) => document.getElementById(id)?.textContent ?? "").join(" ");
    };
    for (const image of document.querySelectorAll("img")) {
      if (!image.hasAttribute("alt")) found.push(`${image.outerHTML.slice(0, 100)} has no alt text`);
      else if (image.closest("article, figure") && !silent(image) && words(image.alt) < least) {
        found.push(`${image.outerHTML.slice(0, 100)}: fewer than ${least} words of alt text`);
      }
    }
    for (const drawing of document.querySelectorAll("svg, canvas")) {
      if (silent(drawing) || drawing.parentElement.closest("svg")) continue;
      if (drawing.closest("button, a, summary")) continue; // an icon: axe asks whether its control has a name
      if (drawing.getAttribute("role") !== "img") found.push(`${name(drawing)} has no role=img`);
      else if (words(label(drawing)) < least) found.push(`${name(drawing)}: fewer than ${least} words in its label`);
    }
    return found;
  };

  // What every page has: one heading of the first level, a language, a title, a way past the menu, the book's facts.
  const anatomy = () => {
    const found = [];
    const headings = [...document.querySelectorAll("h1")].filter(seen);
    if (headings.length !== 1) found.push(`${headings.length} visible h1, not one`);
    if (!document.documentElement.lang) found.push("no language");
    if (!document.title.trim()) found.push("no title");
    const skip = document.querySelector("a[href^='#']");
    if (!skip?.closest(".skip-link")) found.push("no skip link before the other links");
    else if (!document.querySelector(skip.getAttribute("href"))) found.push("the skip link leads nowhere");
    const facts = document.querySelector("footer .book-facts, footer.book-facts");
    if (!facts || !seen(facts) || words(facts.textContent) < 5) found.push("no footer with the book's facts");
    return found;
  };

  return { overflow, wordless, anatomy };
})()

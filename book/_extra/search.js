// The search page: words and "phrases" through pagefind's index, any part of a term through the list on the page.
(() => {
  const AT_ONCE = 10;
  const by = (id) => document.getElementById(id);
  const form = by("search-form"), text = by("search-text"), status = by("search-status"), list = by("search-results"), more = by("search-more");
  let waiting = [], latest = 0;

  const count = (number, what) => `${number} ${what}${number === 1 ? "" : "s"}`;

  const pieces = (query) => {
    const phrases = [];
    const rest = query.replace(/["\u201c\u201d]([^"\u201c\u201d]+)["\u201c\u201d]/g, (_, phrase) => { phrases.push(`"${phrase.trim()}"`); return " "; });
    const words = rest.replace(/["\u201c\u201d]/g, " ").trim();
    return words ? [...phrases, words] : phrases;
  };

  const terms = (query) => {
    const wanted = query.replace(/["\u201c\u201d]/g, "").trim().toLowerCase();
    return [...document.querySelectorAll("#search-terms a")].filter((link) => link.textContent.toLowerCase().includes(wanted));
  };

  // A word that is nowhere is shortened by pagefind until something fits, in the end to its first letter.
  const isLetter = async (page) => {
    const words = [...(await page.data()).excerpt.matchAll(/<mark>(.*?)<\/mark>/g)].map((found) => found[1].match(/\w+/g));
    return words.length > 0 && words.every((found) => found && found.every((word) => word.length < 2));
  };

  // Phrases come back in no order: the bare words say which page is first, the pieces which pages stay.
  const pages = async (query) => {
    const engine = await import(new URL("pagefind/pagefind.js", document.baseURI).href);
    const asked = [query.replace(/["\u201c\u201d]/g, " ").trim(), ...pieces(query)];
    const found = await Promise.all(asked.map((piece) => engine.search(piece)));
    const [ranked, first = [], ...others] = found.map((answer) => answer.results);
    if (/\w{3}/.test(query) && ranked.length && await isLetter(ranked[0])) return [];
    const rank = new Map(ranked.map((page, place) => [page.id, place]));
    return first.filter((page) => others.every((results) => results.some((other) => other.id === page.id)))
      .sort((one, other) => rank.get(one.id) - rank.get(other.id));
  };

  // What the index gives is HTML: only its text and its marks are taken over.
  const marked = (excerpt) => {
    const line = document.createElement("p");
    new DOMParser().parseFromString(excerpt, "text/html").body.childNodes.forEach((part) => {
      const shown = document.createElement(part.nodeName === "MARK" ? "mark" : "span");
      shown.textContent = part.textContent;
      line.append(shown);
    });
    return line;
  };

  const link = (title, address) => {
    const shown = document.createElement("a");
    shown.href = new URL(address.replace(/^\//, ""), document.baseURI).href;
    shown.textContent = title;
    return shown;
  };

  const item = (page) => {
    const entry = document.createElement("li");
    entry.append(link(page.meta.title, page.url));
    const parts = page.sub_results.filter((part) => part.url !== page.url && part.title !== page.meta.title).slice(0, 4);
    if (parts.length) {
      const below = document.createElement("ul");
      parts.forEach((part) => {
        const heading = document.createElement("li");
        heading.append(link(part.title, part.url), marked(part.excerpt));
        below.append(heading);
      });
      entry.append(below);
    } else {
      entry.append(marked(page.excerpt));
    }
    return entry;
  };

  const showMore = async (mine) => {
    const next = await Promise.all(waiting.splice(0, AT_ONCE).map((page) => page.data()));
    if (mine !== latest) return;
    list.append(...next.map(item));
    more.hidden = waiting.length === 0;
  };

  const search = async (query) => {
    const mine = ++latest;
    list.replaceChildren();
    more.hidden = true;
    waiting = [];
    if (!query.trim()) { status.textContent = "Type a word, a \u201cphrase\u201d or a term."; return; }
    status.textContent = "Searching.";
    const named = terms(query);
    let found = [], trouble = "";
    try {
      found = await pages(query);
    } catch (error) {
      trouble = location.protocol === "file:"
        ? " The text of the pages can be searched only when a server shows the book: run make serve."
        : ` The index did not load (${error.message}).`;
    }
    if (mine !== latest) return;
    list.append(...named.map((term) => {
      const entry = document.createElement("li");
      entry.className = "term";
      entry.append(term.cloneNode(true));
      return entry;
    }));
    const pagesFound = trouble ? "" : `${count(found.length, "page")} and `;
    status.textContent = `${pagesFound}${count(named.length, "term")} found for ${query.trim()}.${trouble}`;
    waiting = found;
    await showMore(mine);
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    history.replaceState(null, "", `?q=${encodeURIComponent(text.value)}`);
    search(text.value);
  });
  more.addEventListener("click", async () => {
    const before = list.children.length;
    await showMore(latest);
    list.children[before]?.querySelector("a").focus();
  });
  const asked = new URLSearchParams(location.search).get("q");
  if (asked) { text.value = asked; search(asked); }
})();

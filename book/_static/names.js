// The theme names some buttons otherwise than what they show; whoever speaks to a page says what they see.
document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("button.search-button-field, summary[aria-label]").forEach((element) => element.removeAttribute("aria-label"));
  document.querySelectorAll("li.has-children > details > summary").forEach((summary) => {
    const name = document.createElement("span");
    name.className = "visually-hidden";
    name.textContent = `Pages of ${summary.closest("li").querySelector("a").textContent}`;
    summary.append(name);
  });
  document.querySelectorAll("button.theme-switch-button").forEach((button) => {
    const name = document.createElement("span");
    name.className = "visually-hidden";
    name.textContent = button.getAttribute("aria-label");
    button.removeAttribute("aria-label");
    button.append(name);
  });
});

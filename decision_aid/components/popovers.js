// What a popover holds waits in its attribute until it is opened for the first time.
(() => {
  if (document.fillsPopovers) return;
  document.fillsPopovers = true;
  const kept = new Set("A B BUTTON CAPTION DIV H2 H3 I LI OL P SPAN TABLE TBODY TD TH THEAD TR UL".split(" "));
  const acts = (name, value) => /^on/i.test(name) || (name === "href" && !/^https?:/i.test(value)) || /url\(/i.test(value);
  document.addEventListener("beforetoggle", ({ target, newState }) => {
    const inside = target.dataset?.inside;
    if (newState !== "open" || inside === undefined || target.firstChild) return;
    const made = document.createElement("template");
    made.innerHTML = inside;
    for (const e of made.content.querySelectorAll("*"))
      if (kept.has(e.tagName)) {
        for (const { name, value } of [...e.attributes]) if (acts(name, value)) e.removeAttribute(name);
      } else e.remove();
    target.append(made.content);
  }, true);
})();

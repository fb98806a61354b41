// What a person finds on a page: things by what is written on them. Waits until there is something to find, and answers
// where it is, and what it says.
(kind, text) => {
  const words = (element) => (element?.innerText ?? "").replace(/\s+/g, " ").trim();
  const isSeen = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
  const named = (element) => element.getAttribute("aria-label") ?? words(element) ;
  const all = (selector) => [...document.querySelectorAll(selector)].filter(isSeen);
  const first = (selector, is) => all(selector).find(is);
  const label = (one) => first("label", (label) => words(label) === one) ?? first("label", (label) => words(label).startsWith(one));

  const kinds = {
    text: () => (words(document.body).includes(text) ? document.body : undefined),
    heading: () => first("h1, h2, h3", (heading) => words(heading) === text),
    press: () => {
      const choice = "button, a[href], summary, input[type=submit]";
      const name = (element) => (element.matches("input") ? element.value : named(element));
      return first(choice, (element) => name(element) === text) ?? first(choice, (element) => name(element).startsWith(text));
    },
    field: () => {
      const found = label(text);
      const field = found?.control ?? first("input, textarea, select", (field) => field.getAttribute("aria-label") === text || field.placeholder === text);
      return field && isSeen(field) ? field : undefined;
    },
    choice: () => label(text),
  };

  const describe = (element) => {
    element.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
    const box = element.getClientRects()[0] ?? element.getBoundingClientRect();
    const x = box.x + box.width / 2;
    const y = box.y + box.height / 2;
    const hit = document.elementFromPoint(x, y);
    return { x, y, isCovered: !(hit && (element.contains(hit) || hit.contains(element))) };
  };

  return new Promise((resolve) => {
    const look = () => {
      const found = document.readyState === "loading" ? undefined : kinds[kind]();
      if (!found) return false;
      resolve(describe(found));
      return true;
    };
    if (look()) return;
    const again = () => { if (look()) observer.disconnect(); };
    const observer = new MutationObserver(again);
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    document.addEventListener("DOMContentLoaded", again);
  });
}

// The page's only script, a convenience: what it does for the eye and the hand, the page can be read and used without it. It reads no
// network and writes nothing but the clipboard.
export const SCRIPT = `
(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const say = (where, text) => { where.hidden = text === ""; where.textContent = text; };

  // What is folded opens when something links into it.
  const unfold = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    target?.scrollIntoView({ block: "nearest" });
  };
  addEventListener("hashchange", unfold);
  if (location.hash) unfold();

  // Commands become buttons that copy them.
  const toast = document.querySelector(".toast");
  for (const code of all(".cmd")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "cmd";
    button.title = "Copy";
    button.append(...code.childNodes);
    code.replaceWith(button);
  }
  let timer;
  document.addEventListener("click", async ({ target }) => {
    const button = target.closest("button.cmd");
    if (!button) return;
    let copied = true;
    try {
      await navigator.clipboard.writeText(button.textContent);
    } catch {
      getSelection().selectAllChildren(button);
      copied = document.execCommand("copy");
    }
    say(toast, copied ? "Copied: " + button.textContent : "Marked: copy it by hand");
    clearTimeout(timer);
    timer = setTimeout(() => say(toast, ""), 2500);
  });

  // Where the time axis does not fit, its newest end shows first.
  for (const scroll of all(".scroll")) scroll.scrollLeft = scroll.scrollWidth;

  // The search hides entries and rows without the words.
  const label = document.querySelector(".search");
  if (label) {
    const found = document.querySelector(".found");
    const things = all(".entry, .matrix tbody:not(.all) tr:not(.group)").map((one) => [one, (one.textContent + one.id).toLowerCase()]);
    const months = all("details.month");
    label.hidden = false;
    const input = label.querySelector("input");
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\\s+/).filter(Boolean);
      let count = 0;
      for (const [one, text] of things) {
        one.hidden = !words.every((word) => text.includes(word));
        if (!one.hidden && one.matches(".entry")) count++;
      }
      for (const month of months) {
        month.open = words.length > 0;
        month.hidden = !month.querySelector(".entry:not([hidden])");
      }
      say(found, words.length === 0 ? "" : count + (count === 1 ? " entry" : " entries") + " with “" + input.value.trim() + "”");
    });
    addEventListener("keydown", (event) => {
      if (event.key !== "/" || event.metaKey || event.ctrlKey || /INPUT|TEXTAREA/.test(document.activeElement.tagName)) return;
      event.preventDefault();
      input.focus();
    });
  }

  // An answer grows old: how old it is when somebody opens it.
  const days = Math.floor((performance.timeOrigin - Date.parse(document.body.dataset.made)) / 864e5);
  if (days > 0) document.querySelector(".brand time").append(" (" + (days === 1 ? "a day" : days + " days") + " ago: rollback report makes a new one)");
})();
`;

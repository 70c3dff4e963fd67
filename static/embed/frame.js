// The script of the embed's frame. It tells the page around it that the frame is there and how high it is, lets
// itself be closed where that page can do so, sees to a button that may not open anything, and asks for the present
// number, because the frame itself may come from a cache. Whatever fails, the frame stays as it was sent.
//
// Messages to the page, as the loader (v1.js) understands them: { type: "olive-embed:height", value } in pixels,
// "olive-embed:ready", "olive-embed:close"; from it: "olive-embed:closable". To a page made with WordPress, as its
// wp-embed.js and wp-embed-template.js have it: { message: "height" | "link", value, secret }; from it: "ready".
(() => {
  // The page learns only what it could see anyway, so any page may hear it.
  const tell = (message) => parent !== window && parent.postMessage(message, "*");

  const [, secret] = /[#?&]secret=([a-zA-Z0-9]+)/.exec(location.hash) || [];

  const main = document.querySelector("main");
  const rest = 200; // ms between two messages about the height
  let said = 0;
  let resting = 0;
  const measure = () => {
    main.style.minHeight = 0; // it may be as high as the frame, and need less
    const height = Math.ceil(main.offsetHeight) + 2; // with the line around it
    main.style.minHeight = "";
    if (resting || height === said || !innerWidth) return;
    said = height;
    tell({ type: "olive-embed:height", value: height });
    if (secret) tell({ message: "height", value: height, secret });
    resting = setTimeout(() => {
      resting = 0;
      measure();
    }, rest);
  };
  measure();
  if (window.ResizeObserver) new ResizeObserver(measure).observe(main);

  const close = document.querySelector("button");
  if (close) {
    const leave = () => tell({ type: "olive-embed:close" });
    close.addEventListener("click", leave);
    addEventListener("keydown", (event) => event.key === "Escape" && !close.hidden && leave());
  }

  addEventListener("message", (event) => {
    if (event.source !== parent) return;
    const heard = event.data || {};
    if (close && heard.type === "olive-embed:closable") close.hidden = false;
    if (secret && heard.secret === secret && heard.message === "ready") {
      said = 0;
      measure();
    }
  });

  const link = document.querySelector("a");
  if (link) {
    const address = link.href;
    const at = new URLSearchParams(location.search).get("at");
    if (at && /\/p\/[^/]+$/.test(link.pathname)) link.search = "at=" + encodeURIComponent(at.slice(0, 200));
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      if (secret && origin === "null") {
        event.preventDefault();
        tell({ message: "link", value: link.href, secret });
      }
      // A sandbox lets nothing open, and does not say so. Then the address is shown, to be copied.
      setTimeout(() => {
        if (document.hidden || !document.hasFocus()) return;
        document.getElementById("address").textContent = address;
        document.body.classList.add("told");
      }, 600);
    });
  }

  tell({ type: "olive-embed:ready" });

  const people = document.getElementById("people");
  const [before, number, after] = people.children;
  const phrases = JSON.parse(people.dataset.phrases);

  // The sample is a number as the server writes them, ending in its digits from 9 down to 0. Numbers are written
  // by filling it from the right, so that they do not depend on what this browser thinks of the language.
  const sample = [...people.dataset.sample].reverse();
  const isDigit = (character) => /\p{Nd}/u.test(character);
  const digits = sample.filter(isDigit);

  const write = (n) => {
    const left = [...String(n)];
    let text = "";
    for (const character of sample) {
      if (!left.length) break;
      text = (isDigit(character) ? digits[left.pop()] : character) + text;
    }
    return text;
  };

  // A phrase is the words before and behind the number, or one text that says it in words.
  const show = (n) => {
    const category = n ? new Intl.PluralRules(document.documentElement.lang).select(n) : "none";
    const [first, last] = phrases[category] || phrases.other;
    before.textContent = first;
    number.textContent = last === undefined ? "" : write(n);
    after.textContent = last || "";
  };

  fetch(location.pathname + "/tally.json", { credentials: "omit" })
    .then((answer) => answer.json())
    .then((tally) => {
      if (Number.isSafeInteger(tally.signatures) && tally.signatures >= 0) show(tally.signatures);
    })
    .catch(() => {});
})();

// The script of the embed's frame: tells the page around it that the frame is there, then asks for the present
// number, because the frame itself may come from a cache. Whatever fails, the frame stays as it was sent.
(() => {
  // The page only learns that this frame loaded, which it could see anyway.
  if (parent !== window) parent.postMessage({ type: "olive-embed:ready" }, "*");

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

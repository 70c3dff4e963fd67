// Keys for the desk. Whatever has data-key answers to that key as to a click,
// a field by taking the focus; nothing happens while somebody types. Every
// deed is a link or a button that works without this.
const typing = (e) => e.closest("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio])");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
  if (event.target instanceof Element && typing(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const control = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!control) return;
  event.preventDefault();
  if (typing(control)) control.focus();
  else control.click();
  // A choice is made: the next press of Enter gives the verdict.
  if (control.matches("[type=checkbox], [type=radio]")) document.getElementById("give")?.focus();
});

// The open application stays in view in a long list.
document.querySelector(".entries .is-open")?.scrollIntoView({ block: "nearest" });

// What cannot be taken back any more is not offered.
const expire = () => {
  for (const item of document.querySelectorAll(".pending [data-left]")) setTimeout(() => {
    const box = item.closest(".pending");
    item.remove();
    if (!box.querySelector("li")) box.remove();
  }, item.dataset.left * 1000);
};
expire();

// As long as somebody looks, the numbers on the tabs are those of now, and what
// others do to the open application is told. A page nobody sees asks nothing.
const inbox = document.querySelector("[data-live]");
if (inbox) {
  const every = 30000;
  let wait, tag = "";
  const show = ({ n, news }) => {
    for (const number of inbox.querySelectorAll("[data-n]")) number.textContent = n[number.dataset.n] ?? number.textContent;
    const box = document.getElementById("news");
    if (!news || box.dataset.said === news) return;
    box.dataset.said = news;
    const line = document.createElement("p");
    line.className = "notice";
    const again = document.createElement("a");
    again.href = location.href;
    again.textContent = box.dataset.again;
    line.append(news, " ", again);
    box.replaceChildren(line);
  };
  const ask = async () => {
    clearTimeout(wait);
    if (document.hidden) return;
    const answer = await fetch(inbox.dataset.live, { headers: tag ? { "If-None-Match": tag } : {}, redirect: "manual" }).catch(() => null);
    if (answer?.type === "opaqueredirect" || (answer?.status >= 400 && answer.status < 500)) return; // signed out, or may not any more
    if (answer?.ok) {
      tag = answer.headers.get("ETag");
      show(await answer.json());
    }
    clearTimeout(wait);
    wait = setTimeout(ask, every);
  };
  document.addEventListener("visibilitychange", ask);
  wait = setTimeout(ask, every);
}

// The letter follows what is chosen and typed.
const form = document.getElementById("verdict");
const letters = document.getElementById("letters");
if (form && letters) {
  const look = document.getElementById("look");
  look.hidden = true;
  let last = 0;
  const refresh = async () => {
    const mine = ++last;
    const query = new URLSearchParams(new FormData(form));
    const answer = await fetch(`${look.formAction}?${query}`).catch(() => null);
    if (!answer?.ok || mine !== last) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    letters.replaceChildren(...page.getElementById("letters").childNodes);
  };
  let wait;
  form.addEventListener("input", () => {
    clearTimeout(wait);
    wait = setTimeout(refresh, 250);
  });
}

// A picker beside the text of a colour; each follows the other.
for (const picker of document.querySelectorAll("input[type=color][data-follows]")) {
  const text = document.getElementById(picker.dataset.follows);
  const follow = () => {
    if (/^#[0-9a-f]{6}$/i.test(text.value)) picker.value = text.value.toLowerCase();
  };
  text.addEventListener("input", follow);
  picker.addEventListener("input", () => { text.value = picker.value; });
  follow();
  picker.hidden = false;
}

// What the program is working on renews itself, as long as somebody looks. When
// it is over the page is made anew, since other buttons are of use then.
const renew = async () => {
  const box = document.querySelector("[data-poll]");
  if (!box) return;
  const answer = document.hidden ? null : await fetch(location.href, { redirect: "manual" }).catch(() => null);
  if (answer?.ok) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = page.getElementById(box.id);
    if (!now?.matches("[data-poll]")) return location.reload();
    if (!box.contains(document.activeElement)) box.replaceChildren(...now.childNodes);
  }
  setTimeout(renew, 2000);
};
setTimeout(renew, 1000);

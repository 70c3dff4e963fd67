// Copy buttons: each names the field it copies. Without a script the field
// can still be selected by hand, so the button starts hidden.
const wake = (root) => {
  for (const button of root.querySelectorAll("button[data-copy], button[data-print]")) button.hidden = false;
};
wake(document);

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy], button[data-print]");
  if (!button) return;
  if ("print" in button.dataset) return print();
  const field = document.getElementById(button.dataset.copy);
  const status = button.parentElement.querySelector(".copied");
  status.textContent = ""; // what already stands there is not read out again
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    field.select();
    if (!document.execCommand("copy")) return;
  }
  status.textContent = status.dataset.done;
});

// A form with data-swap shows at once what a choice brings: the part of the
// page with that id is taken anew, the rest stays as it is.
for (const form of document.querySelectorAll("form[data-swap]")) {
  let latest = 0;
  form.addEventListener("change", async () => {
    const mine = ++latest;
    const url = `${form.action}?${new URLSearchParams(new FormData(form))}`;
    const answer = await fetch(url);
    if (!answer.ok || answer.redirected) return form.submit();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const part = page.getElementById(form.dataset.swap);
    if (mine !== latest || !part) return;
    wake(part);
    document.getElementById(form.dataset.swap).replaceWith(part);
    history.replaceState(null, "", url);
  });
}

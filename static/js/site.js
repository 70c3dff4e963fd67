// Copy buttons: each names the field it copies. Without a script the field
// can still be selected by hand, so the button starts hidden.
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      field.select();
      document.execCommand("copy");
    }
    const status = button.parentElement.querySelector(".copied");
    status.textContent = status.dataset.done;
  });
}

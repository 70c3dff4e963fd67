// The proof of work of the sign form: the browser looks for the number behind
// a hash while the rest of the form is being filled in. The challenge is for
// one address, which is not sent for it: only a hash of it and a nonce is.
// Without WebCrypto, or when anything fails, the form is sent as it is.
const form = document.querySelector("form[data-challenge]");
const { subtle } = globalThis.crypto ?? {};

const utf8 = new TextEncoder();
const hex = (bytes) => Array.from(new Uint8Array(bytes), (b) => b.toString(16).padStart(2, "0")).join("");
const digest = (text) => subtle.digest("SHA-256", utf8.encode(text));

// solve tries all numbers in order. The digests are made beside this thread,
// some at a time, so that the page goes on living.
const solve = async ({ challenge, salt, maxNumber }, goOn) => {
  const some = 200, first = parseInt(challenge.slice(0, 8), 16);
  for (let from = 0; from <= maxNumber && goOn(from / maxNumber); from += some) {
    const sums = await Promise.all(Array.from({ length: some }, (_, i) => digest(salt + (from + i))));
    const at = sums.findIndex((sum) => new DataView(sum).getUint32(0) === first && hex(sum) === challenge);
    if (at >= 0) return from + at;
  }
  throw new Error("not found");
};

const status = form?.querySelector(".work [role=status]");
const asked = form && "asked" in form.dataset;

if (asked && !subtle) status.textContent = status.dataset.failed;
if (form && subtle) {
  const { email, proof } = form.elements;
  const bar = form.querySelector(".work progress");
  let address; // for which it works, or has worked
  let state = "idle"; // then busy, done or failed
  let waiting = false; // for the end, because the form was sent

  const say = () => {
    if (!asked && !waiting) return;
    bar.hidden = state !== "busy";
    status.textContent = status.dataset[state] ?? "";
  };
  const end = (mine, as, value) => {
    if (mine !== address) return; // another address was typed meanwhile
    [state, proof.value] = [as, value];
    say();
    if (waiting && !(asked && as === "failed")) form.submit();
    waiting = false;
  };
  const work = async () => {
    const mine = email.value.trim();
    if (mine === address && state !== "failed") return;
    [address, state, proof.value] = [mine, mine ? "busy" : "idle", ""];
    say();
    if (!mine) return;
    try {
      const nonce = hex(crypto.getRandomValues(new Uint8Array(16)));
      const answer = await fetch(`${form.dataset.challenge}/${hex(await digest(`${nonce}\n${mine}`))}`);
      const challenge = await answer.json();
      const { algorithm, challenge: hash, salt, signature } = challenge;
      const number = await solve(challenge, (share) => {
        bar.value = share;
        return mine === address;
      });
      end(mine, "done", `${nonce}.${btoa(JSON.stringify({ algorithm, challenge: hash, number, salt, signature }))}`);
    } catch {
      end(mine, "failed", "");
    }
  };

  email.addEventListener("change", work);
  form.addEventListener("submit", (event) => {
    if (event.submitter?.name === "unproven" || (state === "failed" && email.value.trim() === address)) return;
    work();
    if (state !== "busy") return;
    event.preventDefault();
    waiting = true;
    say();
  });
  work();
}

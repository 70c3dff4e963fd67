// The loader that site owners put on their pages:
//
//   <olive-embed partner="acme" layout="bar"><a href="https://HOST/p/acme">…sign</a></olive-embed>
//   <script async src="https://HOST/embed/v1.js"></script>
//
// Attributes:
//   partner  whose banner it is
//   layout   bar (or none), sticky, box, tall, wide, card, badge
//   theme    light (or none), dark, auto
//   design   one that the campaign publishes
//   lang     a language; "auto" (or none) for that of the surrounding page, else that of the browser
//   until    a date, as 2026-12-31: from then on the banner says thanks, and "sticky" is gone
//
// The link inside stays until the frame has said that it is there; so it also stays when a content security
// policy, a blocker or the network keeps the frame away. A drawing around the link keeps the banner's room before
// this script has come, without a style, which the page's policy may forbid:
//
//   <olive-embed …><svg display="block" width="100%" height="96"><foreignObject width="100%" height="100%"><a …>…
//
// It is a guest: it takes no focus, asks nobody but the site it came from, and stores nothing but the time at which
// a visitor closed the layout "sticky". A copy elsewhere says where the frames are: data-home="https://HOST/embed/".
(() => {
  const script = document.currentScript || document.querySelector('script[src*="/embed/v1."]');
  // Without these the link stays, which is all that very old browsers get.
  if (!script || !window.customElements || !("adoptedStyleSheets" in document) || customElements.get("olive-embed")) return;

  const home = new URL(script.dataset.home || ".", script.src); // https://HOST/embed/

  // Pixels: the width at most (0: that of the page), the height, and the height where it is narrower than 480.
  const shapes = {
    bar: [0, 80, 96],
    sticky: [0, 80, 96],
    box: [300, 250, 250],
    tall: [160, 600, 600],
    wide: [728, 90, 96],
    card: [600, 315, 315],
    badge: [88, 31, 31],
  };

  const patience = 2000; // how long, in ms, a frame that has loaded may take to say so
  const rest = 200; // ms between two changes of a height
  const away = 30 * 864e5; // ms for which a closed banner stays away
  const place = "olive-embed:" + home.host; // where that is remembered

  // Storage may be forbidden, even to look at.
  let closed = false;
  const wasClosed = () => {
    try {
      return closed || Date.now() - localStorage.getItem(place) < away;
    } catch {
      return closed;
    }
  };
  const remember = () => {
    closed = true;
    try {
      localStorage.setItem(place, Date.now());
    } catch {}
  };

  // A style sheet made by script is no inline style, which the page's policy may forbid.
  const sheet = (css) => {
    const made = new CSSStyleSheet();
    made.replaceSync(css);
    return made;
  };

  const base = `
    :host([hidden]) { display: none; }
    iframe { display: block; width: 100%; border: 0; }
    .view { visibility: hidden; }
    .ready .view { visibility: visible; }
  `;

  // The link as if there were nothing around it.
  const alone = `
    ${base}
    #room { display: contents; }
    .gone { visibility: hidden; }
  `;

  // The room is kept before the frame comes, so that nothing on the page moves when it does. It grows when the
  // frame needs more, for a visitor who reads in large letters. A drawing inside always keeps its own room; what
  // else there is, such as the bare link, lies in that of the layout. Around what takes its width from what is inside,
  // the bar is as wide as such a drawing by itself: 300.
  const inPlace = ([width, usual, narrow]) => sheet(`
    ${base}
    :host { display: block; container-type: inline-size; contain-intrinsic-width: 300px; max-width: 100%; width: -moz-available; width: -webkit-fill-available; }
    ${width ? `:host { width: ${width}px; } iframe { border-radius: 6px; }` : ""}
    #room { position: relative; min-height: max(${usual}px, var(--olive-need)); overflow: hidden; }
    @container (max-width: 479px) { #room { min-height: max(${narrow}px, var(--olive-need)); } }
    .view { position: absolute; inset: 0; }
    iframe { height: 100%; }
    ::slotted(*) { position: absolute; inset-inline: 0; }
    ::slotted(svg), .late ::slotted(*) { position: static; }
    .ready slot { visibility: hidden; }
    #room.late { overflow: visible; }
    .late .view { display: none; }
  `);

  // Paper is as in frame.css. The link keeps its line on the page, so that nothing moves when it makes way.
  const atFoot = ([, usual, narrow]) => sheet(`
    ${alone}
    .view {
      position: fixed; inset: auto 0 0; z-index: 2147483000;
      padding: 0 env(safe-area-inset-right) env(safe-area-inset-bottom) env(safe-area-inset-left);
      background: #fbfaf6; box-shadow: 0 -1px 8px #0003;
    }
    :host([theme="dark"]) .view { background: #11182a; }
    @media (prefers-color-scheme: dark) { :host([theme="auto"]) .view { background: #11182a; } }
    iframe { height: max(${usual}px, var(--olive-need)); }
    @media (max-width: 479px) { iframe { height: max(${narrow}px, var(--olive-need)); } }
    .ready slot { visibility: hidden; }
    @media print { .view { display: none; } }
  `);

  // What a banner at the foot of the window covers, the page gets at its end.
  let standing = null; // one banner, while others wait for its place
  const waiting = new Set();
  let floor = null;
  const stand = (embed) => {
    const others = [...document.adoptedStyleSheets].filter((s) => s !== floor);
    const [, usual, narrow] = shapes.sticky;
    const room = (media, height) => `@media ${media} {
      html { --olive-foot: calc(${Math.max(height, embed.need)}px + env(safe-area-inset-bottom, 0px));
        padding-bottom: var(--olive-foot) !important; scroll-padding-bottom: var(--olive-foot) !important; }
    }`;
    standing = embed;
    floor = embed && sheet(room("screen", usual) + room("screen and (max-width: 479px)", narrow));
    document.adoptedStyleSheets = floor ? [...others, floor] : others;
  };

  class OliveEmbed extends HTMLElement {
    static get observedAttributes() {
      return ["partner", "layout", "theme", "design", "lang", "until"];
    }

    connectedCallback() {
      if (!this.isConnected) return; // taken out again in the meantime
      if (!this.room) {
        this.room = document.createElement("div");
        this.room.id = "room";
        this.view = document.createElement("div");
        this.view.className = "view";
        this.room.append(document.createElement("slot"), this.view);
        this.attachShadow({ mode: "open" }).append(this.room);
      }
      this.show();
    }

    // A frame that is moved loads again, so it is made anew where the element is put back.
    disconnectedCallback() {
      this.clear();
    }

    attributeChangedCallback(name, before, now) {
      if (this.room && this.isConnected && before !== now) this.show();
    }

    show() {
      this.clear();
      this.layout = Object.hasOwn(shapes, this.getAttribute("layout")) ? this.getAttribute("layout") : "bar";
      this.sticky = this.layout === "sticky";
      this.shape = shapes[this.layout];
      this.need = this.had = 0;
      this.room.style.setProperty("--olive-need", "0px");
      this.over = this.isOver();
      this.shadowRoot.adoptedStyleSheets = [sheet(alone)];
      if (this.sticky) {
        if (this.over || wasClosed()) return (this.room.className = "gone");
        if (top !== window) return;
        if (standing) return waiting.add(this);
        standing = this;
      }
      this.shadowRoot.adoptedStyleSheets = [(this.sticky ? atFoot : inPlace)(this.shape)];

      const frame = (this.frame = document.createElement("iframe"));
      if (!this.sticky) frame.loading = "lazy";
      frame.src = this.address();
      frame.onload = () => this.later(() => this.room.className || (this.room.className = "late"), patience);
      this.entitle();
      this.hear = (event) => {
        if (event.source !== frame.contentWindow) return;
        // A page in a sandbox has the origin "null", and so has everything in it.
        if (event.origin !== home.origin && (event.origin !== "null" || origin !== "null")) return;
        const { type, value } = event.data || {};
        if (type === "olive-embed:height") this.grow(value);
        if (type === "olive-embed:ready") this.ready();
        if (type === "olive-embed:close" && this.sticky) this.close();
      };
      addEventListener("message", this.hear);
      this.view.append(frame);
    }

    clear() {
      clearTimeout(this.ending);
      clearTimeout(this.resting);
      this.resting = 0;
      this.room.className = "";
      if (this.frame) {
        removeEventListener("message", this.hear);
        this.frame.remove();
        this.frame = null;
      }
      waiting.delete(this);
      if (standing !== this) return;
      stand(null);
      const [next] = waiting;
      if (next) next.show();
    }

    // Does something unless the frame has been replaced by then.
    later(what, ms) {
      const frame = this.frame;
      return setTimeout(() => this.frame === frame && what(), ms);
    }

    isOver() {
      const left = Date.parse(this.getAttribute("until")) - Date.now();
      if (left > 0) this.ending = setTimeout(() => this.show(), Math.min(left, 864e5));
      return left <= 0;
    }

    ready() {
      this.entitle(); // the link may have been parsed only now
      // Hiding the link while it has the focus would throw a keyboard user back to the top of the page.
      if (this.room.className !== "ready" && this.matches(":focus-within")) {
        this.addEventListener("focusout", () => this.later(() => this.ready()), { once: true });
        return;
      }
      this.room.className = "ready";
      if (!this.sticky) return;
      stand(this);
      this.frame.contentWindow.postMessage({ type: "olive-embed:closable" }, "*");
    }

    // What the frame needs counts up to twice what the layout has, and not more often than once in a while.
    grow(need) {
      this.need = Math.min(Math.ceil(need) || 0, 2 * this.shape[2]);
      if (this.resting || this.need === this.had) return;
      this.had = this.need;
      this.room.style.setProperty("--olive-need", this.need + "px");
      if (this.sticky && this.room.className) stand(this);
      this.resting = this.later(() => {
        this.resting = 0;
        this.grow(this.need);
      }, rest);
    }

    close() {
      remember();
      this.show();
    }

    // The text of the link names the frame to those who do not see it.
    entitle() {
      this.frame.title = this.textContent.trim() || home.host;
    }

    language() {
      const own = this.getAttribute("lang");
      if (own && own !== "auto") return own;
      const around = this.parentElement && this.parentElement.closest("[lang]");
      return (around && around.lang) || document.documentElement.lang || navigator.language || "";
    }

    address() {
      const url = new URL(encodeURIComponent(this.getAttribute("partner") || "all"), home);
      const ask = (name, value) => value && url.searchParams.set(name, value);
      ask("layout", this.layout);
      ask("lang", this.language());
      ask("theme", this.getAttribute("theme"));
      ask("design", this.getAttribute("design"));
      ask("ended", this.over);
      // Where it stands, for the partner to see: no query and no fragment, which are the visitor's.
      ask("at", location.host && (location.host + location.pathname).slice(0, 200));
      return url.href;
    }
  }

  customElements.define("olive-embed", OliveEmbed);
})();

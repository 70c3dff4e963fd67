// The loader that site owners put on their pages:
//
//   <olive-embed partner="acme" layout="bar"><a href="https://HOST/p/acme">…sign</a></olive-embed>
//   <script async src="https://HOST/embed/v1.js"></script>
//
// Attributes: partner, layout ("bar"), theme ("light", "dark", "auto"), and lang: a language, or "auto" for that
// of the surrounding page. The link inside stays until the frame has said that it is there; so it also stays
// when a content security policy, a blocker or the network keeps the frame away.
//
// It is a guest: it stores nothing, takes no focus, and asks nobody but the site it came from.
(() => {
  const script = document.currentScript || document.querySelector('script[src*="/embed/v1."]');
  // Without these the link stays, which is all that very old browsers get.
  if (!script || !window.customElements || !("adoptedStyleSheets" in document) || customElements.get("olive-embed")) return;

  const home = new URL(".", script.src); // https://HOST/embed/

  // Heights in pixels: usual, and where the element is narrower than 480 pixels.
  const heights = { bar: [80, 96] };

  // A style sheet made by script is no inline style, which the page's policy may forbid.
  // The room is reserved before the frame comes, so that nothing on the page moves when it does.
  const styleOf = ([usual, narrow]) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
      :host { display: block; container-type: inline-size; }
      :host([hidden]) { display: none; }
      div { position: relative; min-height: ${usual}px; }
      @container (max-width: 479px) { div { min-height: ${narrow}px; } }
      iframe { position: absolute; inset: 0; width: 100%; height: 100%; border: 0; visibility: hidden; }
      .ready iframe { visibility: visible; }
      .ready slot { display: none; }
    `);
    return sheet;
  };

  class OliveEmbed extends HTMLElement {
    static get observedAttributes() {
      return ["partner", "layout", "theme", "lang"];
    }

    connectedCallback() {
      if (!this.isConnected) return; // taken out again in the meantime
      if (!this.room) {
        this.room = document.createElement("div");
        this.room.append(document.createElement("slot"));
        this.attachShadow({ mode: "open" }).append(this.room);
      }
      this.show();
    }

    // A frame that is moved loads again, so it is made anew where the element is put back.
    disconnectedCallback() {
      this.clear();
    }

    attributeChangedCallback() {
      if (this.frame && this.frame.src !== this.address()) this.show();
    }

    show() {
      this.clear();
      this.shadowRoot.adoptedStyleSheets = [styleOf(heights[this.layout()])];
      const frame = (this.frame = document.createElement("iframe"));
      frame.loading = "lazy";
      frame.src = this.address();
      this.entitle();
      this.hear = (event) => {
        if (event.source !== frame.contentWindow || event.origin !== home.origin) return;
        if (event.data && event.data.type === "olive-embed:ready") this.ready();
      };
      addEventListener("message", this.hear);
      this.room.append(frame);
    }

    clear() {
      if (!this.frame) return;
      removeEventListener("message", this.hear);
      this.frame.remove();
      this.frame = null;
      this.room.className = "";
    }

    ready() {
      this.entitle(); // the link may have been parsed only now
      // Hiding the link while it has the focus would throw a keyboard user back to the top of the page.
      if (this.matches(":focus-within")) {
        const frame = this.frame;
        const later = () => setTimeout(() => this.frame === frame && this.ready());
        this.addEventListener("focusout", later, { once: true });
        return;
      }
      this.room.className = "ready";
    }

    // The text of the link names the frame to those who do not see it.
    entitle() {
      this.frame.title = this.textContent.trim() || home.host;
    }

    layout() {
      const layout = this.getAttribute("layout");
      return Object.hasOwn(heights, layout) ? layout : "bar";
    }

    language() {
      const own = this.getAttribute("lang");
      if (own && own !== "auto") return own;
      const around = this.parentElement && this.parentElement.closest("[lang]");
      return (around && around.lang) || document.documentElement.lang || navigator.language || "";
    }

    address() {
      const url = new URL(encodeURIComponent(this.getAttribute("partner") || "all"), home);
      url.searchParams.set("layout", this.layout());
      url.searchParams.set("lang", this.language());
      const theme = this.getAttribute("theme");
      if (theme) url.searchParams.set("theme", theme);
      return url.href;
    }
  }

  customElements.define("olive-embed", OliveEmbed);
})();

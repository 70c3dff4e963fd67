(()=>{const l=document.currentScript||document.querySelector('script[src*="/embed/v1."]');if(!l||!window.customElements||!("adoptedStyleSheets"in document)||customElements.get("olive-embed"))return;const a=new URL(l.dataset.home||".",l.src),d={bar:[0,80,96],sticky:[0,80,96],box:[300,250,250],tall:[160,600,600],wide:[728,90,96],card:[600,315,315],badge:[88,31,31]},w=2e3,y=200,b=30*864e5,g="olive-embed:"+a.host;let c=!1;const x=()=>{try{return c||Date.now()-localStorage.getItem(g)<b}catch{return c}},k=()=>{c=!0;try{localStorage.setItem(g,Date.now())}catch{}},n=i=>{const e=new CSSStyleSheet;return e.replaceSync(i),e},v=`
    :host([hidden]) { display: none; }
    iframe { display: block; width: 100%; border: 0; }
    .view { visibility: hidden; }
    .ready .view { visibility: visible; }
  `,f=`
    ${v}
    #room { display: contents; }
    .gone { visibility: hidden; }
  `,S=([i,e,t])=>n(`
    ${v}
    :host { display: block; container-type: inline-size; contain-intrinsic-width: 300px; max-width: 100%; width: -moz-available; width: -webkit-fill-available; }
    ${i?`:host { width: ${i}px; } iframe { border-radius: 6px; }`:""}
    #room { position: relative; min-height: max(${e}px, var(--olive-need)); overflow: hidden; }
    @container (max-width: 479px) { #room { min-height: max(${t}px, var(--olive-need)); } }
    .view { position: absolute; inset: 0; }
    iframe { height: 100%; }
    ::slotted(*) { position: absolute; inset-inline: 0; }
    ::slotted(svg), .late ::slotted(*) { position: static; }
    .ready slot { visibility: hidden; }
    #room.late { overflow: visible; }
    .late .view { display: none; }
  `),E=([,i,e])=>n(`
    ${f}
    .view {
      position: fixed; inset: auto 0 0; z-index: 2147483000;
      padding: 0 env(safe-area-inset-right) env(safe-area-inset-bottom) env(safe-area-inset-left);
      background: #fbfaf6; box-shadow: 0 -1px 8px #0003;
    }
    :host([theme="dark"]) .view { background: #11182a; }
    @media (prefers-color-scheme: dark) { :host([theme="auto"]) .view { background: #11182a; } }
    iframe { height: max(${i}px, var(--olive-need)); }
    @media (max-width: 479px) { iframe { height: max(${e}px, var(--olive-need)); } }
    .ready slot { visibility: hidden; }
    @media print { .view { display: none; } }
  `);let r=null;const m=new Set;let h=null;const u=i=>{const e=[...document.adoptedStyleSheets].filter(p=>p!==h),[,t,s]=d.sticky,o=(p,C)=>`@media ${p} {
      html { --olive-foot: calc(${Math.max(C,i.need)}px + env(safe-area-inset-bottom, 0px));
        padding-bottom: var(--olive-foot) !important; scroll-padding-bottom: var(--olive-foot) !important; }
    }`;r=i,h=i&&n(o("screen",t)+o("screen and (max-width: 479px)",s)),document.adoptedStyleSheets=h?[...e,h]:e};class $ extends HTMLElement{static get observedAttributes(){return["partner","layout","theme","design","lang","until"]}connectedCallback(){this.isConnected&&(this.room||(this.room=document.createElement("div"),this.room.id="room",this.view=document.createElement("div"),this.view.className="view",this.room.append(document.createElement("slot"),this.view),this.attachShadow({mode:"open"}).append(this.room)),this.show())}disconnectedCallback(){this.clear()}attributeChangedCallback(e,t,s){this.room&&this.isConnected&&t!==s&&this.show()}show(){if(this.clear(),this.layout=Object.hasOwn(d,this.getAttribute("layout"))?this.getAttribute("layout"):"bar",this.sticky=this.layout==="sticky",this.shape=d[this.layout],this.need=this.had=0,this.room.style.setProperty("--olive-need","0px"),this.over=this.isOver(),this.shadowRoot.adoptedStyleSheets=[n(f)],this.sticky){if(this.over||x())return this.room.className="gone";if(top!==window)return;if(r)return m.add(this);r=this}this.shadowRoot.adoptedStyleSheets=[(this.sticky?E:S)(this.shape)];const e=this.frame=document.createElement("iframe");this.sticky||(e.loading="lazy"),e.src=this.address(),e.onload=()=>this.later(()=>this.room.className||(this.room.className="late"),w),this.entitle(),this.hear=t=>{if(t.source!==e.contentWindow||t.origin!==a.origin&&(t.origin!=="null"||origin!=="null"))return;const{type:s,value:o}=t.data||{};s==="olive-embed:height"&&this.grow(o),s==="olive-embed:ready"&&this.ready(),s==="olive-embed:close"&&this.sticky&&this.close()},addEventListener("message",this.hear),this.view.append(e)}clear(){if(clearTimeout(this.ending),clearTimeout(this.resting),this.resting=0,this.room.className="",this.frame&&(removeEventListener("message",this.hear),this.frame.remove(),this.frame=null),m.delete(this),r!==this)return;u(null);const[e]=m;e&&e.show()}later(e,t){const s=this.frame;return setTimeout(()=>this.frame===s&&e(),t)}isOver(){const e=Date.parse(this.getAttribute("until"))-Date.now();return e>0&&(this.ending=setTimeout(()=>this.show(),Math.min(e,864e5))),e<=0}ready(){if(this.entitle(),this.room.className!=="ready"&&this.matches(":focus-within")){this.addEventListener("focusout",()=>this.later(()=>this.ready()),{once:!0});return}this.room.className="ready",this.sticky&&(u(this),this.frame.contentWindow.postMessage({type:"olive-embed:closable"},"*"))}grow(e){this.need=Math.min(Math.ceil(e)||0,2*this.shape[2]),!(this.resting||this.need===this.had)&&(this.had=this.need,this.room.style.setProperty("--olive-need",this.need+"px"),this.sticky&&this.room.className&&u(this),this.resting=this.later(()=>{this.resting=0,this.grow(this.need)},y))}close(){k(),this.show()}entitle(){this.frame.title=this.textContent.trim()||a.host}language(){const e=this.getAttribute("lang");if(e&&e!=="auto")return e;const t=this.parentElement&&this.parentElement.closest("[lang]");return t&&t.lang||document.documentElement.lang||navigator.language||""}address(){const e=new URL(encodeURIComponent(this.getAttribute("partner")||"all"),a),t=(s,o)=>o&&e.searchParams.set(s,o);return t("layout",this.layout),t("lang",this.language()),t("theme",this.getAttribute("theme")),t("design",this.getAttribute("design")),t("ended",this.over),t("at",location.host&&(location.host+location.pathname).slice(0,200)),e.href}}customElements.define("olive-embed",$)})();
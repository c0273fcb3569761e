// A programme of work: the tree with what is done, late and blocked at every level, and who owes what this week.
import { button, clocks, digits, filter, given, make, renew, wanted } from "lodeworks-live";

const NEXT = { open: ["under way", "done", "blocked", "dropped"], "under way": ["done", "blocked", "dropped"], blocked: ["under way", "dropped"], done: ["open"], dropped: ["open"] };
const WIDE = 260, TALL = 84; // of the picture of passes
const MARK = { open: "○", "under way": "◐", blocked: "■", done: "●", dropped: "–" };

export default {
  template: `<div class="lw-actions"></div>`,
  props: { language: String },
  emits: ["deed"],
  async mounted() {
    this.opened = new Set();
    this.owing = new Set();
    this.looked = new Map(); // by item of a round: what was told of its place, or that it is asked for
    this.shut = new Set(); // what stands open by itself and was closed
    await this.look();
    this.again = setInterval(() => { if (document.visibilityState === "visible") this.look(); }, 5000);
  },
  beforeUnmount() {
    this.gone = true;
    clearInterval(this.again);
  },
  methods: {
    async look() {
      let told;
      try { told = await (await given(`/api/actions?language=${this.language}`)).json(); } catch (error) { console.warn(error); return; }
      const key = JSON.stringify([told.tree, told.owed]);
      if (this.gone || key === this.drawn) return;
      this.drawn = key;
      this.told = told;
      this.words = told.words;
      this.clocks = clocks(told.timezone);
      this.titles = new Map();
      const walk = (items) => items.forEach((item) => { this.titles.set(item.name, item); walk(item.children); });
      walk(told.tree);
      if (!this.filter) this.build();
      this.draw();
    },
    build() {
      const words = this.words, bar = make("div", "lw-bar-tools"), { label, field } = filter(words.filter, () => this.draw());
      this.filter = field;
      this.late = button(words["late or blocked"], () => { this.late.setAttribute("aria-pressed", String(this.late.getAttribute("aria-pressed") !== "true")); this.draw(); }, false);
      bar.append(label, this.late);
      this.said = make("p", "lw-said");
      this.said.setAttribute("role", "status");
      this.both = make("div", "lw-actions-both");
      this.tree = make("div", "lw-tree");
      this.side = make("aside", "lw-owed");
      this.side.setAttribute("aria-label", words["owed this week"]);
      this.both.append(this.tree, this.side);
      this.$el.append(bar, this.said, this.both);
    },
    wanted(item) {
      const only = this.late.getAttribute("aria-pressed") === "true";
      const own = wanted(this.filter, `${item.title} ${item.owner} ${item.name}`) && (!only || item.late || item.blocked);
      return own || item.children.some((child) => this.wanted(child));
    },
    draw() {
      const words = this.words, told = this.told;
      this.said.textContent = told.mismatches.length ? `${words["does not add up"]}: ${told.mismatches.slice(0, 4).map((m) => `${this.titles.get(m.name)?.title ?? m.name} ${m.level} ${m.stated} ≠ ${m.found}`).join("; ")}` : words["adds up"];
      this.said.classList.toggle("lw-bad", told.mismatches.length > 0);
      renew(this.tree, told.tree.filter((item) => this.wanted(item)).map((item) => this.item(item, 0)));
      const owed = told.owed.map(({ owner, items }) => {
        const box = make("details");
        box.append(make("summary", "", `${owner || words["nobody yet"]} (${items.length})`));
        box.open = this.owing.has(owner);
        box.addEventListener("toggle", () => this.owing[box.open ? "add" : "delete"](owner));
        const list = make("ul");
        items.slice(0, 50).forEach((name) => { const item = this.titles.get(name); list.append(make("li", item?.late ? "lw-late" : "", `${item?.title ?? name} · ${this.clocks.date(item.due - 1)}`)); });
        box.append(list);
        return box;
      });
      renew(this.side, [make("h2", "", words["owed this week"]), ...(owed.length ? owed : [make("p", "lw-calm", words["nothing owed"])])]);
    },
    async show(item) {
      if (this.looked.delete(item.name)) { this.draw(); return; }
      this.looked.set(item.name, null);
      this.draw();
      try {
        const told = await (await given(`/api/found?language=${this.language}&item=${encodeURIComponent(item.name)}`)).json();
        if (this.looked.has(item.name)) this.looked.set(item.name, told);
      } catch (error) { console.warn(error); this.looked.delete(item.name); }
      if (!this.gone) this.draw();
    },
    // What a round found at a place: the picture of then, and the most that each pass measured there, with the limits.
    place(item) {
      const words = this.words, told = this.looked.get(item.name), box = make("div", "lw-spot");
      if (!told) { box.append(make("p", "lw-note", "…")); return box; }
      if (told.picture) {
        const figure = make("figure", "lw-spot-picture"), image = make("img"), when = this.clocks.when(told.picture.at, this.told.now);
        image.src = `/api/found/picture?language=${this.language}&item=${encodeURIComponent(item.name)}`;
        image.alt = `${item.title}, ${when}`;
        figure.append(image, make("figcaption", "lw-note", `${told.picture.drawn ? words.drawn + " · " : ""}${when}`));
        box.append(figure);
      } else box.append(make("p", "lw-note", words["no picture"]));
      const right = make("div");
      if (told.passes.length) right.append(this.passed(told), make("ul", "lw-note"));
      for (const one of told.passes.slice(-12).reverse()) right.lastChild.append(make("li", "", `${this.clocks.when(one.at, this.told.now)} · ${digits(one.most)} ${told.unit}`));
      if (!told.passes.length) right.append(make("p", "lw-note", words["no pass"]));
      box.append(right);
      return box;
    },
    passed(told) {
      const NS = "http://www.w3.org/2000/svg", svg = document.createElementNS(NS, "svg"), values = [...told.passes.map((p) => p.most), ...told.limits];
      const low = Math.min(...values), span = Math.max(...values) - low || 1, first = told.passes[0].at, length = told.passes.at(-1).at - first;
      const x = (at) => 8 + (length ? ((WIDE - 16) * (at - first)) / length : (WIDE - 16) / 2), y = (v) => TALL - 8 - ((TALL - 16) * (v - low)) / span;
      const put = (kind, told) => { const one = document.createElementNS(NS, kind); Object.entries(told).forEach(([key, value]) => one.setAttribute(key, value)); svg.append(one); };
      svg.setAttribute("viewBox", `0 0 ${WIDE} ${TALL}`);
      svg.setAttribute("class", "lw-passes");
      svg.setAttribute("aria-hidden", "true"); // the list below says the same
      for (const limit of told.limits) put("line", { x1: 0, x2: WIDE, y1: y(limit), y2: y(limit), class: "lw-pass-limit" });
      put("path", { d: told.passes.map((p, k) => `${k ? "L" : "M"}${x(p.at).toFixed(1)} ${y(p.most).toFixed(1)}`).join("") });
      for (const p of told.passes) put("circle", { cx: x(p.at).toFixed(1), cy: y(p.most).toFixed(1), r: 3 });
      return svg;
    },
    item(item, depth) {
      const words = this.words, hold = make("div", `lw-item${item.late ? " lw-is-late" : ""}${item.blocked ? " lw-is-blocked" : ""}`), line = make("div", "lw-item-line");
      line.style.paddingInlineStart = `${8 + 20 * depth}px`;
      const open = this.opened.has(item.name) || this.filter.value !== "" || (depth === 0 && this.told.tree.length < 3 && !this.shut.has(item.name));
      if (item.children.length) {
        const fold = make("button", "lw-fold", open ? "▾" : "▸");
        fold.type = "button";
        fold.setAttribute("aria-expanded", String(open));
        fold.setAttribute("aria-label", item.title);
        fold.dataset.key = `fold ${item.name}`;
        fold.addEventListener("click", () => { this.opened[open ? "delete" : "add"](item.name); this.shut[open ? "add" : "delete"](item.name); this.draw(); });
        line.append(fold);
      } else line.append(make("span", "lw-fold", ""));
      const totals = item.totals.filter((t) => t.level).map((t) => `${t.level} ${t.done}/${t.count}${t.late ? ` (${t.late} ${words["is late"]})` : ""}`).join(" · ");
      const told = make("span", "lw-item-words");
      told.append(make("span", "lw-item-title", item.title), make("span", "lw-note", totals), make("span", "lw-note", item.owner), make("span", `lw-note${item.late ? " lw-late" : ""}`, item.due ? `${this.clocks.date(item.due - 1)}${item.late ? " · " + words["is late"] : ""}` : ""));
      if (item.why) told.append(make("span", "lw-note", `“${item.why}”`));
      if (item.place) {
        const shows = this.looked.has(item.name), at = button(item.place, () => this.show(item), false);
        at.dataset.key = `place ${item.name}`;
        at.setAttribute("aria-expanded", String(shows));
        at.title = words["at the place"];
        told.append(at);
      }
      line.append(make("span", "lw-mark", `${MARK[item.state] ?? ""} ${words[item.state] ?? item.state}`), told);
      if (!item.children.length) {
        const pick = make("select", "lw-input lw-pick");
        pick.setAttribute("aria-label", `${words.state}: ${item.title}`);
        pick.dataset.key = `state ${item.name}`;
        pick.append(make("option", "", words["set state"]), ...NEXT[item.state].map((state) => { const option = make("option", "", words[state]); option.value = state; return option; }));
        pick.firstChild.value = "";
        pick.addEventListener("change", () => { if (pick.value) this.$emit("deed", { kind: "action_state", name: item.name, title: item.title, state: pick.value }); pick.value = ""; });
        const deeds = make("span", "lw-item-deeds");
        deeds.append(pick);
        line.append(deeds);
        if (item.evidence) {
          const proof = button(`${words.evidence} ${item.proofs.length}`, () => this.$emit("deed", { kind: "action_evidence", name: item.name, title: item.title }));
          proof.dataset.key = `proof ${item.name}`;
          proof.title = [item.evidence, ...item.proofs.map((p) => `${p.row}: ${p.text}`)].join("\n");
          deeds.append(proof);
        }
      }
      hold.append(line);
      if (item.place && this.looked.has(item.name)) hold.append(this.place(item));
      if (open) hold.append(...item.children.filter((child) => this.wanted(child)).map((child) => this.item(child, depth + 1)));
      return hold;
    },
  },
};

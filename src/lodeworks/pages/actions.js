// A programme of work: the tree with what is done, late and blocked at every level, and who owes what this week.
import { button, clocks, filter, given, make, renew, wanted } from "lodeworks-live";

const NEXT = { open: ["under way", "done", "blocked", "dropped"], "under way": ["done", "blocked", "dropped"], blocked: ["under way", "dropped"], done: ["open"], dropped: ["open"] };
const MARK = { open: "○", "under way": "◐", blocked: "■", done: "●", dropped: "–" };

export default {
  template: `<div class="lw-actions"></div>`,
  props: { language: String },
  emits: ["deed"],
  async mounted() {
    this.opened = new Set();
    this.owing = new Set();
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
      if (open) hold.append(...item.children.filter((child) => this.wanted(child)).map((child) => this.item(child, depth + 1)));
      return hold;
    },
  },
};

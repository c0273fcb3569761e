// What was confirmed and not yet answered: kept in this tab, and told when its line broke or its page was loaded anew.
import { button, make, write } from "lodeworks-live";

const KEPT = "lodeworks-wishes", PATIENCE = 6000, LOOK = 2000, SEEN = 100; // ms

const kept = () => JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
const keep = (wishes) => sessionStorage.setItem(KEPT, JSON.stringify(wishes));
const drop = (key) => { const wishes = kept(); delete wishes[key]; keep(wishes); };

export default {
  template: `<div class="lw-wishes" role="alert"></div>`,
  props: { language: String, words: Object },
  mounted() {
    this.settling = new Set(Object.keys(kept())); // of pages before this one: nothing of them is on its way any more
    this.boxes = new Map();
    this.onClick = (event) => this.confirmed(event.target.closest?.("[data-wishes]"));
    this.onKey = (event) => { if (event.key === "Enter" && event.target.closest?.(".lw-enter")) this.confirmed(event.target.closest(".lw-dialog")?.querySelector("[data-wishes]")); };
    this.onHeard = ({ detail }) => { for (const key of detail.keys) this[detail.told ? "seen" : "forget"](key); };
    document.addEventListener("click", this.onClick, true);
    document.addEventListener("keydown", this.onKey, true);
    addEventListener("lodeworks-heard", this.onHeard);
    this.looking = setInterval(() => this.look(), LOOK);
    this.look();
  },
  beforeUnmount() {
    document.removeEventListener("click", this.onClick, true);
    document.removeEventListener("keydown", this.onKey, true);
    removeEventListener("lodeworks-heard", this.onHeard);
    clearInterval(this.looking);
  },
  methods: {
    confirmed(button) {
      if (!button) return;
      const at = Date.now(), wishes = Object.entries(JSON.parse(button.dataset.wishes));
      keep({ ...kept(), ...Object.fromEntries(wishes.map(([key, title]) => [key, { title, at }])) });
    },
    // An answer is told when it stands on the page. Where it does not come, the wish is kept, and asked after by `look`.
    seen(key) {
      if (!kept()[key] || !this.$el.isConnected) return;
      if (document.querySelector(`[data-heard="${key}"]`)) this.forget(key);
      else setTimeout(() => this.seen(key), SEEN);
    },
    forget(key) {
      drop(key);
      this.settling.delete(key);
      this.shut(key);
    },
    shut(key) {
      this.boxes.get(key)?.remove();
      this.boxes.delete(key);
    },
    async look() {
      if (this.busy) return;
      this.busy = true;
      for (const [key, wish] of Object.entries(kept())) {
        const settling = this.settling.has(key);
        if (!settling && Date.now() - wish.at < PATIENCE) continue; // its answer is on its way
        const found = await this.ask(key, settling);
        if (!kept()[key]) continue; // it was told meanwhile
        if (!found) { if (!settling) this.tell(key, wish.title, this.words["wish unheard"], "lw-warn"); continue; }
        this.tell(key, wish.title, found.told, !found.over ? "lw-warn" : found.done ? "lw-good" : "lw-bad");
        if (found.over) drop(key);
      }
      this.busy = false;
    },
    async ask(key, settling) {
      try {
        const answer = await fetch(`/api/wish/${key}${settling ? "/settle" : ""}?language=${this.language}`, { method: settling ? "POST" : "GET", credentials: "same-origin" });
        return answer.ok ? await answer.json() : null;
      } catch (error) {
        return null; // the line is still broken: it is asked again
      }
    },
    tell(key, title, told, kind) {
      let box = this.boxes.get(key);
      if (!box) {
        box = make("p");
        box.append(make("b"), make("span"), button(this.words.close, () => this.shut(key)));
        this.boxes.set(key, box);
        this.$el.append(box);
      }
      box.className = kind;
      const [head, words] = box.children;
      write(head, title);
      write(words, told);
    },
  },
};

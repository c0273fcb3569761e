// The alarm list at which a dispatcher works: rows by keyboard or mouse, deeds handed to the server; how it is heard is
// in live/voice.js.
import { SHAPES, button, clocks, digits, filter, given, incidents, lasting, make, minutes, raise, rehearsed, stream, unheard, write } from "lodeworks-live";
import { Voice, sentence } from "lodeworks-live/voice.js";

const KEYS = { a: "acknowledge", n: "note", s: "shelve", u: "unshelve", m: "silence", r: "reset", t: "trends", i: "incident", j: "journal", w: "wall", c: "calibrate", l: "limits" };
// Orders beside the server's own (priority first), each by a number: the smallest stands first, what has none last.
const ORDERS = {
  priority: null, cost: (a) => (a.cost > 0 ? -a.cost : Infinity), since: (a) => -a.since,
  due: (a) => (a.due && a.active && a.unacknowledged ? a.due : Infinity), left: (a) => a.left ?? Infinity,
};
const COLUMNS = [["priority", "priority"], ["alarm"], ["state"], ["since", "since"], ["value"], ["respond in", "due"], ["per hour", "cost"], ["lasts", "left"], ["what to do"], ["remark"]];
const DUE = COLUMNS.findIndex(([name]) => name === "respond in");
const LISTS = ["open", "shelved", "suppressed", "out of service"];

export default {
  template: `<div class="lw-desk"></div>`,
  props: { language: String, live: String, voice: Object },
  emits: ["deed"],
  async mounted() {
    const screen = await (await given(`/api/words?language=${this.language}`)).json();
    if (this.gone) return;
    this.words = screen.words;
    this.clocks = clocks(screen.timezone);
    this.list = "open";
    this.text = "";
    this.build();
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
    this.held = stream(this.live);
    this.stream = this.held.stream;
    this.hearing = new Voice(this.voice, this.words, this.language, () => this.all(), () => this.soundOf());
    this.soundOf();
    this.valued();
    this.valuing = setInterval(() => { if (document.visibilityState === "visible") this.valued(); }, 5000);
    this.leave = this.stream.on((message) => { if (message?.text) this.take(); this.paint(); });
  },
  beforeUnmount() {
    this.gone = true;
    document.removeEventListener("keydown", this.onKey);
    this.leave?.();
    this.held?.release();
    clearInterval(this.valuing);
    this.hearing?.close();
  },
  methods: {
    build() {
      const words = this.words;
      this.banner = make("div", "lw-banner");
      this.banner.setAttribute("role", "status");
      const bar = make("div", "lw-bar-tools");
      this.tabs = make("div", "lw-buttons");
      const { label, field } = filter(words.filter, () => { this.text = field.value.toLowerCase(); this.rowsOf(); });
      this.filter = field;
      this.deeds = make("div", "lw-buttons");
      for (const [key, deed] of Object.entries(KEYS).slice(0, 6)) {
        const one = button(`${words[deed]} (${key.toUpperCase()})`, () => this.act(deed));
        one.dataset.deed = deed;
        one.setAttribute("aria-keyshortcuts", key);
        this.deeds.append(one);
      }
      this.sound = make("div", "lw-buttons");
      this.help = button("? " + words.keys, () => this.keys());
      const order = make("label", "lw-picker lw-order", words.order);
      this.orders = make("select", "lw-input");
      for (const name of Object.keys(ORDERS)) this.orders.append(Object.assign(make("option", "", words["order " + name]), { value: name }));
      this.orders.addEventListener("change", () => this.sort(this.orders.value));
      order.append(this.orders);
      bar.append(this.tabs, label, order, this.deeds, this.sound, this.help);
      const hold = make("div", "lw-table lw-grow");
      const table = make("table", "lw-list lw-alarms-list");
      const head = make("tr");
      for (const [name, order] of COLUMNS) {
        const cell = make("th", `lw-col-${order ?? "text"}`, order ? "" : words[name]);
        cell.scope = "col";
        if (order) {
          cell.dataset.order = order;
          cell.dataset.title = words[name]; // on paper, where nothing can be pressed
          cell.append(button(words[name], () => this.sort(order)));
        }
        head.append(cell);
      }
      this.head = head;
      const top = make("thead");
      top.append(head);
      this.body = make("tbody");
      this.lines = new Map(); // alarm: its row
      this.heads = new Map(); // what alarms stand under in a flood: its row
      this.unfolded = new Set();
      this.none = make("tbody", "lw-none");
      const row = make("tr");
      this.why = make("td", "lw-calm");
      this.why.colSpan = COLUMNS.length;
      row.append(this.why);
      this.none.append(row);
      table.append(make("caption", "lw-hidden", words.alarms), top, this.body, this.none);
      hold.append(table);
      this.said = make("p", "lw-hidden");
      this.said.setAttribute("aria-live", "assertive");
      this.$el.append(this.banner, bar, hold, this.said);
      this.tabsOf();
    },
    all() { return this.stream?.text.alarms ?? []; },
    // What alarms cost and how long stocks last comes from the plan, every few seconds; without one, from nowhere.
    async valued() {
      try {
        const told = await (await given(`/api/worth?language=${this.language}`)).json();
        if (this.gone) return;
        this.worth = told.worth;
        this.unit = told.unit;
        if (!told.worth) clearInterval(this.valuing);
      } catch (error) { console.warn(error); return; }
      if (this.worth) this.rowsOf();
    },
    // Each alarm with its cost and with the hours that are left of it: those it judges itself, else those of its stock.
    priced() {
      return this.all().map((alarm) => {
        const one = this.worth?.[alarm.alarm];
        return { ...alarm, cost: one?.cost ?? null, follows: one?.follows ?? "", ends: one?.ends ?? "", left: alarm.hours ?? one?.hours ?? null };
      });
    },
    sort(order) {
      this.order = order;
      this.orders.value = order;
      this.rowsOf();
    },
    inList(alarm, list) { return list === "open" ? !alarm.covers.length : alarm.covers.includes(list); },
    tabsOf() {
      const rows = this.all();
      this.lists ??= LISTS.map((list) => { const one = button("", () => { this.list = list; this.tabsOf(); this.rowsOf(); }, false); this.tabs.append(one); return one; });
      LISTS.forEach((list, k) => {
        write(this.lists[k], `${this.words[list]} ${rows.filter((a) => this.inList(a, list)).length}`);
        this.lists[k].setAttribute("aria-pressed", String(list === this.list));
      });
    },
    take() {
      const before = this.heard, now = new Map(this.all().map((a) => [a.alarm, a]));
      if (before) {
        const fresh = [...now.entries()].filter(([key, a]) => a.active && a.unacknowledged && !before.get(key)?.unacknowledged).map(([, a]) => a);
        if (fresh.length) this.announce(fresh);
      }
      this.heard = now;
      this.tabsOf();
      this.rowsOf();
    },
    // In words for who does not look, whether or not it is heard.
    announce(fresh) { write(this.said, sentence(fresh, this.voice, this.words, this.language)); },
    // One switch a desk; where something cannot be heard it is said beside them.
    soundOf() {
      const words = this.words, many = this.voice.desks.length > 1, missing = this.hearing?.missing() ?? "";
      this.switches ??= this.voice.desks.map((desk) => {
        const one = button("", () => this.hearing.ring(desk.name, !this.hearing.on.has(desk.name)), false);
        if (!many) one.setAttribute("aria-keyshortcuts", "v");
        this.sound.append(one);
        return one;
      });
      this.voice.desks.forEach((desk, k) => {
        const on = Boolean(this.hearing?.on.has(desk.name));
        write(this.switches[k], `${many ? `${desk.title} · ` : ""}${words[on ? "sound on" : "sound off"]}${many ? "" : " (V)"}`);
        this.switches[k].setAttribute("aria-pressed", String(on));
      });
      this.sign?.remove();
      if (missing) { this.sign = make("span", "lw-note lw-warn", missing); this.sign.setAttribute("role", "status"); this.sound.append(this.sign); }
    },
    rowsOf() {
      const words = this.words, now = this.stream.time();
      const rows = this.priced().filter((a) => this.inList(a, this.list) && (!this.text || `${a.title} ${a.rule} ${a.cause} ${a.note}`.toLowerCase().includes(this.text)));
      const by = ORDERS[this.order ?? "priority"];
      if (by) rows.sort((a, b) => (by(a) === by(b) ? 0 : by(a) - by(b)));
      for (const cell of this.head.children) {
        if (cell.dataset.order) cell.setAttribute("aria-sort", cell.dataset.order !== (this.order ?? "priority") ? "none" : ["cost", "since"].includes(cell.dataset.order) ? "descending" : "ascending");
      }
      this.$el.classList.toggle("lw-priced", rows.some((a) => a.cost > 0 || a.follows));
      this.$el.classList.toggle("lw-lasting", rows.some((a) => a.left !== null));
      const { alone, groups } = this.folded(rows);
      const shown = [...alone, ...[...groups].filter(([cause]) => this.unfolded.has(cause)).flatMap(([, many]) => many)];
      if (!shown.some((a) => this.same(a))) this.chosen = shown[0]?.alarm ?? null;
      this.shown = shown;
      const held = this.body.contains(document.activeElement), there = new Set(shown.map((alarm) => alarm.alarm));
      for (const [name, { row }] of this.lines) if (!there.has(name)) { row.remove(); this.lines.delete(name); }
      for (const [cause, { row }] of this.heads) if (!groups.has(cause)) { row.remove(); this.heads.delete(cause); }
      let at = 0;
      const put = (row) => { if (this.body.children[at] !== row) this.body.insertBefore(row, this.body.children[at] ?? null); at += 1; };
      const list = (alarm) => {
        const line = this.lines.get(alarm.alarm) ?? this.lineOf(alarm.alarm);
        this.fill(line, alarm, now);
        put(line.row);
      };
      alone.forEach(list);
      for (const [cause, many] of groups) {
        put(this.headOf(cause, many));
        if (this.unfolded.has(cause)) many.forEach(list);
      }
      this.none.classList.toggle("lw-none", rows.length > 0);
      write(this.why, this.words[this.text ? "none found" : "no alarms"]);
      // A row that was moved or went took the keyboard with it: the chosen one has it now.
      if (held && !this.body.contains(document.activeElement)) this.lines.get(this.chosen)?.row.focus({ preventScroll: true });
      this.able();
      this.paint();
    },
    // In a flood the urgent stand each for itself, and the rest under one line for what they have in common; who filters
    // or looks at what is shelved sees every row.
    folded(rows) {
      const groups = new Map();
      if (this.list === "open" && !this.text) for (const alarm of rows) if (alarm.under) groups.set(alarm.under, [...(groups.get(alarm.under) ?? []), alarm]);
      for (const [cause, many] of groups) if (many.length < 2) groups.delete(cause);
      return { alone: rows.filter((alarm) => !groups.has(alarm.under)), groups };
    },
    headOf(cause, many) {
      let head = this.heads.get(cause);
      if (!head) {
        const row = make("tr", "lw-under"), cell = make("td"), fold = button("", () => { this.unfolded[this.unfolded.has(cause) ? "delete" : "add"](cause); this.rowsOf(); });
        cell.colSpan = COLUMNS.length;
        cell.append(fold);
        row.append(cell);
        head = { row, fold };
        this.heads.set(cause, head);
      }
      const open = this.unfolded.has(cause), first = Math.min(...many.map((a) => a.priority)), fresh = many.filter((a) => a.unacknowledged).length;
      write(head.fold, `${open ? "▾" : "▸"} ${SHAPES[first]} ${cause}: ${many.length} · ${fresh} ${this.words.unacknowledged}`);
      head.fold.setAttribute("aria-expanded", String(open));
      return head.row;
    },
    // A row is made once for as long as its alarm is listed, so that who reads or stands on it is not disturbed.
    lineOf(name) {
      const row = make("tr"), cells = COLUMNS.map(() => make("td")), [priority, title, , since, value, due, cost, left] = cells;
      const line = { row, cells, shape: make("span", "lw-shape"), name: make("b"), about: make("div", "lw-alarm-line"), worth: make("span"), follows: make("div", "lw-alarm-line") };
      row.addEventListener("click", () => this.choose(line.alarm));
      row.addEventListener("focus", () => { if (!this.same(line.alarm)) this.choose(line.alarm, true); });
      priority.append(line.shape);
      title.append(line.name, line.about);
      since.className = value.className = "n";
      due.className = "lw-clockcell";
      cost.className = "n lw-col-cost";
      left.className = "n lw-col-left";
      row.append(...cells);
      this.lines.set(name, line);
      return line;
    },
    fill(line, alarm, now) {
      const words = this.words, [, , state, since, value, , cost, left, response, remark] = line.cells, picked = this.same(alarm), is = words[alarm.state] ?? alarm.state;
      line.alarm = alarm;
      const name = `lw-alarm-row p${alarm.priority}${alarm.unacknowledged ? " lw-new" : ""}${alarm.active ? "" : " lw-over"}`;
      if (line.row.className !== name) line.row.className = name;
      line.row.tabIndex = picked ? 0 : -1;
      line.row.setAttribute("aria-selected", String(picked));
      write(line.shape, `${SHAPES[alarm.priority]} ${words["priority " + alarm.priority]}`);
      write(line.name, alarm.title);
      write(line.about, [alarm.level, words[alarm.first] ?? "", alarm.cause ? `${words.cause}: ${alarm.cause}` : "", alarm.life ? words["life safety"] : ""].filter(Boolean).join(" · "));
      write(state, alarm.until ? `${is} ${words.until} ${this.clocks.when(alarm.until, now)}` : is);
      write(since, this.clocks.when(alarm.since, now));
      write(value, alarm.told);
      write(line.worth, alarm.cost > 0 ? `${digits(alarm.cost)} ${this.unit}` : "");
      write(line.follows, alarm.follows ? `${words["follows from"]}: ${alarm.follows}` : "");
      const parts = [alarm.cost > 0 ? line.worth : null, alarm.follows ? line.follows : null].filter(Boolean);
      if (parts.length !== cost.childNodes.length || parts.some((part, k) => cost.childNodes[k] !== part)) cost.replaceChildren(...parts); // an empty cell is left out on a phone
      write(left, alarm.left === null || alarm.left >= 1e6 ? "" : lasting(3600 * alarm.left, words));
      left.title = alarm.ends;
      left.dataset.label = words.lasts; // on a phone, where there are no heads
      write(response, alarm.response);
      write(remark, [alarm.user, alarm.note].filter(Boolean).join(": "));
    },
    same(alarm) { return this.chosen && alarm.alarm === this.chosen; },
    choose(alarm, focused) {
      this.chosen = alarm.alarm;
      for (const { alarm: one, row } of this.lines.values()) {
        const picked = this.same(one);
        row.setAttribute("aria-selected", String(picked));
        row.tabIndex = picked ? 0 : -1;
        if (picked && !focused) row.focus({ preventScroll: false });
      }
      this.able();
    },
    current() { return this.shown?.find((a) => this.same(a)); },
    // What makes sense for the chosen row; the server judges again.
    can(deed, alarm) {
      if (!alarm) return false;
      if (deed === "acknowledge") return alarm.unacknowledged;
      if (deed === "shelve") return !alarm.covers.length && !alarm.life;
      if (deed === "unshelve") return alarm.covers.includes("shelved");
      if (deed === "silence") return alarm.sounds;
      if (deed === "reset") return alarm.state === "latched, acknowledged";
      return true;
    },
    able() {
      const alarm = this.current();
      for (const button of this.deeds.children) button.disabled = !this.can(button.dataset.deed, alarm);
    },
    act(deed) {
      const alarm = this.current();
      if (deed === "wall" || deed === "journal") { location.assign(`/${this.language}/${deed}`); return; }
      if (!alarm) return;
      if (deed === "trends") { location.assign(`/${this.language}/trends?tags=${alarm.tag}&span=hour`); return; }
      if (deed === "incident") { location.assign(`/${this.language}/incident?rule=${encodeURIComponent(alarm.rule)}`); return; }
      if (deed === "calibrate" || deed === "limits") { location.assign(`/${this.language}/upkeep/${deed === "limits" ? deed : "calibration"}?about=${encodeURIComponent(deed === "limits" ? alarm.rule : alarm.measured)}`); return; }
      if (this.can(deed, alarm)) this.$emit("deed", { kind: deed, alarm: alarm.alarm });
    },
    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector(".q-dialog")) return;
      if (event.target.closest?.("input, textarea, select")) { if (event.key === "Escape") event.target.blur(); return; }
      const rows = this.shown ?? [], at = rows.findIndex((a) => this.same(a));
      if (event.key === "ArrowDown" && rows[at + 1]) this.choose(rows[at + 1]);
      else if (event.key === "ArrowUp" && rows[at - 1]) this.choose(rows[at - 1]);
      else if (event.key === "/") this.filter.focus();
      else if (event.key === "?") this.keys();
      else if (event.key.toLowerCase() === "o") this.sort(Object.keys(ORDERS)[(Object.keys(ORDERS).indexOf(this.order ?? "priority") + 1) % Object.keys(ORDERS).length]);
      else if (event.key.toLowerCase() === "v") for (const desk of this.voice.desks) this.hearing.ring(desk.name, !this.hearing.on.has(desk.name));
      else if (KEYS[event.key.toLowerCase()]) this.act(KEYS[event.key.toLowerCase()]);
      else return;
      event.preventDefault();
    },
    keys() { this.$emit("deed", { kind: "help" }); },
    paint() {
      if (!this.stream) return;
      const now = this.stream.time(), words = this.words;
      for (const { alarm, cells } of this.lines.values()) {
        const cell = cells[DUE], left = (alarm.due - now) / 1000;
        const open = alarm.due && alarm.active && alarm.unacknowledged;
        write(cell, open ? (left >= 0 ? "" : words.overdue + " ") + minutes(Math.abs(left)) : "");
        cell.classList.toggle("lw-late", Boolean(open && left < 0));
        cell.dataset.label = open && left >= 0 ? words["respond in"] : ""; // what is late says so itself
      }
      const banners = [...unheard(this.stream, this.clocks, words), ...incidents(this.stream, words), ...rehearsed(this.stream, words)];
      if (this.stream.text.flood) banners.push(["warn", words.flood]);
      raise(this.banner, banners);
    },
  },
};

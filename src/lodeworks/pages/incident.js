// The open incident: steps with clocks, people counting down, ways out, contacts, the log; and the incidents before.
import { button, clockOf, clocks, given, make, minutes, renew, write } from "lodeworks-live";

export default {
  template: `<div class="lw-incident"></div>`,
  props: { language: String, offered: String },
  emits: ["deed"],
  async mounted() {
    await this.look();
    this.again = setInterval(() => { if (document.visibilityState === "visible") this.look(); }, 1500);
    this.ticking = setInterval(() => this.tick(), 500);
  },
  beforeUnmount() {
    this.gone = true;
    clearInterval(this.again);
    clearInterval(this.ticking);
  },
  methods: {
    async look() {
      let told;
      try { told = await (await given(`/api/incidents?language=${this.language}`)).json(); } catch (error) { console.warn(error); return; }
      if (this.gone) return;
      this.words = told.words;
      this.clocks = clocks(told.timezone);
      this.clock = clockOf(told);
      const key = JSON.stringify([told.incidents, told.kinds]);
      if (key !== this.drawn) { this.drawn = key; this.draw(told); }
    },
    now() { return this.clock.now(); },
    button(text, deed, more) {
      const one = button(text, () => this.$emit("deed", { kind: deed, ...more }));
      const { subject, step, roadway, role, contact, drill } = more; // a step's button stays the same one when it is done
      one.dataset.key = [step || roadway ? "" : deed, subject, step, roadway, role, contact, drill].join("|");
      return one;
    },
    draw(told) {
      const words = this.words, parts = [];
      this.clocked = [];
      const open = told.incidents.filter((i) => !i.closed), closed = told.incidents.filter((i) => i.closed);
      for (const incident of open) parts.push(this.board(incident));
      const start = make("section", "lw-opening");
      if (!open.length) start.append(make("p", "lw-calm", words["no incident"]));
      if (told.kinds.length) {
        start.append(make("h2", "", words.incident_open));
        const bar = make("div", "lw-buttons");
        for (const kind of told.kinds) {
          const one = this.button(kind.title, "incident_open", { subject: kind.name });
          if (kind.name === this.offered) one.classList.add("lw-do");
          bar.append(one, this.button(`${kind.title} (${words.drill})`, "incident_open", { subject: kind.name, drill: true }));
        }
        start.append(bar);
      }
      parts.push(start);
      if (closed.length) {
        const before = make("section");
        before.append(make("h2", "", words["incidents before"]));
        const table = make("table", "lw-list");
        for (const incident of closed) {
          const row = make("tr"), links = make("td");
          links.append(...this.reports(incident));
          row.append(make("td", "", incident.title + (incident.drill ? ` (${words.drill})` : "")), make("td", "", `${this.clocks.date(incident.opened)} ${this.clocks.time(incident.opened)} – ${this.clocks.time(incident.closed)}`), links);
          table.append(row);
        }
        before.append(table);
        parts.push(before);
      }
      renew(this.$el, parts);
      this.tick();
    },
    reports(incident) {
      return [["report", words => words.report], ["workbook", words => words.download]].map(([what, text]) => {
        const link = make("a", "lw-button", text(this.words));
        link.href = `/api/incident/${encodeURIComponent(incident.name)}/${what}?language=${this.language}`;
        if (what === "report") link.target = "_blank";
        return link;
      });
    },
    board(incident) {
      const words = this.words, root = make("section", `lw-board${incident.drill ? " lw-drill" : ""}`), subject = incident.name;
      const head = make("div", "lw-board-head"), clock = make("b", "lw-board-clock");
      this.clocked.push(() => write(clock, minutes((this.now() - incident.opened) / 1000)));
      head.append(make("h2", "", `${incident.drill ? words.drill + " · " : ""}${incident.title} ${incident.name.split("-").pop()}`), clock);
      root.append(head, make("p", "lw-note", [`${words.opened} ${this.clocks.date(incident.opened)} ${this.clocks.time(incident.opened)}`, incident.by, incident.alarm].filter(Boolean).join(" · ")));
      const left = make("div", "lw-board-left"), right = make("div", "lw-board-right"), both = make("div", "lw-board-both");
      left.append(make("h3", "", words.steps));
      const steps = make("ol", "lw-steps");
      for (const step of incident.steps) {
        const item = make("li", `lw-step${step.done ? (step.late ? " lw-done lw-was-late" : " lw-done") : ""}`), line = make("div", "lw-step-text"), due = make("span", "lw-step-clock");
        line.append(make("b", "", `${step.done ? "✓ " : ""}${step.text}`), make("span", "lw-note", [step.role, step.person, step.zone ? `${words["until empty"]}: ${step.zone}` : ""].filter(Boolean).join(" · ")));
        if (step.done) write(due, `${this.clocks.time(step.done)} ${step.by}${step.late ? " · " + words["too late"] : ""}`);
        else this.clocked.push(() => {
          const rest = (step.due - this.now()) / 1000;
          write(due, rest >= 0 ? minutes(rest) : `${words.overdue} ${minutes(-rest)}`);
          item.classList.toggle("lw-late", rest < 0);
        });
        item.append(line, due, step.done ? this.button(words.incident_undo, "incident_undo", { subject, step: step.name, title: step.text }) : this.button(words["step done"], "incident_step", { subject, step: step.name, title: step.text }));
        steps.append(item);
      }
      left.append(steps);
      right.append(make("h3", "", `${words["still inside"]}: ${incident.people}`));
      const zones = make("div", "lw-zones");
      for (const zone of incident.zones) {
        const box = make("div", `lw-zone${zone.count === 0 ? " lw-empty" : ""}`);
        box.append(make("span", "", zone.title), make("b", "", zone.count === null ? "?" : String(zone.count)));
        if (zone.way) box.append(make("span", "lw-note", `${words[zone.way.to === "out" ? "way out" : "to refuge"]}: ${zone.way.sites.join(" → ")}, ${Math.round(zone.way.metres).toLocaleString("en-US")} ${words.m}, ${Math.ceil(zone.way.minutes)} ${words.min}${zone.way.gas ? ` · ${words["through gas"]} ${Math.round(zone.way.gas).toLocaleString("en-US")} ${words.m}` : ""}`));
        else box.append(make("span", "lw-note lw-late", words["no way"]));
        zones.append(box);
      }
      right.append(zones);
      if (incident.contacts.length) {
        right.append(make("h3", "", words.contacts));
        const list = make("ul", "lw-roles");
        for (const contact of incident.contacts) {
          const item = make("li");
          item.append(make("span", "", contact.title), make("b", "", contact.number), this.button(words.incident_call, "incident_call", { subject, contact: contact.name, title: contact.title }));
          list.append(item);
        }
        right.append(list);
      }
      const roles = make("ul", "lw-roles lw-parts");
      for (const part of incident.parts) {
        const item = make("li");
        item.append(make("span", "", part.title), make("b", part.person ? "" : "lw-late", part.person || words["nobody yet"]), this.button(words.set, "incident_part", { subject, role: part.role, title: part.title, person: part.person }));
        roles.append(item);
      }
      right.append(make("h3", "", words.roles), roles);
      if (incident.ways.length) {
        const ways = make("details");
        ways.append(make("summary", "", `${words.roadways} (${incident.ways.filter((w) => w.blocked).length} ${words.blocked}, ${incident.ways.filter((w) => w.gas).length} ${words["in gas"]})`));
        ways.open = this.waysOpen;
        ways.addEventListener("toggle", () => { this.waysOpen = ways.open; });
        const list = make("ul", "lw-roles");
        for (const way of incident.ways) {
          const item = make("li");
          item.append(make("span", "", way.title), make("b", "lw-late", [way.blocked ? words.blocked : "", way.gas ? words["in gas"] : ""].filter(Boolean).join(" · ")), this.button(words[way.blocked ? "incident_unblock" : "incident_block"], way.blocked ? "incident_unblock" : "incident_block", { subject, roadway: way.name, title: way.title }));
          list.append(item);
        }
        ways.append(list);
        right.append(ways);
      }
      both.append(left, right);
      const bar = make("div", "lw-buttons");
      bar.append(this.button(words.incident_note, "incident_note", { subject, title: incident.title }), this.button(words.incident_close, "incident_close", { subject, title: incident.title }), ...this.reports(incident));
      const log = make("details"), table = make("table", "lw-list");
      log.append(make("summary", "", words.journal));
      log.open = this.logOpen ?? true;
      log.addEventListener("toggle", () => { this.logOpen = log.open; });
      for (const row of incident.log) {
        const line = make("tr");
        line.append(make("td", "n", String(row.number)), make("td", "", this.clocks.time(row.at)), make("td", "", row.event), make("td", "", row.about ?? ""), make("td", "n", row.value), make("td", "", row.user), make("td", "", row.note));
        table.append(line);
      }
      const hold = make("div", "lw-log");
      hold.tabIndex = 0; // it scrolls, by keys too
      hold.append(table);
      log.append(hold);
      root.append(both, bar, log);
      return root;
    },
    tick() { for (const clock of this.clocked ?? []) clock(); },
  },
};

// The journal as a table: the newest rows first, older ones on demand, filtered by words; never changed from here.
import { button, clocks, filter, given, make, wanted, write } from "lodeworks-live";

const COLUMNS = ["number", "time", "kind", "subject", "event", "value", "user", "remark"];

// Date and time each in one piece, so that a narrow column breaks between them.
const timeOf = (clocks, at) => { const cell = make("td"); cell.append(make("span", "lw-whole", clocks.date(at)), " ", make("span", "lw-whole", clocks.time(at))); return cell; };

export default {
  template: `<div class="lw-desk"></div>`,
  props: { language: String },
  async mounted() {
    this.rows = [];
    await this.fetch(0);
    if (this.gone) return;
    this.build();
    this.draw();
    this.again = setInterval(() => { if (document.visibilityState === "visible") this.newer(); }, 3000);
  },
  beforeUnmount() {
    this.gone = true;
    clearInterval(this.again);
  },
  methods: {
    async fetch(before) {
      const answer = await (await given(`/api/journal?language=${this.language}&before=${before}&most=200`)).json();
      this.words = answer.words;
      this.clocks = clocks(answer.timezone);
      this.last = answer.last;
      return (this.rows = before ? [...this.rows, ...answer.rows] : answer.rows);
    },
    async newer() {
      const answer = await (await given(`/api/journal?language=${this.language}&most=200`)).json();
      if (answer.last === this.last || this.gone) return;
      const known = this.rows[0]?.number ?? 0;
      const fresh = answer.rows.filter((row) => row.number > known);
      this.rows = fresh.length === answer.rows.length ? answer.rows : [...fresh, ...this.rows];
      this.last = answer.last;
      this.draw();
    },
    build() {
      const words = this.words, bar = make("div", "lw-bar-tools"), { label, field } = filter(words.filter, () => this.draw());
      this.filter = field;
      const buttons = make("div", "lw-buttons"), book = make("a", "lw-button", words.download);
      const older = button(words.older, async () => { await this.fetch(this.rows.length ? this.rows[this.rows.length - 1].number : 0); this.draw(); });
      const check = button(words.verify, () => this.verify());
      book.href = "/api/journal.xlsx";
      buttons.append(older, check, book);
      bar.append(label, buttons);
      this.said = make("p", "lw-said");
      this.said.setAttribute("role", "status");
      const hold = make("div", "lw-table lw-grow"), table = make("table", "lw-list lw-journal-list"), head = make("thead"), line = make("tr");
      hold.tabIndex = 0;
      for (const column of COLUMNS) {
        const cell = make("th", ["number", "value"].includes(column) ? "n" : "", words[column]);
        cell.scope = "col";
        line.append(cell);
      }
      head.append(line);
      this.body = make("tbody");
      table.append(make("caption", "lw-hidden", words.journal), head, this.body);
      hold.append(table);
      this.$el.append(bar, this.said, hold);
    },
    draw() {
      const shown = this.rows.filter((row) => wanted(this.filter, `${row.kind} ${row.subject} ${row.event} ${row.about} ${row.user} ${row.note}`));
      this.body.replaceChildren(...shown.map((row) => {
        const line = make("tr");
        line.title = row.hash;
        line.append(make("td", "n", String(row.number)), timeOf(this.clocks, row.at), make("td", "", row.kind), make("td", "", row.subject), make("td", "", [row.event, row.about].filter(Boolean).join(" · ")), make("td", "n", row.value), make("td", "", row.user), make("td", "", row.note));
        return line;
      }));
      if (shown.length) return;
      const line = make("tr"), none = make("td", "lw-calm", this.words[this.rows.length ? "none found" : "nothing written"]);
      none.colSpan = COLUMNS.length;
      line.append(none);
      this.body.append(line);
    },
    async verify() {
      write(this.said, "…");
      const answer = await (await given(`/api/journal/faults?language=${this.language}`)).json();
      this.said.classList.toggle("lw-bad", answer.faults.length > 0);
      write(this.said, answer.faults.length ? this.words["not whole"].replace("{n}", answer.faults.length) + " " + answer.faults.slice(0, 5).map((f) => `${f.number}: ${f.message}`).join("; ") : this.words.whole.replace("{n}", answer.rows.toLocaleString("en-US")));
    },
  },
};

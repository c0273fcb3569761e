// What flowed in one hour, under the series: the reports' own figure (Plotly), its sentence, and the rows behind it.
import { button, given, make } from "lodeworks-live";

const HOUR = 3600e3;

export class Hour {
  constructor(language, words, clocks, told) {
    Object.assign(this, { language, words, clocks, told, since: 0, asked: 0 });
    this.root = make("section", "lw-hour lw-none");
    this.root.setAttribute("aria-live", "polite");
  }
  async show(since) {
    const asked = (this.asked += 1), words = this.words;
    this.since = since;
    this.told();
    this.root.classList.remove("lw-none");
    this.root.replaceChildren(this.head(), make("p", "lw-said", "…"));
    let answer;
    try { answer = await (await given(`/api/hour?language=${this.language}&since=${since}`)).json(); } catch (error) { console.warn(error); }
    if (asked !== this.asked) return; // another hour was asked for meanwhile, or this one closed
    if (!answer) { this.root.replaceChildren(this.head(), make("p", "lw-note", words["hour not over"])); return; }
    const { Plotly } = await import("nicegui-plotly");
    if (asked !== this.asked) return;
    this.Plotly = Plotly;
    this.answer = answer;
    this.pick(answer.pictures.find((p) => p.key === this.key) ?? answer.pictures[0]);
    this.root.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }
  head() {
    const bar = make("div", "lw-bar-tools"), close = button("✕", () => this.close());
    close.setAttribute("aria-label", this.words.close);
    bar.append(make("h2", "", `${this.words["flows measured"]}: ${this.clocks.date(this.since)} ${this.clocks.time(this.since).slice(0, 5)}–${this.clocks.time(this.since + HOUR).slice(0, 5)}`));
    const kinds = make("div", "lw-buttons");
    kinds.append(...(this.answer?.since === this.since ? this.answer.pictures : []).map((p) => button(p.title, () => this.pick(p), p.key === this.key)), close);
    bar.append(kinds);
    return bar;
  }
  pick(picture) {
    const words = this.words, parts = [];
    this.key = picture?.key ?? this.key;
    this.free();
    if (!picture) parts.push(make("p", "lw-note", words["no flows"]));
    else {
      const plot = (this.plot = make("div", "lw-flows"));
      plot.setAttribute("role", "img");
      plot.setAttribute("aria-label", picture.sentence);
      const twin = make("details", "lw-twin"), table = make("table", "lw-list"), head = make("thead"), line = make("tr"), body = make("tbody");
      picture.headings.forEach((text) => { const th = make("th", "", text); th.scope = "col"; line.append(th); });
      head.append(line);
      for (const cells of picture.cells) { const tr = make("tr"); cells.forEach((text, k) => tr.append(make("td", k === cells.length - 1 ? "n" : "", text))); body.append(tr); }
      table.append(make("caption", "lw-hidden", picture.title), head, body);
      twin.append(make("summary", "", words.data), table);
      parts.push(make("p", "lw-said", picture.sentence), plot, twin);
    }
    if (this.answer.unknown.length) parts.push(make("p", "lw-note", `${words["not known then"]}: ${this.answer.unknown.join(" · ")}`));
    this.root.replaceChildren(this.head(), ...parts);
    if (picture) {
      const { data, layout } = picture.figure;
      this.Plotly.newPlot(this.plot, data, { ...layout, autosize: true }, { displaylogo: false, displayModeBar: false, responsive: true });
    }
  }
  free() { if (this.plot) { this.Plotly.purge(this.plot); this.plot = null; } }
  close() {
    this.asked += 1;
    this.since = 0;
    this.free();
    this.root.replaceChildren();
    this.root.classList.add("lw-none");
    this.told();
  }
}

// Today against plan: what it costs, who is behind, what runs out when, what a look ahead and a plan made anew say.
import { echarts } from "nicegui-echart";
import { INK, RULE, button, clocks, digits, given, lasting, make, offsetOf, renew, write } from "lodeworks-live";

const SEEN = 8;
const signed = (v, unit = "") => (v === null || v === undefined ? "–" : `${v > 0 ? "+" : ""}${digits(v)}${unit ? " " + unit : ""}`);
// A share of what was planned, in whole per cent.
const share = (v) => `${v > 0.005 ? "+" : v < -0.005 ? "−" : ""}${Math.abs(Math.round(100 * v))} %`;

export default {
  template: `<div></div>`,
  props: { language: String },
  async mounted() {
    this.unfolded = new Set();
    this.$el.append(make("p", "lw-note", "…")); // the first answer takes in what was measured since midnight
    await this.look();
    if (this.gone) return;
    this.again = setInterval(() => { if (document.visibilityState === "visible") this.look(); }, 4000);
  },
  beforeUnmount() {
    this.gone = true;
    clearInterval(this.again);
    for (const chart of this.charts ?? []) chart.dispose();
  },
  methods: {
    async look() {
      let told;
      try { told = await (await given(`/api/plan?language=${this.language}`)).json(); } catch (error) { console.warn(error); return; }
      if (this.gone) return;
      this.words = told.words;
      this.clocks = clocks(told.timezone);
      this.timezone = told.timezone;
      this.draw(told);
    },
    table(caption, heads, rows) {
      const table = make("table", "lw-list"), line = make("tr"), head = make("thead"), body = make("tbody");
      heads.forEach(([text, number]) => { const th = make("th", number ? "n" : "", text); th.scope = "col"; line.append(th); });
      head.append(line);
      for (const row of rows) {
        const tr = make("tr", row.mark ?? "");
        row.cells.forEach((text, k) => {
          const cell = make("td", heads[k][1] ? "n" : ""), [first, second] = Array.isArray(text) ? text : [text];
          cell.append(first);
          if (second) cell.append(make("div", "lw-alarm-line", second));
          tr.append(cell);
        });
        if (row.title) tr.title = row.title;
        body.append(tr);
      }
      table.append(make("caption", "lw-hidden", caption), head, body);
      return table;
    },
    // What is folded away until somebody unfolds it, and then stays so however often it is drawn anew.
    folded(name, className, summary, inside) {
      const one = make("details", className);
      one.open = this.unfolded.has(name);
      one.addEventListener("toggle", () => this.unfolded[one.open ? "add" : "delete"](name));
      one.append(make("summary", "", summary), inside);
      return one;
    },
    // What stands beside the plan, the worst first: eight in sight, the others folded away.
    held(told, rows, name, unit) {
      const words = this.words, heads = [[words.element], [words.present, true], [words.deviation, true], [unit, true]];
      const line = (r) => {
        const { scale, unit: own, hour_scale: part, hour_unit: amount } = r.shown, hour = r.what === "level" ? ["", ""] : [`${words["this hour"]} ${signed(r.behind_hour / part, amount)}`, r.counted ? `${words["this hour"]} ${signed(r.cost_hour)}` : ""];
        return { mark: r.counted && r.cost > 0 ? "lw-loss" : "", title: r.said, cells: [[r.title, r.commodity], [`${digits(r.present / scale)} ${own}`, `${words.planned} ${digits(r.planned / scale)}`], [signed(r.deviation / scale), hour[0]], [signed(r.cost), hour[1]]] };
      };
      const parts = [this.table(words[name], heads, rows.slice(0, SEEN).map(line))];
      if (rows.length > SEEN) parts.push(this.folded(name, "lw-rest", `${words["others beside"]}: ${rows.length - SEEN}`, this.table(words[name], heads, rows.slice(SEEN).map(line))));
      return parts;
    },
    // Who is not known now: a few in sight, of many their number, and all by a press.
    unknown(titles) {
      const said = `${this.words["not known"]}: `;
      if (titles.length <= SEEN) return make("p", "lw-note", said + titles.join(" · "));
      return this.folded("not known", "lw-rest", said + titles.length, make("p", "lw-note", titles.join(" · ")));
    },
    draw(told) {
      const words = this.words, root = this.$el, parts = [];
      root.parentElement?.classList.toggle("lw-no-plan", told.plan === "none");
      if (told.plan === "none") { root.replaceChildren(make("p", "lw-calm", words["no plan"])); return; }
      const cards = make("div", "lw-cards"), card = (name, value, bad) => { const c = make("div", `lw-card${bad ? " lw-loss" : ""}`); c.append(make("span", "lw-card-name", name), make("b", "", value)); return c; };
      const sums = [["cost today", told.cost_today, ""], ["cost hour", told.cost_hour, ""], ["cost now", told.cost, `/${words.h}`]];
      cards.append(...sums.map(([name, sum, per], k) => card(words[name], told.totals[k] ? told.totals[k] + per : "–", told.totals[k] && sum > 0)));
      parts.push(cards);
      if (told.said) parts.push(make("p", "lw-warn lw-note", told.said));
      if (told.causes?.length) {
        parts.push(make("h2", "", words["what it began with"]));
        const list = make("ul", "lw-said-list");
        for (const cause of told.causes.slice(0, 8)) {
          const item = make("li"), cost = cause.cost > 0 ? ` · ${signed(cause.cost)} ${told.unit}/${words.h}` : "";
          item.append(make("b", "", `${this.clocks.time(cause.at)} ${cause.title}${cause.suspected ? ` (${words.suspected})` : ""}`), make("span", "", cost));
          if (cause.folded.length) item.append(this.folded(cause.title, "", `${words["followed by"]}: ${cause.folded.length}`, make("span", "", cause.folded.join(" · "))));
          list.append(item);
        }
        parts.push(list);
      }
      const running = told.plan === "running", rows = running ? told.rows.filter((r) => r.state === "known") : []; // outside of the plan's time nothing is planned
      const worst = rows.filter((r) => r.counted && r.cost > 0).slice(0, 3);
      if (worst.length) { const list = make("ul", "lw-said-list"); worst.forEach((r) => list.append(make("li", "", r.said))); parts.push(list); }
      if (running) parts.push(make("h2", "", words["against plan"]), ...this.held(told, rows.filter((r) => r.what === "flow"), "against plan", `${told.unit}/${words.h}`));
      if (running && told.commodities?.length) parts.push(make("h2", "", words["commodities beside"]), this.table(words["commodities beside"], [[words.commodity], [words.present, true], [words.deviation, true], [words.today, true]],
        told.commodities.slice(0, 12).map((r) => ({ cells: [[r.title, r.fleet ? words.burns : ""], [`${digits(r.present)} ${r.unit}`, `${words.planned} ${digits(r.planned)}`], [signed(r.deviation), r.planned ? share(r.deviation / r.planned) : ""], `${signed(r.today)} ${r.amount}`] }))));
      for (const [what, name, unit] of [["level", "stocks beside", told.unit], ["capacity", "capacities beside", `${told.unit}/${words.h}`]]) {
        const some = rows.filter((r) => r.what === what);
        if (some.length) parts.push(make("h2", "", words[name]), ...this.held(told, some, name, unit));
      }
      const unknown = !running ? [] : told.rows.filter((r) => r.state === "unknown").map((r) => r.title);
      if (unknown.length) parts.push(this.unknown([...new Set(unknown)]));
      if (told.left.length) {
        parts.push(make("h2", "", words["time left"]));
        const list = make("ul", "lw-left");
        for (const left of told.left.slice(0, 8)) {
          const item = make("li", `lw-${left.urgency}`);
          item.append(make("b", "", `${left.title} ${lasting(3600 * left.hours, words)}`), make("span", "", left.said));
          if (left.kept) item.append(make("span", "lw-alarm-line", words["kept by the plan"]));
          list.append(item);
        }
        parts.push(list);
      }
      if (told.may) {
        const bar = make("div", "lw-buttons");
        for (const [kind, name] of [["simulate", "look ahead"], ["plan", "what now"]]) {
          const errand = told.errands[kind], runs = errand?.status === "running", one = button(words[name] + (runs ? ` … ${lasting((Date.now() - errand.began) / 1000, words)}` : ""), () => this.start(kind));
          one.dataset.key = kind;
          one.disabled = runs || this.starting === kind;
          bar.append(one);
        }
        parts.push(bar);
      }
      this.problem ??= make("p", "lw-note");
      this.problem.setAttribute("role", "status");
      const failed = [["simulate", "look ahead"], ["plan", "what now"]].filter(([kind]) => !["running", "done", undefined].includes(told.errands?.[kind]?.status)).map(([kind, name]) => `${words[name]} ${words[told.errands[kind].status] ?? told.errands[kind].status}: ${told.errands[kind].told}`);
      write(this.problem, failed.join("; ") || this.refused || "");
      this.problem.classList.toggle("lw-warn", Boolean(this.problem.textContent));
      parts.push(this.problem);
      if (told["simulate from"]) parts.push(make("h2", "", `${words["look ahead"]} · ${words["as of"]} ${this.clocks.time(told["simulate from"]).slice(0, 5)}`));
      if (told["simulate from"] && !told.runs_out.length) parts.push(make("p", "lw-note", words["runs out nowhere"]));
      if (told.runs_out?.length) parts.push(this.table(words["look ahead"], [[words.store], [words.chance, true], [words.earliest, true], [words.likely, true]], told.runs_out.map((r) => ({ cells: [r.as_planned ? [r.title, words["empty by the plan"]] : r.title, `${Math.round(100 * r.share)} % (${Math.round(100 * r.low)}–${Math.round(100 * r.high)})`, r.early ? this.clocks.time(r.early) : "–", r.middle ? this.clocks.time(r.middle) : "–"] }))));
      const bands = (told.bands ?? []).slice(0, 4), key = JSON.stringify(bands.map((b) => [b.title, b.at[0], b.q50[0]]));
      if (key !== this.banded) {
        this.banded = key;
        for (const chart of this.charts ?? []) chart.dispose();
        this.charts = [];
        this.boxes = bands.map((band) => { const box = make("div", "lw-band"); box.setAttribute("role", "img"); box.setAttribute("aria-label", `${band.title}: ${words["look ahead"]}`); return box; });
        setTimeout(() => bands.forEach((band, k) => this.band(this.boxes[k], band)), 0);
      }
      parts.push(...(this.boxes ?? []));
      if (bands.length) parts.push(this.twin(bands));
      if (told["plan from"]) parts.push(make("h2", "", `${words["what now"]} · ${words["as of"]} ${this.clocks.time(told["plan from"]).slice(0, 5)}`));
      if (told.better) parts.push(make("p", "lw-said", told.better));
      if (told["plan from"] && !told.changes.length) parts.push(make("p", "lw-note", words["nothing changes"]));
      if (told.changes?.length) parts.push(this.table(words["what now"], [[words.element], [words["in the plan"], true], [words["made anew"], true], [words.deviation, true]], told.changes.map((c) => ({ cells: [`${c.title} · ${words["what " + c.what] ?? c.what}`, `${digits(c.before)} ${c.unit}`, digits(c.after), signed(c.difference)] }))));
      renew(root, parts);
    },
    // The same numbers for who cannot or does not want to see a picture: two dozen moments a store.
    twin(bands) {
      const words = this.words, rows = [];
      for (const band of bands) {
        const step = Math.ceil(band.at.length / 24);
        for (let k = 0; k < band.at.length; k += step) rows.push({ cells: [`${band.title} (${band.unit})`, this.clocks.time(band.at[k]).slice(0, 5), ...[band.q05, band.q50, band.q95].map((q) => digits(q[k]))] });
      }
      return this.folded("bands", "lw-twin", words.data, this.table(words["look ahead"], [[words.store], [words.time], ["5 %", true], ["50 %", true], ["95 %", true]], rows));
    },
    band(box, band) {
      if (!box?.isConnected) return;
      const chart = echarts.init(box, null, { renderer: "canvas" });
      this.charts.push(chart);
      const offset = offsetOf(this.timezone, band.at[0]), at = band.at.map((t) => t + offset), line = (values, more) => ({ type: "line", showSymbol: false, data: at.map((t, k) => [t, values[k]]), ...more });
      chart.setOption({
        useUTC: true, animation: false, aria: { enabled: true }, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
        title: { text: `${band.title} (${band.unit})`, textStyle: { color: INK, fontSize: 13 }, top: 0 }, grid: { left: 52, right: 10, top: 28, bottom: 22 },
        xAxis: { type: "time", axisLabel: { color: INK, hideOverlap: true } }, yAxis: { type: "value", axisLabel: { color: INK }, splitLine: { lineStyle: { color: RULE } } },
        series: [line(band.q05, { stack: "b", lineStyle: { opacity: 0 } }), line(band.q95.map((v, k) => v - band.q05[k]), { stack: "b", lineStyle: { opacity: 0 }, areaStyle: { color: "#6db3f2", opacity: 0.28 } }), line(band.q50, { color: "#6db3f2" })],
      });
    },
    async start(kind) {
      this.starting = kind;
      try {
        const answer = await fetch(`/api/ahead/${kind}?language=${this.language}`, { method: "POST", credentials: "same-origin" });
        this.refused = answer.ok ? "" : (await answer.json()).detail ?? String(answer.status);
      } catch (error) { this.refused = String(error); }
      this.starting = "";
      await this.look();
    },
  },
};

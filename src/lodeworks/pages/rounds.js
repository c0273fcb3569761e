// What an inspection round measured along its metres: the last hour over the hours before, limits, stretches without
// coverage, and a table of the highest by place.
import { echarts } from "nicegui-echart";
import { INK, RULE, button, chainage, clocks, digits, given, limitLines, make, seriesOf, serverClock, write } from "lodeworks-live";

const PLACE = 20; // metres of a row of the table

export default {
  template: `<div class="lw-series"></div>`,
  props: { language: String },
  async mounted() {
    const told = await (await given(`/api/rounds?language=${this.language}`)).json();
    if (this.gone) return;
    this.words = told.words;
    this.clocks = clocks(told.timezone);
    this.rounds = told.rounds;
    this.round = told.rounds[0];
    this.tag = this.round.tags[0];
    this.bar = make("div", "lw-bar-tools");
    this.said = make("p", "lw-said");
    this.said.setAttribute("role", "status");
    this.plot = make("div", "lw-plot");
    this.plot.setAttribute("role", "img");
    this.table = make("div", "lw-table");
    this.table.tabIndex = 0;
    this.$el.append(this.bar, this.said, this.plot, this.table);
    this.chart = echarts.init(this.plot, null, { renderer: "canvas" });
    this.sizes = new ResizeObserver(() => this.chart.resize());
    this.sizes.observe(this.plot);
    await this.look();
    this.again = setInterval(() => { if (document.visibilityState === "visible") this.look(); }, 10000);
  },
  beforeUnmount() {
    this.gone = true;
    clearInterval(this.again);
    this.sizes?.disconnect();
    this.chart?.dispose();
  },
  methods: {
    pick(list, now, act) {
      const bar = make("div", "lw-buttons");
      bar.append(...list.map((one) => button(one.title, () => act(one), one === now)));
      return bar;
    },
    async look() {
      const words = this.words, tag = this.tag;
      this.bar.replaceChildren(this.pick(this.rounds, this.round, (r) => { this.round = r; this.tag = r.tags[0]; this.look(); }), this.pick(this.round.tags, tag, (t) => { this.tag = t; this.look(); }));
      if (!tag) return;
      const until = Math.round((await serverClock()).now()), read = await seriesOf(await given(`/api/round/${encodeURIComponent(this.round.name)}?tag=${tag.tag}&since=${until - 8 * 3600e3}&until=${until}`));
      if (this.gone || tag !== this.tag) return;
      const [where, what] = read.columns, edge = until - 3600e3, now = [], before = [], rows = new Map();
      for (let i = 0; i < what.n; i++) {
        const metres = where.value[i], value = what.value[i], fresh = what.at[i] >= edge;
        (fresh ? now : before).push([metres, value, what.at[i]]);
        const place = Math.floor(metres / PLACE) * PLACE, row = rows.get(place) ?? { now: NaN, before: NaN, at: 0 }, side = fresh ? "now" : "before";
        if (!(row[side] >= value)) { row[side] = value; if (fresh) row.at = what.at[i]; }
        rows.set(place, row);
      }
      write(this.said, what.n ? `${what.n.toLocaleString("en-US")} ${words["values along the way"]}` : words["nothing there"]);
      const point = (colour, size) => ({ type: "scatter", symbolSize: size, itemStyle: { color: colour } });
      this.chart.setOption({
        animation: false, aria: { enabled: true }, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily }, legend: { textStyle: { color: INK }, top: 0 },
        grid: { left: 60, right: 26, top: 34, bottom: 34 },
        xAxis: { type: "value", min: this.round.start, max: this.round.end, axisLabel: { color: INK, formatter: chainage, hideOverlap: true }, splitLine: { lineStyle: { color: RULE } } },
        yAxis: { type: "value", scale: true, name: tag.unit, nameTextStyle: { color: INK }, axisLabel: { color: INK }, splitLine: { lineStyle: { color: RULE } } },
        tooltip: { backgroundColor: "#0a1017", textStyle: { color: "#fff" }, renderMode: "richText", formatter: (p) => `${chainage(p.value[0])}\n${digits(p.value[1])} ${tag.unit}\n${this.clocks.when(p.value[2], until)}` },
        series: [
          { name: words["hours before"], ...point("#5d7186", 4), data: before },
          { name: words["last hour"], ...point("#6db3f2", 6), symbol: "diamond", data: now,
            markLine: { silent: true, symbol: "none", label: { color: INK, formatter: (p) => p.name, position: "insideEndTop" }, data: limitLines(tag.limits, words) },
            markArea: { silent: true, itemStyle: { color: "#7d8a97", opacity: 0.16 }, label: { color: INK, position: "insideTop" }, data: this.round.gaps.map(([a, b]) => [{ name: words["no coverage"], xAxis: a }, { xAxis: b }]) } },
        ],
      }, { notMerge: true });
      this.plot.setAttribute("aria-label", `${this.round.title}, ${tag.title}: ${this.said.textContent}`);
      const table = make("table"), head = make("tr"), body = make("tbody"), top = make("thead");
      for (const [name, n] of [["place", 0], ["last hour", 1], ["hours before", 1], ["time", 0]]) { const th = make("th", n ? "n" : "", words[name]); th.scope = "col"; head.append(th); }
      top.append(head);
      const hottest = [...rows.entries()].sort((a, b) => (Number.isFinite(b[1].now) ? b[1].now : -1e99) - (Number.isFinite(a[1].now) ? a[1].now : -1e99)).slice(0, 12);
      for (const [place, row] of hottest) { const tr = make("tr"); tr.append(make("td", "", `${chainage(place)} – ${chainage(place + PLACE)}`), make("td", "n", digits(row.now)), make("td", "n", digits(row.before)), make("td", "", row.at ? this.clocks.when(row.at, until) : "")); body.append(tr); }
      table.append(make("caption", "", `${tag.title} (${tag.unit}) · ${words["highest by place"]}`), top, body);
      this.table.replaceChildren(table);
    },
  },
};

// Series over time: lines with their limits, a day × hour heat map, and the same numbers as a table. Data come by fetch
// as columns of numbers; what is shown is said: how many of how many points, extremes kept. A click on an hour shows
// what flowed in it (hour.js).
import { echarts } from "nicegui-echart";
import { Hour } from "lodeworks-live/hour.js";
import { INK, QUALITIES, RULE, button, clocks, digits, given, limitLines, make, offsetOf, seriesOf, serverClock, write } from "lodeworks-live";

const MOST = 200000; // points of one answer
const SPANS = { hour: 3600e3, day: 86400e3, week: 7 * 86400e3, month: 30 * 86400e3, year: 365 * 86400e3 };
const COLOURS = ["#6db3f2", "#ee8866", "#bbcc33", "#ffaabb", "#eedd88", "#77ddcc", "#c9a6ff", "#dddddd"];
const DASHES = ["solid", "dashed", "dotted", [8, 3, 2, 3]];
const HOUR = 3600e3, DAY = 86400e3;
const LINE = "#2c3a48";

// A number on an axis, without noughts at its end.
function trimmed(value) {
  const text = digits(value);
  return text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text;
}

// A line must not bridge what was not measured: where nothing came for long, or what came is bad, it breaks.
function broken(series, gap, offset) {
  const at = [], value = [];
  for (let i = 0; i < series.at.length; i++) {
    if (i && series.at[i] - series.at[i - 1] > gap) { at.push(series.at[i - 1] + 1 + offset); value.push(NaN); }
    at.push(series.at[i] + offset);
    value.push(series.quality[i] === 2 ? NaN : series.value[i]);
  }
  return { at: Float64Array.from(at), value: Float64Array.from(value) };
}

// Stretches of one quality (calibration, simulated …), to be shaded.
function stretches(series, quality, offset) {
  const found = [];
  let begin = null;
  for (let i = 0; i < series.at.length; i++) {
    if (series.quality[i] === quality && begin === null) begin = series.at[i];
    if (begin !== null && (series.quality[i] !== quality || i === series.at.length - 1)) { found.push([begin + offset, series.at[i] + offset]); begin = null; }
  }
  return found.slice(0, 50);
}

// Whether the end of an axis is worth a number: one that the data chose has no word beside those of the grid.
const round = (end) => Number.isFinite(end) && Number(end.toPrecision(2)) === end;

export default {
  template: `<div class="lw-series"></div>`,
  props: { tags: Array, language: String, span: String, until: Number, hour: Number },
  async mounted() {
    this.chosen = [...(this.tags ?? [])];
    this.wide = SPANS[this.span] ? this.span : "hour";
    this.end = this.until || 0; // 0: now
    this.mode = this.wide === "year" ? "heat" : "line";
    const answer = await (await given(`/api/tags?language=${this.language}&numbers=${this.chosen.join(",")}`)).json();
    if (this.gone) return;
    this.words = answer.words;
    this.timezone = answer.timezone;
    this.clocks = clocks(this.timezone);
    this.known = new Map(answer.tags.map((t) => [t.tag, t]));
    if (!this.chosen.length) this.chosen = answer.tags.slice(0, 1).map((t) => t.tag);
    this.build();
    this.flows = new Hour(this.language, this.words, this.clocks, () => this.told());
    this.$el.append(this.flows.root);
    await this.load();
    if (this.hour) this.flows.show(this.hour);
    this.follow = setInterval(() => { if (!this.end && !this.zoomed && ["hour", "day"].includes(this.wide) && document.visibilityState === "visible") this.load(); }, 10000);
  },
  beforeUnmount() {
    this.gone = true;
    clearInterval(this.follow);
    clearTimeout(this.waiting);
    this.sizes?.disconnect();
    this.flows?.close();
    this.chart?.dispose();
  },
  methods: {
    build() {
      const words = this.words, root = this.$el;
      this.bar = make("div", "lw-bar-tools");
      const picker = make("div", "lw-picker");
      const label = make("label", "", words.tag);
      this.search = make("input", "lw-input");
      this.search.type = "search";
      this.search.id = `lw-search-${this.$el.parentElement?.id || "0"}`;
      this.search.setAttribute("role", "combobox");
      this.search.setAttribute("aria-expanded", "false");
      this.search.setAttribute("aria-controls", this.search.id + "-list");
      this.search.setAttribute("autocomplete", "off");
      label.htmlFor = this.search.id;
      this.found = make("ul", "lw-found");
      this.found.id = this.search.id + "-list";
      this.found.setAttribute("role", "listbox");
      this.found.setAttribute("aria-label", words.tag);
      this.found.hidden = true;
      this.search.addEventListener("input", () => { clearTimeout(this.waiting); this.waiting = setTimeout(() => this.look(), 150); });
      this.search.addEventListener("focus", () => this.look());
      this.search.addEventListener("keydown", (event) => this.key(event));
      this.search.addEventListener("blur", () => setTimeout(() => this.shut(), 200));
      picker.append(label, this.search, this.found);
      this.spans = make("div", "lw-buttons");
      this.modes = make("div", "lw-buttons");
      this.chips = make("div", "lw-chips");
      this.bar.append(picker, this.spans, this.modes);
      this.said = make("p", "lw-said");
      this.said.setAttribute("role", "status");
      this.plot = make("div", "lw-plot");
      this.plot.setAttribute("role", "img");
      this.plot.setAttribute("aria-label", words.trends); // until it shows something
      this.table = make("div", "lw-table");
      this.table.tabIndex = 0;
      this.table.hidden = true;
      root.append(this.bar, this.chips, this.said, this.plot, this.table);
      this.chart = echarts.init(this.plot, null, { renderer: "canvas", locale: this.language === "zh" ? "ZH" : "EN" });
      this.chart.getZr().on("click", (event) => this.clicked(event));
      this.chart.on("datazoom", () => { clearTimeout(this.waiting); this.waiting = setTimeout(() => this.zoom(), 150); });
      this.sizes = new ResizeObserver(() => this.chart.resize());
      this.sizes.observe(this.plot);
      this.tools();
    },
    tools() {
      const words = this.words;
      this.spans.replaceChildren(
        button("‹", () => this.shift(-1)),
        ...Object.keys(SPANS).map((span) => button(words[span], () => { this.wide = span; this.mode = span === "year" ? "heat" : "line"; this.load(); }, span === this.wide)),
        button("›", () => this.shift(1)),
        button(words.now, () => { this.end = 0; this.load(); }, !this.end),
      );
      this.spans.firstChild.setAttribute("aria-label", words.previous);
      this.spans.children[6].setAttribute("aria-label", words.next);
      this.modes.replaceChildren(
        ...["line", "heat"].map((mode) => button(words[mode], () => { this.mode = mode; this.load(); }, mode === this.mode)),
        button(words.data, () => { this.table.hidden = !this.table.hidden; this.tools(); this.tabulate(); }, !this.table.hidden),
      );
      this.chips.replaceChildren(...this.chosen.map((tag, k) => {
        const known = this.known.get(tag);
        const chip = button(`${known?.title ?? tag}${known?.unit ? ` (${known.unit})` : ""} ✕`, () => { this.chosen = this.chosen.filter((t) => t !== tag); this.load(); });
        chip.classList.add("lw-chip");
        chip.style.setProperty("--colour", COLOURS[k % COLOURS.length]);
        chip.title = [known?.site, known?.name].filter(Boolean).join(" · ");
        return chip;
      }));
    },
    async look() {
      const answer = await (await given(`/api/tags?language=${this.language}&most=40&q=${encodeURIComponent(this.search.value)}`)).json();
      this.at = -1;
      this.found.replaceChildren(...answer.tags.map((tag) => {
        const row = make("li", "", [tag.title, tag.site, tag.unit].filter(Boolean).join(" · "));
        row.setAttribute("role", "option");
        row.addEventListener("mousedown", (event) => { event.preventDefault(); this.add(tag); });
        row.given = tag;
        return row;
      }));
      this.found.hidden = !answer.tags.length;
      this.search.setAttribute("aria-expanded", String(!this.found.hidden));
    },
    key(event) {
      const rows = [...this.found.children];
      if (event.key === "Escape") this.shut();
      else if (event.key === "Enter" && rows[Math.max(0, this.at)]) this.add(rows[Math.max(0, this.at)].given);
      else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        this.at = (this.at + (event.key === "ArrowDown" ? 1 : rows.length - 1) + (this.at < 0 && event.key === "ArrowUp" ? 1 : 0)) % rows.length;
        rows.forEach((row, k) => row.setAttribute("aria-selected", String(k === this.at)));
        rows[this.at]?.scrollIntoView({ block: "nearest" });
      } else return;
      event.preventDefault();
    },
    shut() { this.found.hidden = true; this.search.setAttribute("aria-expanded", "false"); },
    add(tag) {
      this.known.set(tag.tag, tag);
      if (!this.chosen.includes(tag.tag)) this.chosen = [...this.chosen, tag.tag].slice(-8);
      this.search.value = "";
      this.shut();
      this.load();
    },
    shift(by) {
      const span = SPANS[this.wide], now = this.clock.now(), until = (this.end || now) + (by * span) / 2;
      this.end = until >= now ? 0 : Math.round(until);
      this.load();
    },
    async load() {
      this.tools();
      this.zoomed = false;
      const span = SPANS[this.wide];
      this.clock = await serverClock();
      let until = this.end || this.clock.now(), since = until - span;
      if (this.mode === "heat") { // whole hours of the site, so that a thinning of two points an hour is its extremes
        const offset = offsetOf(this.timezone, until);
        until = Math.ceil(until / HOUR) * HOUR;
        since = Math.floor((until - Math.max(span, 7 * DAY) + offset) / DAY) * DAY - offset;
      }
      this.told();
      await this.show(since, until);
    },
    // The address says what is shown, so that it can be handed on.
    told() {
      const query = new URLSearchParams({ tags: this.chosen.join(","), span: this.wide });
      if (this.end) query.set("until", String(this.end));
      if (this.flows?.since) query.set("hour", String(this.flows.since));
      history.replaceState(history.state, "", `${location.pathname}?${query}`);
    },
    // An hour of the site's clock was clicked at.
    clicked(event) {
      if (!this.read || !this.chart.containPixel("grid", [event.offsetX, event.offsetY])) return;
      const [x, y] = this.chart.convertFromPixel({ gridIndex: 0 }, [event.offsetX, event.offsetY]);
      if (this.mode === "heat") this.flows.show(this.read.since + (24 * x + y) * HOUR);
      else this.flows.show(Math.floor(x / HOUR) * HOUR - this.offset);
    },
    async zoom() {
      const axis = this.chart.getModel().getComponent("xAxis", 0)?.axis.scale.getExtent();
      if (!axis || this.mode !== "line") return;
      this.zoomed = true;
      await this.show(Math.round(axis[0] - this.offset), Math.round(axis[1] - this.offset), true);
    },
    async show(since, until, within) {
      const tags = this.mode === "heat" ? this.chosen.slice(0, 1) : this.chosen;
      if (!tags.length) { this.chart.clear(); write(this.said, this.words["choose tags"]); this.read = null; this.tabulate(); return; }
      // A day is drawn from every sample of it, as far as one answer may hold; what is longer is thinned to what the screen has room for.
      const every = Math.floor(MOST / tags.length), enough = Math.min(6000, Math.max(400, 2 * Math.round(this.plot.clientWidth)));
      const points = this.mode === "heat" ? Math.round((2 * (until - since)) / HOUR) : until - since <= DAY + HOUR ? Math.min(90000, every) : enough;
      const order = (this.order = (this.order ?? 0) + 1);
      const read = await seriesOf(await given(`/api/series?tags=${tags.join(",")}&since=${Math.round(since)}&until=${Math.round(until)}&points=${Math.max(2, points)}`));
      if (this.gone || order !== this.order) return; // a later question was asked meanwhile
      this.read = read;
      // ECharts draws in the browser's zone or in UTC: shifted by the zone's own offset, UTC shows the site's time.
      this.offset = offsetOf(this.timezone, (since + until) / 2);
      const shown = read.columns.reduce((sum, c) => sum + c.n, 0), raw = read.columns.reduce((sum, c) => sum + c.raw, 0);
      const number = (n) => n.toLocaleString("en-US");
      write(this.said, !raw ? this.words["nothing there"] : (shown < raw ? this.words["shown of"] : this.words["all shown"]).replace("{shown}", number(shown)).replace("{raw}", number(raw)));
      if (this.mode === "heat") this.heat(since, until);
      else this.lines(since, until, points, within);
      this.plot.setAttribute("aria-label", `${tags.map((t) => this.known.get(t)?.title ?? t).join(", ")}: ${this.clocks.date(since)} ${this.clocks.time(since)} – ${this.clocks.date(until)} ${this.clocks.time(until)}. ${this.said.textContent}`);
      this.tabulate();
    },
    lines(since, until, points, within) {
      const { read, offset, words } = this;
      const units = [...new Set(read.columns.map((c) => this.known.get(c.tag)?.unit ?? ""))];
      const grids = units.length, room = 100 / grids;
      const sets = [], series = [], drawn = new Set(); // of two tags with the same limit one line is drawn
      read.columns.forEach((column, k) => {
        const known = this.known.get(column.tag) ?? { title: String(column.tag), period: 1, limits: [], unit: "" };
        const gap = Math.max(3000 * known.period + 5000, column.n < column.raw ? (4 * (until - since)) / points : 0);
        const limits = known.limits.filter((l) => { const key = `${known.unit} ${l.level} ${l.value}`; return !drawn.has(key) && drawn.add(key); });
        sets.push({ source: broken(column, gap, offset), dimensions: ["at", "value"] });
        const shade = [[3, "#b493ff"], [4, "#f48fd2"]].flatMap(([quality, colour]) => stretches(column, quality, offset).map(([a, b]) => [{ xAxis: a, itemStyle: { color: colour, opacity: 0.13 } }, { xAxis: b }]));
        series.push({
          type: "line", name: known.title, datasetIndex: k, encode: { x: "at", y: "value" }, showSymbol: column.n < 60, symbolSize: 4, sampling: "minmax", connectNulls: false,
          step: known.kind === "state" ? "end" : false, xAxisIndex: units.indexOf(known.unit), yAxisIndex: units.indexOf(known.unit),
          lineStyle: { width: 1.6, type: DASHES[Math.floor(k / 2) % 4] }, color: COLOURS[this.chosen.indexOf(column.tag) % COLOURS.length],
          markLine: { silent: true, symbol: "none", animation: false, label: { formatter: (p) => p.name, position: "insideEndTop", color: INK, fontSize: 11 }, data: limitLines(limits, words) },
          markArea: { silent: true, data: shade },
        });
      });
      // A limit not far above what is shown is shown too, so that one sees how near it is.
      const reach = (unit, side) => {
        const of = read.columns.filter((c) => (this.known.get(c.tag)?.unit ?? "") === unit && c.low !== null);
        const low = Math.min(...of.map((c) => c.low)), high = Math.max(...of.map((c) => c.high)), room = 0.06 * (high - low || Math.abs(high) || 1);
        const limits = of.flatMap((c) => this.known.get(c.tag).limits.map((l) => l.value)).filter((v) => v < high + 1.5 * (high - low) + room && v > low - 1.5 * (high - low) - room);
        return side > 0 ? (e) => Math.max(e.max, high, ...limits) + room : (e) => Math.min(e.min, low, ...limits) - room;
      };
      const axis = { axisLine: { lineStyle: { color: LINE } }, axisLabel: { color: INK, hideOverlap: true }, splitLine: { lineStyle: { color: RULE } } };
      const option = {
        useUTC: true, animation: false, aria: { enabled: true }, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
        dataset: sets, series,
        grid: units.map((_, g) => ({ left: 64, right: 26, top: `${g * room + 4}%`, height: `${room - (g === grids - 1 ? 16 : 9)}%` })),
        xAxis: units.map((_, g) => ({ type: "time", gridIndex: g, min: since + offset, max: until + offset, ...axis })),
        yAxis: units.map((unit, g) => ({ type: "value", gridIndex: g, min: reach(unit, -1), max: reach(unit, 1), name: unit, nameTextStyle: { color: INK }, ...axis, axisLabel: { color: INK, formatter: trimmed, showMinLabel: round(reach(unit, -1)), showMaxLabel: round(reach(unit, 1)) } })),
        tooltip: { trigger: "axis", backgroundColor: "#0a1017", borderColor: LINE, textStyle: { color: "#fff" }, valueFormatter: (v) => digits(Number(v)), renderMode: "richText" },
        axisPointer: { link: [{ xAxisIndex: "all" }] },
        dataZoom: [{ type: "inside", xAxisIndex: units.map((_, g) => g), filterMode: "none" }],
      };
      if (within) { // the zoomed axis stays where the hand left it; only the points become finer
        delete option.dataZoom;
        for (const x of option.xAxis) { delete x.min; delete x.max; }
        this.chart.setOption({ dataset: option.dataset });
      } else this.chart.setOption(option, { notMerge: true });
    },
    // Each cell is the highest value of one hour: the points are the extremes of whole hours.
    heat(since, until) {
      const { read, offset, words } = this, column = read.columns[0], known = this.known.get(column.tag);
      const hours = Math.round((until - since) / HOUR), cells = new Float64Array(hours).fill(NaN);
      for (let i = 0; i < column.n; i++) {
        const hour = Math.floor((column.at[i] - since) / HOUR);
        if (column.quality[i] !== 2 && column.quality[i] !== 3 && hour >= 0 && hour < hours && !(cells[hour] >= column.value[i])) cells[hour] = column.value[i];
      }
      const days = Math.ceil(hours / 24), data = [];
      let low = Infinity, high = -Infinity;
      cells.forEach((v, h) => { if (Number.isFinite(v)) { data.push([Math.floor(h / 24), h % 24, v]); if (v < low) low = v; if (v > high) high = v; } });
      const names = Array.from({ length: days }, (_, d) => new Date(since + offset + d * DAY).toISOString().slice(0, 10));
      this.cells = { names, cells, days };
      const unit = known?.unit ? ` ${known.unit}` : "";
      this.chart.setOption({
        useUTC: true, animation: false, aria: { enabled: true }, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
        grid: { left: 56, right: 96, top: 26, bottom: 48 },
        xAxis: { type: "category", data: names, axisLabel: { color: INK, hideOverlap: true }, splitArea: { show: false } },
        yAxis: { type: "category", data: Array.from({ length: 24 }, (_, h) => `${String(h).padStart(2, "0")}:00`), axisLabel: { color: INK } },
        visualMap: { min: low === Infinity ? 0 : low, max: high === -Infinity ? 1 : high, calculable: true, orient: "vertical", right: 8, top: "middle", textStyle: { color: INK }, formatter: (v) => digits(Number(v)), inRange: { color: ["#10243b", "#1f5a8a", "#3fa3b5", "#9fd08a", "#f2e36b", "#f08a3c", "#d8352f"] } },
        tooltip: { backgroundColor: "#0a1017", borderColor: LINE, textStyle: { color: "#fff" }, renderMode: "richText", formatter: (p) => `${names[p.value[0]]} ${String(p.value[1]).padStart(2, "0")}:00\n${words.highest} ${digits(p.value[2])}${unit}` },
        series: [{ type: "heatmap", data, progressive: 0 }],
      }, { notMerge: true });
    },
    // The same numbers for who cannot or does not want to see a picture: at most 500 rows, said so.
    tabulate() {
      if (this.table.hidden || !this.read) { this.table.replaceChildren(); return; }
      const words = this.words, most = 500, table = make("table"), head = make("tr");
      const body = [];
      const cell = (tag, text, number) => { const c = make(tag, number ? "n" : "", text); if (tag === "th") c.scope = "col"; return c; };
      if (this.mode === "heat") {
        head.append(cell("th", words.day), cell("th", words.hour), cell("th", words.highest, true));
        this.cells.cells.forEach((v, h) => { if (Number.isFinite(v)) body.push({ cells: [this.cells.names[Math.floor(h / 24)], `${String(h % 24).padStart(2, "0")}:00`, digits(v)], hour: this.read.since + h * HOUR }); });
      } else {
        head.append(cell("th", words.tag), cell("th", words.time), cell("th", words.value, true), cell("th", words.quality));
        for (const column of this.read.columns) for (let i = 0; i < column.n; i++) body.push({ cells: [this.known.get(column.tag)?.title ?? column.tag, `${this.clocks.date(column.at[i])} ${this.clocks.time(column.at[i])}`, digits(column.value[i]), words[QUALITIES[column.quality[i]]]] });
      }
      const caption = make("caption", "", this.said.textContent + (body.length > most ? ` · ${most} / ${body.length}` : ""));
      const rows = body.slice(-most).map(({ cells, hour }) => {
        const tr = make("tr");
        cells.forEach((text, k) => tr.append(cell("td", String(text), k === 2)));
        if (hour !== undefined) { const td = make("td"); td.append(button(words["flows of the hour"], () => this.flows.show(hour))); tr.append(td); }
        return tr;
      });
      const top = make("thead"), low = make("tbody");
      top.append(head);
      low.append(...rows);
      table.append(caption, top, low);
      this.table.replaceChildren(table);
    },
  },
};

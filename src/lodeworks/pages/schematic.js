// The schematic: sites as boxes, ways on foot as thin lines with their metres, routes as wide as what flows on them,
// people and alarms at their places, the robot as a dot on its route. A table twin says the same in words.
import { SHAPES, chainage, clocks, given, incidents, make, raise, rehearsed, shown, standing, stream, unheard, write } from "lodeworks-live";

const NS = "http://www.w3.org/2000/svg";
const BOX = [168, 66];

function svg(tag, attributes, text) {
  const element = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes ?? {})) element.setAttribute(name, String(value));
  if (text !== undefined) element.textContent = text;
  return element;
}
// Words that are a little too long for their room are drawn narrower.
function within(text, room) {
  text.removeAttribute("textLength");
  if (text.getComputedTextLength() > room) { text.setAttribute("textLength", room); text.setAttribute("lengthAdjust", "spacingAndGlyphs"); }
}
// A name and a value in one line: the name is cut where both have no room.
function named(text, name, value, room) {
  write(text, `${name} ${value}`);
  for (let n = name.length - 1; n > 1 && text.getComputedTextLength() > room; n -= 1) write(text, `${name.slice(0, n).trimEnd()}… ${value}`);
}
const metresOf = (m, words) => (m >= 1000 ? `${(m / 1000).toFixed(m % 1000 ? 1 : 0)} ${words.km}` : `${Math.round(m)} ${words.m}`);

// How much of a curved line lies under boxes of sites it does not touch: it would seem to lead there.
const BENDS = [0, 70, -70, 120, -120, 180, -180, 250, -250];
function hits(a, b, [cx, cy], sites) {
  let count = 0;
  for (let t = 0.04; t < 0.97; t += 0.04) {
    const u = 1 - t, x = u * u * a.x + 2 * u * t * cx + t * t * b.x, y = u * u * a.y + 2 * u * t * cy + t * t * b.y;
    if (sites.some((s) => s !== a && s !== b && Math.abs(x - s.x) < BOX[0] / 2 + 6 && Math.abs(y - s.y) < BOX[1] / 2 + 6)) count += 1;
  }
  return count;
}

// The part of a line, as shares of its length, that neither site's box covers: there one sees who rides on it.
function between(line, a, b) {
  const long = line.getTotalLength(), steps = 60, inside = (p, s) => Math.abs(p.x - s.x) < BOX[0] / 2 + 8 && Math.abs(p.y - s.y) < BOX[1] / 2 + 8;
  const free = Array.from({ length: steps + 1 }, (_, k) => k / steps).filter((t) => { const p = line.getPointAtLength(t * long); return !inside(p, a) && !inside(p, b); });
  return free.length > 1 ? [free[0], free[free.length - 1]] : null;
}

export default {
  template: `<div class="lw-map"></div>`,
  props: { language: String, live: String },
  async mounted() {
    this.narrow = matchMedia("(max-width: 760px)"); // a phone has a map of its own, which one may turn
    this.turned = () => this.begin();
    this.narrow.addEventListener("change", this.turned);
    await this.begin();
    if (this.gone) return;
    this.held = stream(this.live);
    this.stream = this.held.stream;
    this.leave = this.stream.on(() => this.paint());
  },
  beforeUnmount() {
    this.gone = true;
    this.narrow?.removeEventListener("change", this.turned);
    this.leave?.();
    this.held?.release();
  },
  methods: {
    async begin() {
      const tall = this.narrow.matches, map = await (await given(`/api/map?language=${this.language}&tall=${tall}`)).json();
      if (this.gone || tall !== this.narrow.matches) return;
      this.map = map;
      this.words = map.words;
      this.clocks = clocks(map.timezone);
      this.tiles = new Map(map.tiles.map((t) => [t.tag, t]));
      this.$el.replaceChildren();
      if (!map.sites.length) this.$el.append(make("p", "lw-calm", map.words["no sites"]));
      else this.build();
      this.paint();
    },
    build() {
      const map = this.map, words = this.words;
      this.banner = make("div", "lw-banner");
      this.banner.setAttribute("role", "status");
      // What has no outline is shown from its first site to its last: a command screen has no room for empty margins.
      const xs = map.sites.map((s) => s.x), margin = BOX[0] / 2 + 40;
      this.left = map.outline.length ? 0 : Math.max(0, Math.min(...xs) - margin);
      this.right = map.outline.length ? map.width : Math.min(map.width, Math.max(...xs, this.left + 640) + margin);
      const drawing = (this.drawing = svg("svg", { viewBox: `${this.left} 0 ${this.right - this.left} ${map.height}`, class: "lw-map-svg", role: "img", "aria-label": words.map }));
      const at = (this.at = new Map(map.sites.map((s) => [s.name, s])));
      const pairs = new Map();
      const curve = (a, b) => { // several between the same two sites bend apart
        const key = [a.name, b.name].sort().join("\n"), n = pairs.get(key) ?? 0;
        pairs.set(key, n + 1);
        const turned = a.name > b.name ? -1 : 1, own = turned * 38 * (n % 2 ? -Math.ceil(n / 2) : Math.ceil(n / 2));
        const dx = b.x - a.x, dy = b.y - a.y, far = Math.hypot(dx, dy) || 1;
        const middle = (bend) => [(a.x + b.x) / 2 - (dy / far) * bend, (a.y + b.y) / 2 + (dx / far) * bend];
        const bends = BENDS.map((more) => own + more).filter((one) => Math.abs(one) <= Math.max(Math.abs(own), 0.7 * far)).map((one) => [hits(a, b, middle(one), map.sites), one]);
        const [, bend] = bends.reduce((best, one) => (one[0] < best[0] ? one : best));
        return { d: `M${a.x} ${a.y}Q${middle(bend).join(" ")} ${b.x} ${b.y}` };
      };
      const ground = svg("g");
      for (const d of map.outline) ground.append(svg("path", { d, class: d.endsWith("Z") ? "lw-outline lw-land" : "lw-outline" }));
      const lines = svg("g"), labels = svg("g"), boxes = svg("g"), dots = svg("g");
      this.ways = [];
      this.routes = [];
      const together = new Map(); // routes between the same two sites share a label
      for (const route of map.routes) {
        const a = at.get(route.from), b = at.get(route.to);
        if (!a || !b) continue;
        const path = curve(a, b), tile = this.tiles.get(route.flow);
        const line = svg("path", { d: path.d, class: "lw-route" });
        line.append(svg("title", {}, [route.title, route.commodity, route.metres ? metresOf(route.metres, words) : ""].filter(Boolean).join(" · ")));
        lines.append(line);
        const key = [a.name, b.name].sort().join("\n"), entry = { route, line, tile };
        if (!together.has(key)) together.set(key, { path, entries: [] });
        together.get(key).entries.push(entry);
        this.routes.push(entry);
      }
      for (const way of map.ways) {
        const a = at.get(way.from), b = at.get(way.to);
        if (!a || !b) continue;
        const path = curve(a, b), line = svg("path", { d: path.d, class: `lw-way${way.exit ? " lw-exit" : ""}` });
        line.append(svg("title", {}, `${way.title} · ${metresOf(way.metres, words)}`));
        lines.append(line);
        this.ways.push({ way, line, path });
      }
      // Words stand on their line where they cover no box and no words before them; else they are in the table only.
      const taken = map.sites.map((s) => [s.x - BOX[0] / 2 - 4, s.y - BOX[1] / 2 - 4, s.x + BOX[0] / 2 + 4, s.y + BOX[1] / 2 + 4]);
      const placed = (d, wide, tall) => {
        const probe = svg("path", { d }), long = probe.getTotalLength();
        for (const t of [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.2, 0.8]) {
          const p = probe.getPointAtLength(t * long), box = [p.x - wide / 2, p.y - tall / 2, p.x + wide / 2, p.y + tall / 2];
          if (box[0] < this.left || box[2] > this.right || taken.some((o) => box[0] < o[2] && box[2] > o[0] && box[1] < o[3] && box[3] > o[1])) continue;
          taken.push(box);
          return { p, box };
        }
        return null;
      };
      this.labels = [...together.values()].map(({ path, entries }) => {
        const rows = Math.min(2, entries.length) + (entries.length > 2 ? 1 : 0), longest = Math.max(...entries.map((e) => e.route.title.length)), spot = placed(path.d, Math.max(150, longest * (this.language === "zh" ? 14.5 : 7.2) + 84), 18 * rows + 4);
        const texts = spot ? Array.from({ length: rows }, (_, k) => svg("text", { x: spot.p.x, y: spot.box[1] + 15 + 18 * k, class: "lw-route-label", "text-anchor": "middle" })) : [];
        labels.append(...texts);
        return { texts, entries, box: spot?.box };
      });
      this.free = (box) => box[0] >= this.left && box[2] <= this.right && !taken.slice(0, map.sites.length).some((o) => box[0] < o[2] && box[2] > o[0] && box[1] < o[3] && box[3] > o[1]);
      for (const entry of this.ways) {
        const { way, path } = entry;
        const told = `${metresOf(way.metres, words)}${way.exit ? " · " + words.exit : ""}`, spot = placed(path.d, 9 * told.length + 20, 18);
        if (!spot) continue;
        labels.append(svg("rect", { x: spot.box[0] + 2, y: spot.box[1], width: spot.box[2] - spot.box[0] - 4, height: 18, class: "lw-way-ground" }));
        entry.label = svg("text", { x: spot.p.x, y: spot.p.y + 5, class: "lw-way-label", "text-anchor": "middle" });
        entry.told = told;
        labels.append(entry.label);
      }
      this.boxes = map.sites.map((site) => {
        const box = svg("g", { transform: `translate(${site.x - BOX[0] / 2} ${site.y - BOX[1] / 2})`, class: `lw-site${site.far ? " lw-far" : ""}` });
        const rect = svg("rect", { width: BOX[0], height: BOX[1], rx: 9 });
        const title = svg("text", { x: 10, y: 21, class: "lw-site-title" }, site.title.length > (this.language === "zh" ? 11 : 22) ? site.title.slice(0, this.language === "zh" ? 10 : 21) + "…" : site.title);
        const people = svg("text", { x: 10, y: 41, class: "lw-site-line" }), level = svg("text", { x: 10, y: 58, class: "lw-site-line" });
        const flag = svg("text", { x: BOX[0] - 9, y: 21, class: "lw-site-flag", "text-anchor": "end" });
        box.append(svg("title", {}, site.title), rect, title, people, level, flag);
        boxes.append(box);
        return { site, box, title, people, level, flag };
      });
      this.dots = map.rounds.filter((r) => r.position >= 0).map((round) => {
        const dot = svg("g", { class: "lw-robot" });
        dot.append(svg("circle", { r: 13 }), svg("text", { y: 5, "text-anchor": "middle" }, round.by === "person" ? "☺" : "◉"));
        const label = svg("text", { y: -20, "text-anchor": "middle", class: "lw-robot-label" });
        dot.append(label);
        dot.style.display = "none"; // until it is known where it is
        dots.append(dot);
        const on = this.routes.find((r) => r.route.name === round.route);
        return { round, dot, label, line: on?.line, seen: on && between(on.line, at.get(on.route.from), at.get(on.route.to)) };
      });
      drawing.append(ground, lines, boxes, labels, dots);
      if (map.metres) drawing.append(this.scale(map));
      drawing.append(svg("text", { x: this.left + 14, y: map.height - 14, class: "lw-map-note" }, !map.sites.length ? words["no sites"] : map.outline.length ? `${words.outline} · ${map.review_number ? `${words["review number"]} ${map.review_number}` : words["internal use"]}` : map.region ? words.schematic : words["by metres"]));
      const twin = make("details", "lw-twin"), summary = make("summary", "", words.data);
      this.table = make("table", "lw-list");
      const hold = make("div", "lw-table");
      hold.append(this.table);
      twin.append(summary, hold);
      this.twin = twin;
      this.$el.append(this.banner, drawing, twin);
      for (const { title } of this.boxes) within(title, BOX[0] - 34); // room for the alarm's sign
    },
    // A bar of a round length, and north, where the map has a scale.
    scale(map) {
      const group = svg("g", { class: "lw-scale", transform: `translate(${this.right - 260} ${map.height - 26})` });
      const most = 2 * map.metres, power = 10 ** Math.floor(Math.log10(most)), metres = [5, 2, 1].map((k) => k * power).find((m) => m <= most), width = (100 * metres) / map.metres;
      group.append(svg("path", { d: `M0 -6V0H${width}V-6` }), svg("text", { x: width / 2, y: -8, "text-anchor": "middle" }, metresOf(metres, this.words)), svg("path", { d: `M${width + 40} 0V-26M${width + 34} -18L${width + 40} -28L${width + 46} -18` }), svg("text", { x: width + 56, y: -8 }, this.words.north));
      group.dataset.metres = metres;
      group.dataset.width = width;
      return group;
    },
    paint() {
      if (!this.stream || !this.map?.sites.length) return;
      const now = this.stream.time(), words = this.words, silent = this.stream.silent();
      const is = (tag) => { const tile = this.tiles.get(tag), sample = this.stream.samples.get(tag); if (!tile) return null; const how = standing(tile, sample, now, undefined, this.stream.speed); return { tile, sample, ...how, grey: Boolean(silent) || how.grey }; };
      const worst = new Map();
      for (const alarm of this.stream.text.alarms ?? []) if (!alarm.covers.length && alarm.active && (!worst.has(alarm.tag) || worst.get(alarm.tag).priority > alarm.priority)) worst.set(alarm.tag, alarm);
      const most = Math.max(1e-9, ...this.routes.map((r) => { const f = r.tile && is(r.route.flow); return f && !f.grey && r.tile.unit === this.routes[0].tile?.unit ? Math.abs(f.sample.value) : 0; }));
      const rows = [];
      for (const entry of this.routes) {
        const { route, line, tile } = entry;
        const flow = tile ? is(route.flow) : null;
        const size = flow && !flow.grey ? Math.abs(flow.sample.value) : 0;
        const top = tile?.high ?? most;
        line.style.strokeWidth = String(flow ? 3 + 17 * Math.sqrt(Math.min(1, size / (top || 1))) : 4);
        line.setAttribute("class", `lw-route${flow?.grey ? " lw-lost" : ""}${flow && !flow.grey && size > 0 ? " lw-runs" : ""}${worst.has(route.flow) ? " p" + worst.get(route.flow).priority : ""}`);
        const told = !flow ? "" : flow.grey ? `${words[flow.word] ?? flow.word}${flow.since ? " " + this.clocks.when(flow.since, now) : ""}` : `${shown(tile, flow.sample.value)} ${tile.unit}`;
        entry.told = told;
        entry.share = flow && !flow.grey ? size / (top || 1) : 0;
        entry.sign = worst.has(route.flow) ? `${SHAPES[worst.get(route.flow).priority]} ` : "";
        rows.push([route.title, entry.sign + told]);
      }
      for (const { texts, entries } of this.labels) {
        const first = [...entries].sort((a, b) => b.share - a.share);
        // In a region what stands still has no words: they would hide those of what moves.
        const told = first.filter((e) => !this.map.region || e.share > 0 || !e.told || Number.isNaN(Number.parseFloat(e.told)));
        texts.forEach((text, k) => write(text, k < 2 ? (told[k] ? `${told[k].sign}${told[k].route.title} ${told[k].told}` : "") : told.length > 2 ? `+ ${told.length - 2}` : ""));
      }
      for (const { way, line, label, told } of this.ways) { // gas on a way has a sign and words, not a colour alone
        const alarm = worst.get(way.gas);
        if (label) write(label, `${alarm ? SHAPES[alarm.priority] + " " : ""}${told}`);
        if (alarm) rows.push([way.title, `${SHAPES[alarm.priority]} ${alarm.title}`]);
        line.setAttribute("class", `lw-way${way.exit ? " lw-exit" : ""}${alarm ? " lw-blocked" : ""}`);
      }
      for (const { site, box, people, level, flag } of this.boxes) {
        let alarm = null;
        for (const tag of site.tags) { const a = worst.get(tag); if (a && (!alarm || a.priority < alarm.priority)) alarm = a; }
        const counts = site.zones.filter((z) => z.count >= 0).map((z) => { const c = is(z.count); return `${z.forbidden ? words.forbidden : z.refuge ? `${words.refuge} ${words.people}` : words.people} ${!c?.sample?.at ? "–" : c.grey ? `(${Math.round(c.sample.value)}?)` : Math.round(c.sample.value)}${z.most ? " / " + z.most : ""}`; });
        const told = site.far ? `≈ ${metresOf(Math.round(site.far / 10000) * 10000, words)}` : counts.join(" · "), room = BOX[0] - 18;
        const levels = site.levels.slice(0, 1).map((tag) => is(tag)).filter((l) => l?.sample?.at).map((l) => [site.stocks[0], `${l.grey ? "(" + shown(l.tile, l.sample.value) + "?)" : shown(l.tile, l.sample.value)} ${l.tile.unit}`]);
        const [stock, amount] = levels[0] ?? ["", ""], key = [told, stock, amount].join("|");
        if (box.dataset.told !== key) { // without people its store has two lines
          box.dataset.told = key;
          write(people, told || stock);
          within(people, room);
          if (told && stock) named(level, stock, amount, room);
          else write(level, amount);
        }
        write(flag, alarm ? SHAPES[alarm.priority] : "");
        box.setAttribute("class", `lw-site${site.far ? " lw-far" : ""}${alarm ? ` lw-alarm p${alarm.priority}` : ""}`);
        rows.push([site.title, [alarm ? `${SHAPES[alarm.priority]} ${alarm.title}` : "", ...counts, [stock, amount].join(" ").trim()].filter(Boolean).join(" · ")]);
      }
      for (const { round, dot, label, line, seen } of this.dots) {
        const position = is(round.position);
        dot.style.display = position?.sample?.at && line ? "" : "none";
        if (!position?.sample?.at || !line) continue;
        const route = this.map.routes.find((r) => r.name === round.route), long = route.metres || round.end || 1;
        const [first, last] = seen ?? [0, 1], share = Math.min(1, Math.max(0, position.sample.value / long));
        const point = line.getPointAtLength(line.getTotalLength() * (first + (last - first) * share));
        dot.setAttribute("transform", `translate(${point.x} ${point.y})`);
        dot.setAttribute("class", `lw-robot${position.grey ? " lw-lost" : ""}`);
        for (const { texts, box } of this.labels) { // the words of the route make room for who rides by, or go where there is none
          const beside = box && point.x > box[0] - 20 && point.x < box[2] + 20 && point.y > box[1] - 16 && point.y < box[3] + 40;
          const aside = beside && [34, -34].find((by) => this.free([box[0], box[1] + by, box[2], box[3] + by]));
          for (const text of texts) { text.setAttribute("transform", aside ? `translate(0 ${aside})` : ""); text.style.visibility = beside && !aside ? "hidden" : ""; }
        }
        const told = `${round.title} ${chainage(position.sample.value)}${position.grey ? ` · ${words[position.word] ?? position.word}${position.since ? ` ${this.clocks.when(position.since, now)}` : ""}` : ""}`;
        write(label, told);
        // Its own words stand above it, or below or beside where they would lie on a site.
        const half = label.getComputedTextLength() / 2 + 4, spots = [[0, -20], [0, 34], [half + 16, 5], [-half - 16, 5]];
        const [x, y] = spots.find(([x, y]) => this.free([point.x + x - half, point.y + y - 14, point.x + x + half, point.y + y + 5])) ?? spots[0];
        label.setAttribute("x", x);
        label.setAttribute("y", y);
        rows.push([round.title, told]);
      }
      raise(this.banner, [...unheard(this.stream, this.clocks, words), ...incidents(this.stream, words), ...rehearsed(this.stream, words)]);
      if (this.twin.open) this.table.replaceChildren(...rows.map(([a, b]) => { const tr = make("tr"), th = make("th", "", a); th.scope = "row"; tr.append(th, make("td", "", b)); return tr; }));
    },
  },
};

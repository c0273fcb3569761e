// The wall: one element that owns all its tiles and the alarm list, fed by one message a tick.
import { SHAPES, WAY, button, clocks, given, incidents, lasting, make, minutes, raise, rehearsed, seriesOf, serverClock, shown, standing, stream, unheard, write } from "lodeworks-live";
import { Voice } from "lodeworks-live/voice.js";

const SPARK = 60, SPARK_S = 30; // points of a sparkline and seconds between them
const LOOK_S = 2; // how often cameras are asked for a new picture
const PLAN_MS = 60000, PLAN_OLD_MS = 3600000; // what the plan has is asked for each minute of the wall's clock; from an hour on it is not shown

function tileOf(tile, words) {
  const root = make("div", "lw-tile");
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", tile.title);
  const head = make("div", "lw-tile-head");
  const flag = make("span", "lw-flag");
  flag.setAttribute("aria-hidden", "true");
  head.append(make("span", "lw-tile-title", tile.title), flag);
  const line = make("div", "lw-tile-line");
  const value = make("span", "lw-value", "–");
  const unit = make("span", "lw-unit", tile.unit + (tile.most !== undefined ? ` / ${tile.most}` : ""));
  const plan = make("span", "lw-plan lw-none");
  line.append(value, unit, plan);
  const bar = make("div", "lw-bar");
  bar.setAttribute("aria-hidden", "true");
  const fill = make("div", "lw-bar-fill");
  const aim = make("div", "lw-bar-plan lw-none");
  bar.append(fill, aim);
  const ranged = Boolean(tile.bar), [low, high] = tile.bar ?? [0, 1], span = high - low;
  if (ranged) {
    for (const limit of tile.limits) {
      const mark = make("div", `lw-bar-mark p${limit.priority}`);
      mark.style.left = `${Math.min(100, Math.max(0, (100 * (limit.value - low)) / span))}%`;
      mark.title = [limit.level, limit.value, limit.row].join(" ");
      bar.append(mark);
    }
  } else bar.classList.add("lw-none");
  const spark = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  spark.setAttribute("class", "lw-spark");
  spark.setAttribute("viewBox", "0 0 100 24");
  spark.setAttribute("preserveAspectRatio", "none");
  spark.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  spark.append(path);
  if (tile.kind === "state") spark.classList.add("lw-none");
  const foot = make("div", "lw-tile-foot");
  const told = make("span", "lw-told"), source = make("span", "lw-source", tile.source);
  foot.append(told, source);
  root.append(head, line, bar, spark, foot);
  const rows = [...new Set(tile.limits.filter((l) => l.row).map((l) => `${l.level} ${l.value} ${tile.unit}: ${l.row}`))];
  root.title = [tile.title, tile.name, `${words.source}: ${tile.source}`, ...rows].join("\n");
  return { tile, root, flag, value, plan, aim, fill, path, told, ranged, low, span, points: [], drawn: "" };
}

function sparkline(part) {
  const points = part.points.filter((p) => Number.isFinite(p[1]));
  if (points.length < 2) return "";
  let low = Infinity, high = -Infinity;
  for (const [, v] of points) { if (v < low) low = v; if (v > high) high = v; }
  const t0 = points[0][0], span = points[points.length - 1][0] - t0 || 1, tall = high - low || 1;
  return points.map(([t, v], i) => `${i ? "L" : "M"}${((100 * (t - t0)) / span).toFixed(1)} ${(22 - (20 * (v - low)) / tall).toFixed(1)}`).join("");
}

export default {
  template: `<div class="lw-wall"></div>`,
  props: { screen: String, language: String, live: String, voice: Object },
  async mounted() {
    const screen = await (await given(`/api/screen/${encodeURIComponent(this.screen)}?language=${this.language}`)).json();
    if (this.gone) return;
    const words = (this.words = screen.words);
    this.clocks = clocks(screen.timezone);
    const root = this.$el;
    this.banner = make("div", "lw-banner");
    this.banner.setAttribute("role", "status");
    this.strip = make("div", "lw-strip");
    this.counts = make("div", "lw-counts");
    this.state = make("div", "lw-state");
    this.watch = make("time", "lw-clock");
    this.strip.append(this.counts, this.state, this.watch);
    if (this.voice) {
      this.ear = button("", () => this.ring());
      this.ear.classList.add("lw-ear");
      this.strip.insertBefore(this.ear, this.state);
    }
    const main = make("div", "lw-main");
    this.area = make("div", "lw-area");
    this.area.tabIndex = 0;
    this.area.setAttribute("role", "region");
    this.area.setAttribute("aria-label", screen.title);
    this.area.classList.toggle("lw-bare", screen.sections.every((section) => !section.title));
    this.parts = new Map();
    this.plannedAt = -PLAN_OLD_MS;
    for (const section of screen.sections) {
      const cameras = this.live.startsWith("/api/past") ? [] : section.cameras; // there are no pictures of the past
      if (!section.tiles.length && !cameras.length) continue;
      // Sections follow one another like words in a line: the title stands over the first tile, a rule over the rest.
      const box = make("section", "lw-section");
      box.setAttribute("aria-label", section.title);
      const cells = section.tiles.map((tile) => {
        const part = tileOf(tile, words);
        this.parts.set(tile.tag, [...(this.parts.get(tile.tag) ?? []), part]);
        return [part.root, "lw-cell"];
      });
      cells.push(...cameras.map((camera, k) => [this.cameraOf(camera), `lw-cell lw-wide${k || cameras.length < 3 ? "" : " lw-row"}`]));
      cells.forEach(([inside, name], k) => {
        const cell = make("div", name);
        if (!k && section.title) {
          const title = make("h2", "", section.title);
          title.style.setProperty("--tiles", Math.min(cells.length, 3));
          cell.append(title);
          cell.classList.add("lw-first");
        }
        cell.append(inside);
        box.append(cell);
      });
      this.area.append(box);
    }
    if (!this.parts.size && !this.views) this.area.append(make("p", "lw-calm", words["no tiles"]));
    this.list = make("aside", "lw-alarms lw-none"); // until the alarms are known: an empty list would say there are none
    this.list.setAttribute("aria-label", words.alarms);
    this.listHead = make("h2", "", words.alarms);
    this.rows = make("ol", "lw-alarm-rows");
    this.rows.setAttribute("aria-live", "polite");
    this.rows.tabIndex = 0;
    this.list.append(this.listHead, this.rows);
    main.append(this.list, this.area);
    root.append(this.banner, this.strip, main);
    this.held = stream(this.live);
    this.stream = this.held.stream;
    this.leave = this.stream.on((message) => this.take(message));
    if (this.voice) {
      this.hearing = new Voice(this.voice, words, this.language, () => this.stream.text.alarms ?? [], () => this.earOf());
      this.earOf();
    }
    this.fit();
    this.sizes = new ResizeObserver(() => this.fit());
    this.sizes.observe(this.area);
    this.trend();
    this.redraw = setInterval(() => this.sparks(), 1000 * SPARK_S);
    const look = () => { for (const view of this.views ?? []) this.look(view); };
    look();
    this.looking = setInterval(look, 1000 * LOOK_S);
  },
  beforeUnmount() {
    this.gone = true;
    this.leave?.();
    this.held?.release();
    this.hearing?.close();
    this.sizes?.disconnect();
    clearInterval(this.redraw);
    clearInterval(this.looking);
    for (const view of this.views ?? []) URL.revokeObjectURL(view.picture);
  },
  methods: {
    // One switch for all desks; where browsers want a press before anything may sound, it says so until there was one.
    ring() {
      const on = !this.hearing.on.size;
      for (const desk of this.voice.desks) this.hearing.ring(desk.name, on);
    },
    earOf() {
      if (!this.hearing) return;
      const waits = this.hearing.waits(), on = this.hearing.on.size > 0;
      write(this.ear, this.words[waits ? "sound asks" : !on ? "sound off" : this.hearing.speaks ? "sound on" : "tones only"]);
      this.ear.title = this.hearing.missing();
      this.ear.setAttribute("aria-pressed", String(on && !waits));
      this.ear.classList.toggle("lw-ask", waits);
    },
    cameraOf(camera) {
      const box = make("figure", "lw-camera lw-blind"), image = make("img"), caption = make("figcaption"), told = make("span", "lw-camera-told", this.words["no picture"]);
      image.alt = camera.title;
      caption.append(make("span", "", camera.title), told);
      box.append(image, caption);
      const view = { camera, box, image, told, at: 0, drawn: false };
      (this.views ??= []).push(view);
      return box;
    },
    // Asks each camera for a picture newer than the one shown. One that cannot be had changes nothing: what is shown grows old, and says so.
    async look(view) {
      if (view.asking || document.visibilityState !== "visible") return;
      view.asking = true;
      try {
        const response = await fetch(`/api/camera/${encodeURIComponent(view.camera.name)}?seen=${view.at}&language=${this.language}`, { credentials: "same-origin" });
        if (response.status === 404) view.at = 0;
        else if (response.ok) {
          if (response.status === 200) {
            const picture = URL.createObjectURL(await response.blob()), before = view.picture;
            view.image.src = view.picture = picture;
            if (before) URL.revokeObjectURL(before);
          }
          view.at = Number(response.headers.get("x-frame-at"));
          view.drawn = response.headers.get("x-frame-drawn") === "1";
        }
      } catch (error) { console.warn(error); }
      view.asking = false;
      if (this.gone) { URL.revokeObjectURL(view.picture); return; }
      const blind = !view.at; // a camera without a picture takes the room of one tile
      if (view.box.classList.toggle("lw-blind", blind) !== view.blind) { view.blind = blind; this.fitted = ""; this.fit(); }
      this.frame(view, this.stream.time());
    },
    // What a picture may be called: drawn, or old with since when; an old one is never shown as new.
    frame(view, now) {
      const words = this.words, silent = this.stream.silent(), speed = Math.max(1, this.stream.speed);
      const old = Boolean(view.at) && (Boolean(silent) || now - view.at > 3000 * Math.max(view.camera.period, LOOK_S * speed) + WAY * speed);
      view.box.classList.toggle("lw-old", old);
      write(view.told, !view.at ? words["no picture"] : old ? `${words["picture stopped"]} ${this.clocks.when(view.at, now)}` : view.drawn ? words.drawn : this.clocks.time(view.at));
    },
    // The largest tiles with which everything is seen at once; on a phone the page scrolls instead.
    fit() {
      const area = this.area;
      if (!area.clientHeight || window.innerWidth < 760) { area.dataset.size = "phone"; return; }
      const key = `${area.clientWidth}x${area.clientHeight}`;
      if (key === this.fitted) return;
      this.fitted = key;
      const fits = () => area.scrollHeight <= area.clientHeight + 1, ways = area.classList.contains("lw-bare") ? [false, true] : [false];
      // Cameras stand in a row of their own, or where there is room if tiles can be larger so.
      for (const size of ["xxxl", "xxl", "xl", "l", "m", "s", "xs"]) {
        area.dataset.size = size;
        if (ways.some((flowing) => { area.classList.toggle("lw-flowing", flowing); return fits(); })) break;
      }
    },
    take(message) {
      const now = this.stream.time();
      if (message) {
        for (const tag of message.tag) {
          const sample = this.stream.samples.get(tag);
          for (const part of this.parts.get(tag) ?? []) {
            const last = part.points[part.points.length - 1];
            if (sample.quality !== 2 && sample.at && (!last || sample.at - last[0] >= 1000 * SPARK_S)) part.points.push([sample.at, sample.value]);
          }
        }
        if (message.text) this.alarms(message.text, now);
        if (this.stream.text.past && !(Math.abs(now - this.trended) <= 600000)) { this.trended = now; this.trend(); }
      }
      if (message) this.plans(now);
      if (message && !this.lined) { this.lined = true; this.sparks(); }
      this.paint(now);
    },
    // What the plan has for this hour beside what is there: asked for when the hour may be another, of the past too.
    async plans(now) {
      if (this.planning || Math.abs(now - this.plannedAt) < PLAN_MS || Date.now() - (this.plannedLast ?? 0) < 1000 * LOOK_S) return;
      this.planning = true;
      this.plannedLast = Date.now();
      try {
        const told = await (await given(`/api/planned?at=${Math.round(now)}`)).json();
        [this.plannedAt, this.planned] = [told.at, told.planned];
      } catch (error) { console.warn(error); }
      this.planning = false;
      if (!this.gone) this.paint(this.stream.time());
    },
    aimOf(part, tag, now) {
      const has = this.planned && tag in this.planned, value = has && Math.abs(now - this.plannedAt) < PLAN_OLD_MS ? this.planned[tag] : null;
      part.plan.classList.toggle("lw-none", !has);
      part.aim.classList.toggle("lw-none", value === null || !part.ranged);
      if (!has) return;
      part.plan.classList.toggle("lw-unplanned", value === null);
      write(part.plan, `${this.words["plan mark"]} ${value === null ? "–" : shown(part.tile, value)}`);
      part.plan.title = value === null ? this.words["plan has none"] : "";
      if (part.ranged && value !== null) part.aim.style.left = `${(100 * Math.min(1, Math.max(0, (value - part.low) / part.span))).toFixed(1)}%`;
    },
    paint(now) {
      const words = this.words, text = this.stream.text, silent = this.stream.silent();
      let live = 0, grey = 0, simulated = false, testing = 0;
      const flagged = new Map(), frozen = new Map();
      for (const alarm of text.alarms ?? []) {
        if (alarm.covers.length) continue;
        if (alarm.kind === "stuck" && alarm.active) frozen.set(alarm.tag, alarm.since);
        const before = flagged.get(alarm.tag); // what is so now before what was, then the more urgent
        if (!before || (alarm.active && !before.active) || (alarm.active === before.active && alarm.priority < before.priority)) flagged.set(alarm.tag, alarm);
      }
      for (const [tag, parts] of this.parts) {
        const sample = this.stream.samples.get(tag);
        for (const part of parts) {
          const is = standing(part.tile, sample, now, frozen.get(tag), this.stream.speed);
          const dead = is.grey || Boolean(silent);
          if (dead) grey += 1; else live += 1;
          if (sample?.quality === 4) simulated = true;
          if (sample?.quality === 3) testing += 1;
          const alarm = flagged.get(tag);
          const name = `lw-tile${dead ? " lw-grey" : ""}${alarm ? ` ${alarm.active ? "lw-alarm" : "lw-returned"} p${alarm.priority}${alarm.active && alarm.unacknowledged ? " lw-new" : ""}` : ""}${sample?.quality === 3 ? " lw-test" : ""}`;
          if (part.root.className !== name) part.root.className = name;
          write(part.flag, alarm ? `${SHAPES[alarm.priority]} ${alarm.level || words["priority " + alarm.priority]}` : "");
          write(part.value, sample?.at ? shown(part.tile, sample.value) : "–");
          this.aimOf(part, tag, now);
          if (part.ranged) {
            const share = sample?.at && Number.isFinite(sample.value) ? Math.min(1, Math.max(0, (sample.value - part.low) / part.span)) : 0;
            part.fill.style.transform = `scaleX(${share.toFixed(4)})`;
          }
          let told;
          if (is.word === "no data") told = words["no data"];
          else if (is.seconds !== undefined) told = `${words[is.word]} ${lasting(is.seconds, words)}`;
          else if (is.grey) told = `${words[is.word]} ${this.clocks.when(is.since, now)}`;
          else if (silent) told = `${words["lost since"]} ${this.clocks.when(this.stream.now, now)}`;
          else told = `${words[is.word]} · ${this.agoOf(is.age)}`;
          write(part.told, told);
        }
      }
      write(this.watch, `${this.clocks.date(now)} ${this.clocks.time(now)}`);
      this.watch.dateTime = new Date(now).toISOString();
      write(this.state, `${live} ${words.live} · ${grey} ${words.grey}${testing ? ` · ${testing} ${words.test}` : ""}`);
      this.state.classList.toggle("lw-some", grey > 0);
      const banners = [...unheard(this.stream, this.clocks, words, false), ...incidents(this.stream, words)];
      if (text.past) banners.push(["past", `${words["past banner"]} ${this.clocks.date(now)} ${this.clocks.time(now)}`]);
      banners.push(...rehearsed(this.stream, words, simulated));
      if (text.flood) banners.push(["warn", words.flood]);
      raise(this.banner, banners);
      for (const row of this.ticking ?? []) this.countdown(row, now);
      for (const view of this.views ?? []) this.frame(view, now);
    },
    agoOf(age) {
      const gap = this.language === "zh" ? "" : " ";
      return `${lasting(age / 1000, this.words)}${gap}${this.words.ago}`;
    },
    alarms(text, now) {
      if (!text.alarms) return;
      this.list.classList.remove("lw-none");
      const words = this.words, list = text.alarms.filter((a) => !a.covers.length && a.state !== "active, not announced");
      const counts = [1, 2, 3, 4].map((p) => [p, list.filter((a) => a.priority === p).length]);
      const fresh = list.filter((a) => a.unacknowledged).length;
      this.counts.replaceChildren(...counts.map(([p, n]) => {
        const chip = make("span", `lw-count p${p}${n ? "" : " lw-nil"}`);
        chip.append(make("b", "", `${SHAPES[p]} ${n}`), make("span", "", words["priority " + p]));
        return chip;
      }), make("span", `lw-count${fresh ? "" : " lw-nil"}`, `${fresh} ${words.unacknowledged}`));
      write(this.listHead, `${words.alarms} (${list.length})`);
      this.ticking = [];
      const most = 40;
      // In a flood the urgent stand each for itself, the rest as one row for what they have in common.
      const under = new Map(), single = [];
      for (const alarm of list) {
        if (!alarm.under) single.push(alarm);
        else if (under.has(alarm.under)) under.get(alarm.under).push(alarm);
        else under.set(alarm.under, [alarm]);
      }
      const rows = single.slice(0, most).map((alarm) => {
        const row = make("li", `lw-alarm-row p${alarm.priority}${alarm.unacknowledged ? " lw-new" : ""}${alarm.active ? "" : " lw-over"}`);
        const head = make("div", "lw-alarm-head");
        head.append(make("span", "lw-shape", `${SHAPES[alarm.priority]} ${words["priority " + alarm.priority]}`), make("span", "lw-alarm-title", alarm.title));
        const line = make("div", "lw-alarm-line", [alarm.level, alarm.told, words[alarm.state] ?? alarm.state, words[alarm.first] ?? "", this.clocks.when(alarm.since, now)].filter(Boolean).join(" · "));
        const due = make("div", "lw-due");
        row.append(head, line, due);
        if (alarm.response) due.title = alarm.response;
        this.ticking.push({ alarm, due });
        return row;
      });
      for (const [cause, many] of under) {
        const first = many[0], row = make("li", `lw-alarm-row p${first.priority}${many.some((a) => a.unacknowledged) ? " lw-new" : ""}`), head = make("div", "lw-alarm-head");
        head.append(make("span", "lw-shape", `${SHAPES[first.priority]} ${words["priority " + first.priority]}`), make("span", "lw-alarm-title", `${cause} (${many.length})`));
        row.append(head, make("div", "lw-alarm-line", many.slice(0, 3).map((a) => a.title).join(" · ")));
        rows.push(row);
      }
      if (!list.length) rows.push(make("li", "lw-calm", words["no alarms"]));
      if (single.length > most) rows.push(make("li", "lw-more", `+ ${single.length - most} ${words.more}`));
      this.rows.replaceChildren(...rows);
    },
    countdown({ alarm, due }, now) {
      if (!alarm.due || !alarm.active || !alarm.unacknowledged) { write(due, alarm.response ?? ""); return; }
      const left = (alarm.due - now) / 1000;
      write(due, `${left >= 0 ? this.words["respond in"] : this.words.overdue} ${minutes(Math.abs(left))} · ${alarm.response}`);
      due.classList.toggle("lw-late", left < 0);
    },
    // The last half hour of every tile in one answer; afterwards the line grows from the stream.
    async trend() {
      const tags = [...this.parts.keys()];
      if (!tags.length) return;
      try {
        if (!this.stream.now && this.live.startsWith("/api/past")) return; // its first message says of which moment
        const until = this.stream.now ? this.stream.time() : (await serverClock()).now();
        const response = await given(`/api/series?tags=${tags.join(",")}&since=${Math.round(until - 1000 * SPARK * SPARK_S)}&until=${Math.round(until)}&points=${SPARK}`);
        const { columns } = await seriesOf(response);
        for (const series of columns) {
          for (const part of this.parts.get(series.tag) ?? []) part.points = Array.from(series.at, (t, i) => [t, series.value[i]]);
          const sample = this.stream.samples.get(series.tag), good = series.quality.findLastIndex((q) => q !== 2);
          if (sample?.bad && good + 1 < series.n) sample.bad = Math.min(sample.bad, series.at[good + 1]);
        }
      } catch (error) { console.warn("no lines of the last half hour:", error); }
      this.sparks();
    },
    sparks() {
      if (!this.stream.now) return; // what is old is not known before the stream has told the time, which may be a rehearsal's
      const oldest = this.stream.time() - 1000 * SPARK * SPARK_S;
      for (const parts of this.parts.values()) for (const part of parts) {
        while (part.points.length && part.points[0][0] < oldest) part.points.shift();
        while (this.stream.text.past && part.points.length && part.points[part.points.length - 1][0] > this.stream.now) part.points.pop(); // it was set back
        const line = sparkline(part);
        if (line !== part.drawn) part.path.setAttribute("d", (part.drawn = line));
      }
    },
  },
};

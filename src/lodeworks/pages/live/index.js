// The live stream of one screen in the browser: connects, decodes, comes back after a loss, and keeps the latest value
// of each tag. What a value may be called (lost, frozen, late …) is decided here, once, for every component.

export const QUALITIES = ["good", "uncertain", "bad", "test", "simulated", "substituted"];
const HEAD = 32, WHOLE = 1;
export const WAY = 2000; // ms a sample may take from its source to the screen

// One message, as stream.py lays it out: columns one after another, then text.
export function decode(buffer) {
  const view = new DataView(buffer);
  const kind = view.getUint32(0, true), n = view.getUint32(4, true);
  const now = view.getFloat64(8, true), heartbeat = view.getFloat64(16, true), length = view.getUint32(24, true), speed = view.getFloat32(28, true);
  let place = HEAD;
  const take = (type, size) => {
    const column = new type(buffer.slice(place, place + n * size));
    place += n * size;
    return column;
  };
  const value = take(Float64Array, 8), at = take(Float64Array, 8), delay = take(Float32Array, 4);
  const tag = take(Uint32Array, 4), quality = take(Uint8Array, 1);
  const text = length ? JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, place, length))) : null;
  return { whole: kind === WHOLE, now, heartbeat, speed, value, at, delay, tag, quality, text };
}

// What may be said of a tag's latest sample: `grey` where it must not be taken for the present, with words and a time.
// A feed whose samples arrive now but were measured long ago is late, not lost; one that is ahead has a wrong clock.
// The clock may be a rehearsal's: two seconds of the way here are `speed` times as many of its.
export function standing(tile, sample, now, frozenSince, speed = 1) {
  if (!sample || !sample.at) return { grey: true, word: "no data", since: 0 };
  // What the recorder says of itself comes by this computer's clock.
  const most = 3000 * tile.period * (tile.name?.startsWith("lodeworks.") ? Math.max(1, speed) : 1), age = now - sample.at, heard = now - (sample.at + 1000 * sample.delay);
  const slack = 1000 * tile.clock + WAY * Math.max(1, speed);
  if (sample.quality === 2) return { grey: true, word: "bad since", since: sample.bad ?? sample.at, age };
  if (age < -slack) return { grey: true, word: "ahead by", seconds: -age / 1000, age };
  if (age > most + slack) {
    if (heard <= most + WAY * Math.max(1, speed)) return { grey: true, word: "late by", seconds: age / 1000, age };
    return { grey: true, word: "lost since", since: sample.at, age };
  }
  if (frozenSince) return { grey: true, word: "frozen since", since: frozenSince, age };
  return { grey: false, word: QUALITIES[sample.quality], since: sample.at, age };
}

export class Stream {
  constructor(address) {
    this.address = address;
    this.samples = new Map();
    this.text = {};
    this.now = 0; // the server's time of the last message
    this.heard = 0; // this browser's time of it
    this.heartbeat = 0;
    this.speed = 1; // how many times as fast as real the server's clock goes: a rehearsal's may
    this.lost = 0; // since when the connection is gone, in this browser's time
    this.listeners = new Set();
    this.wait = 500;
    this.open();
    this.clock = setInterval(() => this.tell(null), 1000);
  }
  open() {
    if (this.closed) return;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    this.socket = new WebSocket(`${scheme}//${location.host}${this.address}`);
    this.socket.binaryType = "arraybuffer";
    this.socket.onmessage = (event) => this.take(decode(event.data));
    this.socket.onopen = () => { this.wait = 500; };
    this.socket.onclose = (event) => {
      if (this.closed) return;
      if (!this.lost) this.lost = Date.now();
      if (event.code === 4401) { location.reload(); return; } // the session is over
      this.tell(null);
      setTimeout(() => this.open(), this.wait);
      this.wait = Math.min(2 * this.wait, 10000);
    };
  }
  take(message) {
    const before = this.samples;
    if (message.whole) this.samples = new Map();
    message.tag.forEach((tag, i) => {
      const sample = { value: message.value[i], at: message.at[i], delay: message.delay[i], quality: message.quality[i] };
      if (sample.quality === 2) sample.bad = before.get(tag)?.bad ?? sample.at; // since when it has been bad
      this.samples.set(tag, sample);
    });
    if (message.text) this.text = message.text;
    this.now = message.now;
    this.heartbeat = message.heartbeat;
    this.speed = message.speed || 1;
    this.heard = Date.now();
    this.lost = 0;
    this.tell(message);
  }
  // The server's time now: goes on between messages, so that ages grow even when nothing is heard.
  time() {
    if (!this.now) return Date.now(); // nothing heard yet: the browser's own
    return this.text.past ? this.now : this.now + this.speed * (Date.now() - this.heard);
  }
  silent() {
    return this.lost || (this.heard && Date.now() - this.heard > 5000 && !this.text.past ? this.heard : 0);
  }
  tell(message) { for (const listener of this.listeners) listener(message); }
  send(wish) { if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(wish)); }
  on(listener) { this.listeners.add(listener); return () => this.listeners.delete(listener); }
  close() {
    this.closed = true;
    clearInterval(this.clock);
    this.socket?.close();
  }
}

// One page has one stream, whichever components listen to it.
const streams = new Map();
export function stream(address) {
  let entry = streams.get(address);
  if (!entry) streams.set(address, (entry = { stream: new Stream(address), users: 0 }));
  entry.users += 1;
  return {
    stream: entry.stream,
    release() {
      entry.users -= 1;
      if (!entry.users) { entry.stream.close(); streams.delete(address); }
    },
  };
}

// Numbers as people read them: as views/numbers.py does, three or four digits that mean something.
export function digits(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size < 1e-9) return "0";
  const places = size >= 999.5 ? 0 : size >= 99.95 ? 1 : size >= 0.995 ? 2 : 3;
  return decimal(value, places);
}
// With so many decimals; what rounds to nought has no sign.
function decimal(value, places) {
  const text = value.toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places });
  return /[1-9]/.test(text) ? text.replace("-", "−") : text.replace("-", "");
}

export function shown(tile, value) {
  if (tile.kind === "state") return tile.words[String(Math.round(value))] ?? digits(value);
  if (tile.places !== undefined && Number.isFinite(value)) return decimal(value, tile.places);
  if (tile.kind === "counter" || Number.isInteger(value)) return Number.isFinite(value) ? value.toLocaleString("en-US").replace("-", "−") : "–";
  return digits(value);
}

export function lasting(seconds, words) {
  const s = Math.max(0, seconds), gap = words.s === "s" ? " " : "";
  if (s < 99.5) return `${Math.round(s)}${gap}${words.s}`;
  if (s < 5940) return `${Math.round(s / 60)}${gap}${words.min}`;
  if (s < 172800) return `${Math.floor(s / 3600)}${gap}${words.h}${Math.round((s % 3600) / 60) ? " " + Math.round((s % 3600) / 60) + gap + words.min : ""}`;
  return `${Math.floor(s / 86400)}${gap}${words.d}`;
}

// Minutes and seconds, as a clock that runs or runs down; with hours where minutes alone would have three digits.
export function minutes(s) {
  const whole = Math.floor(Math.abs(s)), two = (n) => String(n % 60).padStart(2, "0"), minute = Math.floor(whole / 60);
  const clock = minute < 100 ? `${minute}:${two(whole)}` : `${Math.floor(minute / 60)}:${two(minute)}:${two(whole)}`;
  return `${s < 0 ? "−" : ""}${clock}`;
}

// Where something is along a belt.
export const chainage = (m) => `K${Math.floor(m / 1000)}+${String(Math.round(m % 1000)).padStart(3, "0")}`;

export function clocks(timezone) {
  const make = (options) => new Intl.DateTimeFormat("en-GB", { timeZone: timezone, hourCycle: "h23", ...options });
  const time = make({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const date = new Intl.DateTimeFormat("en-CA", { timeZone: timezone, year: "numeric", month: "2-digit", day: "2-digit" });
  return {
    time: (at) => time.format(at),
    date: (at) => date.format(at),
    // the hour alone today, with the date before
    when: (at, now) => (date.format(at) === date.format(now) ? time.format(at) : `${date.format(at)} ${time.format(at)}`),
  };
}

// A DOM element in one line: text only, never markup, so that no name of a tag can be a script.
export function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== "") element.textContent = text;
  return element;
}
export function button(text, act, pressed) {
  const one = make("button", "lw-button", text);
  one.type = "button";
  if (pressed !== undefined) one.setAttribute("aria-pressed", String(pressed));
  one.addEventListener("click", act);
  return one;
}
// A field to search what is shown, in its label; `wanted` says whether a text has every word in it.
export function filter(name, act) {
  const label = make("label", "lw-picker", name), field = make("input", "lw-input");
  field.type = "search";
  field.addEventListener("input", act);
  label.append(field);
  return { label, field };
}
export function wanted(field, text) {
  const has = text.toLowerCase();
  return field.value.toLowerCase().split(/\s+/).filter(Boolean).every((word) => has.includes(word));
}
// Put parts in place of what was there. Who had the keyboard keeps it, on what has the same key, or the same words in the same order.
export function renew(root, parts) {
  const held = document.activeElement !== root && root.contains(document.activeElement) ? keysOf(root).find(([one]) => one === document.activeElement)?.[1] : undefined;
  root.replaceChildren(...parts);
  if (held !== undefined) keysOf(root).find(([, key]) => key === held)?.[0].focus({ preventScroll: true });
}
function keysOf(root) {
  const seen = new Map();
  return [...root.querySelectorAll("a[href], button, input, select, summary, [tabindex]")].map((one) => {
    const key = one.dataset.key ?? `${one.tagName} ${one.getAttribute("aria-label") ?? (one.tagName === "SELECT" ? "" : one.textContent)}`, nth = seen.get(key) ?? 0;
    seen.set(key, nth + 1);
    return [one, `${key} ${nth}`];
  });
}
export function write(element, text) { if (element.textContent !== text) element.textContent = text; }

export const SHAPES = { 1: "▲", 2: "◆", 3: "●", 4: "■" };

// What must be said above all else: that the line is lost, or that the recorder stands (`lasts`: with how long).
export function unheard(stream, clocks, words, lasts = true) {
  const now = stream.time(), beat = stream.heartbeat;
  if (stream.silent()) return [["bad", `${words["connection lost"]} ${clocks.when(stream.now || Date.now(), now)}`]];
  if (stream.text.past || !beat || now - beat <= 10000 * Math.max(1, stream.speed)) return [];
  return [["bad", `${words["recorder silent"]} ${clocks.when(beat, now)}${lasts ? ` (${lasting((now - beat) / 1000, words)})` : ""}`]];
}
// That what is shown, here or on any screen, is no plant's, and that its clock is a rehearsal's where that goes faster or slower than real.
// Of the past no stream says so: who shows it looks at what is `simulated` itself.
export function rehearsed(stream, words, simulated = false) {
  const clock = stream.speed === 1 ? "" : stream.speed < 1e-3 ? words["rehearsal waits"] : words["rehearsal clock"].replace("{speed}", Number(stream.speed.toPrecision(3)).toLocaleString("en-US"));
  const drawn = simulated || stream.text.simulated;
  return drawn || clock ? [["sim", [drawn ? words["simulated banner"] : "", clock].filter(Boolean).join(" · ")]] : [];
}
export function incidents(stream, words) {
  const open = (stream.text.incidents ?? []).map((one) => `${one.drill ? words.drill + " · " : ""}${words.incident}: ${one.title} · ${words["still inside"]} ${one.people}`);
  return open.length ? [["bad", open.join("  |  ")]] : []; // one line, however many: the wall is for what is measured
}
// Banners are put up anew only when they say something else.
export function raise(element, banners) {
  const key = JSON.stringify(banners);
  if (key === element.raised) return;
  element.raised = key;
  element.replaceChildren(...banners.map(([kind, told]) => make("p", `lw-${kind}`, told)));
}

// The server's clock as an answer told it, going on from when it was heard.
export function clockOf(told, heard = Date.now()) {
  return { speed: told.speed, now: () => told.now + told.speed * (Date.now() - heard) };
}
// The same where no stream tells it; asked for anew with each look, since a rehearsal may begin or end.
export async function serverClock() {
  const before = Date.now(), told = await (await given("/api/clock")).json();
  return clockOf(told, (before + Date.now()) / 2);
}

export async function given(address) {
  const response = await fetch(address, { credentials: "same-origin" });
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response;
}

// An answer of /api/series: a head (bytes of JSON, uint32; nothing, uint32), JSON padded to eight bytes, then for each
// tag its columns one after another: at float64 (ms), value float64, quality uint8 padded to eight.
export async function seriesOf(response) {
  const buffer = await response.arrayBuffer();
  const length = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  let place = 8 + 8 * Math.ceil(length / 8);
  const columns = head.series.map((series) => {
    const at = new Float64Array(buffer, place, series.n);
    const value = new Float64Array(buffer, place + 8 * series.n, series.n);
    const quality = new Uint8Array(buffer, place + 16 * series.n, series.n);
    place += 16 * series.n + 8 * Math.ceil(series.n / 8);
    return { ...series, at, value, quality };
  });
  return { ...head, columns };
}

// What charts are drawn with; the limits of a tag are dashed lines with their level, in the colour of their priority.
export const INK = "#c9d4df", RULE = "#1d2834";
const LIMIT = { 1: "#ff5a52", 2: "#ffab3d", 3: "#ffe066", 4: "#7fc8ff" };
export function limitLines(limits, words) {
  return limits.map((l) => ({ name: `${words.limit} ${l.level} ${l.value}`, yAxis: l.value, lineStyle: { color: LIMIT[l.priority], type: "dashed" } }));
}

// How far the clocks of a zone are ahead of UTC at a time, ms.
export function offsetOf(timezone, at) {
  const parts = Object.fromEntries(new Intl.DateTimeFormat("en-US", { timeZone: timezone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" }).formatToParts(at).map((p) => [p.type, Number(p.value)]));
  return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second) - Math.floor(at / 1000) * 1000;
}

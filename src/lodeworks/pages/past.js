// The control of the time machine: where in the past, how fast, and on or back by a minute.
import { button, clocks, given, make, offsetOf, serverClock, stream, write } from "lodeworks-live";

const SPEEDS = [1, 10, 30, 100];

export default {
  template: `<div class="lw-past-bar"></div>`,
  props: { language: String, live: String, at: Number },
  async mounted() {
    const answer = await (await given(`/api/words?language=${this.language}`)).json();
    if (this.gone) return;
    const words = (this.words = answer.words);
    this.timezone = answer.timezone;
    this.clocks = clocks(this.timezone);
    const label = make("label", "", words.moment);
    this.when = make("input", "lw-input");
    this.when.type = "datetime-local";
    this.when.step = "1";
    this.when.addEventListener("change", () => { if (this.when.value) this.go(this.fromSite(this.when.value)); });
    label.append(this.when);
    const named = (text, name, act) => {
      const one = button(text, act);
      one.setAttribute("aria-label", name);
      return one;
    };
    const move = (minutes) => () => this.go(this.moment() + 60000 * minutes);
    this.play = button(words.play, () => this.plays(!this.playing));
    this.speeds = SPEEDS.map((speed) => named(`${speed}×`, `${words.speed} ${speed}`, () => { this.speed = speed; this.wish({}); this.paint(); }));
    this.speed = 10;
    const buttons = make("div", "lw-buttons");
    const back = [60, 10, 1].map((n) => named(`‹ ${n} ${words.min}`, `${words.back} ${n} ${words.min}`, move(-n))), on = [1, 10, 60].map((n) => named(`${n} ${words.min} ›`, `${words.on} ${n} ${words.min}`, move(n)));
    buttons.append(...back, this.play, ...on, ...this.speeds);
    this.$el.append(label, buttons);
    this.held = stream(this.live);
    this.stream = this.held.stream;
    this.leave = this.stream.on((message) => { if (message) this.paint(); });
    this.paint();
  },
  beforeUnmount() {
    this.gone = true;
    this.leave?.();
    this.held?.release();
  },
  methods: {
    moment() { return this.stream.now || this.at; },
    // What is written in the field is the site's time, wherever the browser stands.
    fromSite(text) { const utc = Date.parse(text + "Z"); return utc - offsetOf(this.timezone, utc - offsetOf(this.timezone, utc)); },
    wish(more) { this.stream.send({ speed: this.speed, plays: Boolean(this.playing), ...more }); },
    async go(at) {
      at = Math.round(Math.min(at, (await serverClock()).now()));
      this.wish({ at });
      const query = new URLSearchParams(location.search);
      query.set("at", String(at));
      history.replaceState(history.state, "", `${location.pathname}?${query}`);
    },
    plays(on) { this.playing = on; this.wish({}); this.paint(); },
    paint() {
      const at = this.moment();
      if (document.activeElement !== this.when) this.when.value = new Date(at + offsetOf(this.timezone, at)).toISOString().slice(0, 19);
      write(this.play, (this.playing ? "‖ " : "▶ ") + this.words[this.playing ? "pause" : "play"]);
      this.speeds.forEach((button, k) => button.setAttribute("aria-pressed", String(SPEEDS[k] === this.speed)));
    },
  },
};

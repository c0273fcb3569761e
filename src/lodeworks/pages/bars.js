// Bars of numbers over time or names, with the table of the same numbers behind them.
const WIDTH = 1000, HEIGHT = 150, FOOT = 22;

export default {
  template: `<figure class="lw-bars">
    <svg :viewBox="'0 0 ${WIDTH} ${HEIGHT}'" role="img" :aria-label="caption + ': ' + told">
      <line v-if="goal > 0 && goal <= most" x1="0" :x2="${WIDTH}" :y1="y(goal)" :y2="y(goal)" class="lw-goal"/>
      <g v-for="(bar, k) in bars"><title>{{ bar[0] }}: {{ bar[1] }}</title>
        <rect :x="k * step + 0.1 * step" :width="0.8 * step" :y="y(bar[1])" :height="${HEIGHT - FOOT} - y(bar[1])" :class="goal > 0 && bar[1] > goal ? 'lw-over-goal' : ''"/>
        <text v-if="k % every === 0" :x="k * step + 0.5 * step" y="${HEIGHT - 6}">{{ bar[0] }}</text></g>
    </svg>
    <figcaption class="lw-note">{{ caption }} · {{ told }}</figcaption>
    <details class="lw-twin"><summary>{{ data }}</summary><div class="lw-table"><table class="lw-list"><tbody><tr v-for="bar in bars"><th scope="row">{{ bar[0] }}</th><td class="n">{{ bar[1] }}</td></tr></tbody></table></div></details>
  </figure>`,
  props: { caption: String, bars: Array, goal: Number, told: String, data: String },
  computed: {
    most() { return Math.max(1, ...this.bars.map((bar) => bar[1])); },
    step() { return WIDTH / Math.max(1, this.bars.length); },
    every() { return Math.max(1, Math.ceil(this.bars.length / 12)); },
  },
  methods: { y(value) { return (HEIGHT - FOOT) * (1 - value / this.most); } },
};

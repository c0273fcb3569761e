// What must be said above all else, on pages that have no stream of their own.
import { clocks, given, incidents, raise, rehearsed, stream, unheard } from "lodeworks-live";

export default {
  template: `<div class="lw-banner" role="status"></div>`,
  props: { language: String, live: String },
  async mounted() {
    const told = await (await given(`/api/words?language=${this.language}`)).json();
    if (this.gone) return;
    const words = told.words, zone = clocks(told.timezone);
    this.held = stream(this.live);
    this.leave = this.held.stream.on(() => {
      const live = this.held.stream;
      raise(this.$el, [...unheard(live, zone, words), ...incidents(live, words), ...rehearsed(live, words)]);
    });
  },
  beforeUnmount() {
    this.gone = true;
    this.leave?.();
    this.held?.release();
  },
};

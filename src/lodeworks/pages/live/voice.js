// How alarms are heard: the tones of the most urgent, then words of what is new, for each desk that is switched on.
// What sounds and what is said comes from the server; tones and repeats are a table of it too (`watch/alarms/voice.py`).

// What is said of alarms that came together: the first few in words, the rest as a number.
export function sentence(fresh, table, words, language) {
  const said = fresh.slice(0, table.most).map((alarm) => alarm.spoken);
  if (fresh.length > table.most) said.push(words["and more"].replace("{n}", String(fresh.length - table.most)));
  return said.join(language === "zh" ? "。" : ". ");
}

export class Voice {
  // `listened` gives the alarms as they are now, `told` is called when what can be heard has changed.
  constructor(table, words, language, listened, told) {
    Object.assign(this, { table, words, language, listened, told });
    this.heard = new Map(); // alarm: when it was announced
    this.said = new Map(); // alarm: when it was said
    this.rung = {};
    this.on = new Set(table.desks.map((desk) => desk.name).filter((name) => (this.kept(name) ?? (table.wanted ? "on" : "off")) === "on"));
    this.speaks = false;
    this.find = () => { this.speaks = this.voices().some((voice) => this.speaking(voice)); this.told(); };
    if ("speechSynthesis" in window) {
      this.find();
      speechSynthesis.addEventListener?.("voiceschanged", this.find); // some browsers list them only later
    }
    this.allowed = -Infinity;
    this.unlock = () => { if (this.waits()) { this.allowed = performance.now(); this.open(); } };
    document.addEventListener("pointerdown", this.unlock);
    document.addEventListener("keydown", this.unlock);
    this.ticking = setInterval(() => this.tick(), 1000);
    if (this.on.size) this.open();
  }
  close() {
    clearInterval(this.ticking);
    document.removeEventListener("pointerdown", this.unlock);
    document.removeEventListener("keydown", this.unlock);
    if ("speechSynthesis" in window) { speechSynthesis.removeEventListener?.("voiceschanged", this.find); speechSynthesis.cancel(); }
    this.audio?.close();
  }
  voices() { return "speechSynthesis" in window ? speechSynthesis.getVoices() : []; }
  speaking(voice) { return voice.lang.toLowerCase().replace("_", "-").startsWith(this.language); }
  kept(desk, set) {
    const key = `lodeworks.sound.${this.table.chain}.${this.table.wall ? "wall." : ""}${desk}`;
    try {
      if (set !== undefined) localStorage.setItem(key, set);
      return localStorage.getItem(key);
    } catch { return null; } // a browser that keeps nothing: it is asked for anew each time
  }
  // Whether it is to be heard and cannot be yet.
  waits() { return this.on.size > 0 && this.audio?.state !== "running"; }
  // Switch the sound of a desk on or off; the press that allowed it to be heard is not one that switches it off.
  ring(desk, on) {
    if (!on && performance.now() - this.allowed < 1000) return;
    this.kept(desk, on ? "on" : "off");
    if (on) { this.on.add(desk); this.open(); this.tick(); } else this.on.delete(desk);
    if (!this.on.size && "speechSynthesis" in window) speechSynthesis.cancel();
    this.told();
  }
  // Browsers let nothing sound before the page was touched; until then it is said that it waits.
  open() {
    if (!("AudioContext" in window)) return;
    if (!this.audio) { this.audio = new AudioContext(); this.audio.onstatechange = () => this.told(); }
    if (this.audio.state === "suspended") this.audio.resume();
  }
  // What a person must be told in words because it cannot be heard.
  missing() {
    if (!this.on.size) return "";
    if (this.waits()) return this.words["sound waits"];
    return this.speaks ? "" : this.words["no voice"];
  }
  tick(now = Date.now() / 1000) {
    const sounding = this.listened().filter((alarm) => alarm.sounds && this.on.has(alarm.desk));
    const names = new Set(sounding.map((alarm) => alarm.alarm));
    for (const known of [this.heard, this.said]) for (const name of known.keys()) if (!names.has(name)) known.delete(name);
    if (!sounding.length) { if ("speechSynthesis" in window && speechSynthesis.pending) speechSynthesis.cancel(); return; }
    const fresh = sounding.filter((alarm) => this.heard.get(alarm.alarm) !== alarm.announced);
    for (const alarm of fresh) this.heard.set(alarm.alarm, alarm.announced);
    const again = sounding.filter((alarm) => alarm.life && !fresh.includes(alarm) && now - (this.said.get(alarm.alarm) ?? 0) >= this.table.repeat);
    const first = this.tone(Math.min(...sounding.map((alarm) => alarm.priority)), fresh.length > 0, now);
    for (const alarm of [...fresh, ...again]) this.said.set(alarm.alarm, now);
    const said = [fresh, again].filter((some) => some.length).map((some) => sentence(some, this.table, this.words, this.language));
    if (said.length) setTimeout(() => said.forEach((words) => this.say(words)), 1000 * first);
  }
  say(words) {
    if (!("speechSynthesis" in window) || !this.on.size) return;
    const utterance = new SpeechSynthesisUtterance(words);
    utterance.lang = this.table.language;
    utterance.voice = this.voices().find((voice) => this.speaking(voice)) ?? null;
    speechSynthesis.speak(utterance);
  }
  // Sound a priority if it is time for it, and return for how many seconds it lasts.
  tone(priority, fresh, now) {
    const sound = this.table.sounds[priority], last = this.rung[priority];
    if (!sound || this.audio?.state !== "running") return 0;
    const lasts = sound.each_s * sound.tones.length;
    if (!fresh && (!sound.again_s || now - (last ?? 0) < lasts + sound.again_s)) return 0;
    this.rung[priority] = now;
    sound.tones.forEach((hertz, k) => {
      const source = this.audio.createOscillator(), loud = this.audio.createGain(), begin = this.audio.currentTime + sound.each_s * k;
      source.frequency.value = hertz;
      loud.gain.setValueAtTime(0.2, begin);
      loud.gain.exponentialRampToValueAtTime(0.001, begin + 0.95 * sound.each_s);
      source.connect(loud).connect(this.audio.destination);
      source.start(begin);
      source.stop(begin + sound.each_s);
    });
    return lasts;
  }
}

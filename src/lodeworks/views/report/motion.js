// Moves the picture of the animation: where every batch is at an instant follows from the rows alone.
(function () {
  "use strict";
  var data = JSON.parse(document.getElementById("motion-data").textContent);
  var svg = document.getElementById("motion-svg"), NS = svg.namespaceURI;
  var W = 168, H = 46, GAPX = 92, GAPY = 22, count = [], place = [];
  data.columns.forEach(function (column, i) {
    count[column] = count[column] || 0;
    place[i] = { x: 12 + column * (W + GAPX), y: 12 + count[column] * (H + GAPY) };
    count[column] += 1;
  });
  var width = 24 + (Math.max.apply(null, data.columns) + 1) * (W + GAPX) - GAPX;
  var height = 24 + Math.max.apply(null, count.map(function (n) { return n || 0; })) * (H + GAPY);
  svg.setAttribute("viewBox", "0 0 " + width + " " + height);
  svg.setAttribute("width", width);
  svg.setAttribute("height", height);
  function add(name, attributes, parent) {
    var node = document.createElementNS(NS, name);
    for (var key in attributes) node.setAttribute(key, attributes[key]);
    (parent || svg).appendChild(node);
    return node;
  }
  function centre(i) { return { x: place[i].x + W / 2, y: place[i].y + H / 2 }; }
  var drawn = {};
  data.moves.forEach(function (m) {
    var key = m[2] + "-" + m[3];
    if (drawn[key]) return;
    drawn[key] = true;
    var a = centre(m[2]), b = centre(m[3]);
    add("line", { x1: a.x, y1: a.y, x2: b.x, y2: b.y, stroke: "#c9ced6", "stroke-width": 1.5 });
  });
  var most = data.levels.map(function (line) {
    return line.reduce(function (m, row) { return Math.max(m, row[1]); }, 0) || 1;
  });
  var layer = add("g", {}), bars = [], figures = [];  // what moves passes beneath the boxes
  place.forEach(function (p, i) {
    add("rect", { x: p.x, y: p.y, width: W, height: H, rx: 6, fill: "#fff", stroke: "#6b7683" });
    bars[i] = add("rect", { x: p.x + 6, y: p.y + H - 14, width: 0, height: 8, rx: 2, fill: "#4477AA" });
    ["zh", "en"].forEach(function (language) {
      var name = data.names[language][i], label = add("text", {
        x: p.x + 8, y: p.y + 18, "font-size": 12, fill: "#1f2a37", lang: language === "zh" ? "zh-CN" : "en" });
      var cut = name.lastIndexOf(": "), tail = cut > 0 ? name.slice(cut) : "";
      var room = Math.max(6, 23 - tail.length), head = cut > 0 ? name.slice(0, cut) : name;
      label.textContent = name.length > 24 ? (head.length > room ? head.slice(0, room) + "…" : head) + tail : name;
      add("title", {}, label).textContent = name;
    });
    figures[i] = add("text", { x: p.x + W - 6, y: p.y + H - 5, "font-size": 11, fill: "#6b7683", "text-anchor": "end" });
  });
  var dots = [], spread = [];
  data.moves.forEach(function (m, k) { spread[k] = ((k * 7919) % 13 - 6) * 1.6; });
  function level(line, t) {
    var low = 0, high = line.length;
    while (low < high) { var mid = (low + high) >> 1; if (line[mid][0] <= t) low = mid + 1; else high = mid; }
    return low ? line[low - 1][1] : 0;
  }
  function show(t) {
    var used = 0;
    for (var k = 0; k < data.moves.length && used < 400; k += 1) {
      var m = data.moves[k];
      if (m[0] > t) break;
      if (m[1] < t || m[1] <= m[0]) continue;
      var a = centre(m[2]), b = centre(m[3]), part = (t - m[0]) / (m[1] - m[0]);
      if (!dots[used]) dots[used] = add("circle", { r: 5, fill: "#CC6677", stroke: "#fff" }, layer);
      dots[used].setAttribute("cx", a.x + (b.x - a.x) * part);
      dots[used].setAttribute("cy", a.y + (b.y - a.y) * part + spread[k]);
      dots[used].removeAttribute("display");
      used += 1;
    }
    for (var d = used; d < dots.length; d += 1) dots[d].setAttribute("display", "none");
    data.levels.forEach(function (line, i) {
      var value = level(line, t);
      bars[i].setAttribute("width", Math.max(0, (W - 60) * value / most[i]));
      figures[i].textContent = Math.abs(value) < 1e-9 ? "0" : value >= 100 ? Math.round(value) : +value.toPrecision(3);
    });
    clock.textContent = t.toFixed(2) + " h";
    slider.value = String(1000 * (t - data.begin) / (data.end - data.begin));
  }
  var slider = document.getElementById("motion-time"), button = document.getElementById("motion-play");
  var speed = document.getElementById("motion-speed"), clock = document.getElementById("motion-clock");
  var now = data.begin, playing = false, before = 0;
  function step(stamp) {
    if (!playing) return;
    now += Math.min(100, stamp - before) / 1000 * (data.end - data.begin) / 60 * Number(speed.value);
    before = stamp;
    if (now >= data.end) { now = data.begin; }
    show(now);
    window.requestAnimationFrame(step);
  }
  button.addEventListener("click", function () {
    playing = !playing;
    button.textContent = playing ? "❚❚" : "▶";
    if (playing) window.requestAnimationFrame(function (stamp) { before = stamp; step(stamp); });
  });
  slider.addEventListener("input", function () {
    now = data.begin + Number(slider.value) / 1000 * (data.end - data.begin);
    show(now);
  });
  // Nothing moves by itself: who asks the system for less motion still sees the middle of the stretch.
  now = data.begin + (data.end - data.begin) / 2;
  show(now);
})();

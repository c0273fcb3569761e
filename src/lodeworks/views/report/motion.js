// Draws the schematic and moves it: where everything is at an instant follows from the rows alone.
(function () {
  "use strict";
  var data = JSON.parse(document.getElementById("motion-data").textContent);
  var svg = document.getElementById("motion-svg"), NS = svg.namespaceURI;
  var W = data.box[0], H = data.box[1], MOST = 600;
  svg.setAttribute("viewBox", "-2 -2 " + (data.width + 4) + " " + (data.height + 4));
  function add(name, attributes, parent) {
    var node = document.createElementNS(NS, name);
    for (var key in attributes) node.setAttribute(key, attributes[key]);
    (parent || svg).appendChild(node);
    return node;
  }
  function said(x, y, pair, attributes, parent) {
    ["zh-CN", "en"].forEach(function (language, i) {
      var label = add("text", Object.assign({ x: x, y: y, lang: language }, attributes), parent);
      label.textContent = pair[i];
    });
  }
  function bow(lane) {  // there and back stay apart: each way bends to its own left
    var a = data.sites[lane[0]], b = data.sites[lane[1]], dx = b[0] - a[0], dy = b[1] - a[1];
    var far = Math.sqrt(dx * dx + dy * dy) || 1, off = Math.min(30, 0.11 * far);
    return [a[0], a[1], (a[0] + b[0]) / 2 + off * 2 * dy / far, (a[1] + b[1]) / 2 - off * 2 * dx / far, b[0], b[1]];
  }
  function along(q, t) {
    var u = 1 - t;
    return [u * u * q[0] + 2 * u * t * q[2] + t * t * q[4], u * u * q[1] + 2 * u * t * q[3] + t * t * q[5]];
  }
  var lanes = data.lanes.map(bow), COLOURS = { work: "#CC6677", laden: "#CC6677", empty: "#ffffff" };
  if (data.sites.length) add("rect", { x: 0, y: 0, width: data.width, height: 330, rx: 10, fill: "#f3f6f9" });
  lanes.forEach(function (q) {
    add("path", { d: "M" + q[0] + " " + q[1] + "Q" + q[2] + " " + q[3] + " " + q[4] + " " + q[5], fill: "none",
      stroke: "#b9c4d0", "stroke-width": 7, "stroke-linecap": "round" });
    var p = along(q, 0.5), before = along(q, 0.46), turn = Math.atan2(p[1] - before[1], p[0] - before[0]) * 180 / Math.PI;
    add("path", { d: "M-4 -3.5L4 0L-4 3.5", fill: "none", stroke: "#fff", "stroke-width": 1.6,
      transform: "translate(" + p[0] + " " + p[1] + ")rotate(" + turn + ")" });
  });
  data.lanes.forEach(function (lane, i) {
    var q = lanes[i], dx = q[4] - q[0], dy = q[5] - q[1], far = Math.sqrt(dx * dx + dy * dy) || 1;
    var p = along(q, Math.abs(dy) < 40 ? 0.5 : dy > 0 ? 0.36 : 0.64);  // names of neighbours stay apart
    var out = [dy / far, -dx / far], side = Math.abs(out[0]) < 0.3 ? "middle" : out[0] > 0 ? "start" : "end";
    said(p[0] + out[0] * 14, p[1] + out[1] * 16 + 4, [lane[2], lane[3]],
      { "font-size": 12, fill: "#5b6673", "text-anchor": side });
  });
  data.cards.forEach(function (c) {
    add("rect", { x: c[0], y: c[1], width: c[2], height: c[3], rx: 10, fill: "#f8f9fb", stroke: "#dfe3e8" });
    said(c[0] + 14, c[1] + 22, [c[4], c[5]], { "font-size": 14, "font-weight": 600, fill: "#1d3d5f" });
  });
  data.arcs.forEach(function (arc) {
    var a = data.nodes[arc[0]], b = data.nodes[arc[1]], x1 = a.x + W, y1 = a.y + H / 2, x2 = b.x, y2 = b.y + H / 2, d;
    if (x2 >= x1) {
      d = "M" + x1 + " " + y1 + "C" + (x1 + 14) + " " + y1 + " " + (x2 - 14) + " " + y2 + " " + x2 + " " + y2;
    } else {  // back to an earlier column, or into the next band: round the boxes
      var turn = a.y < b.y ? a.y + H + 18 : a.y - 6;
      d = "M" + x1 + " " + y1 + "h8V" + turn + "H" + (x2 - 10) + "V" + y2 + "h10";
    }
    add("path", { d: d, fill: "none", stroke: "#aab4c0", "stroke-width": 1.6 });
  });
  var most = data.levels.map(function (line) {
    return line.reduce(function (m, row) { return Math.max(m, row[1]); }, 0) || 1;
  });
  var isVehicles = {}, frames = [], bars = [], figures = [], rows = [];
  data.vehicles.forEach(function (i) { isVehicles[i] = true; });
  data.nodes.forEach(function (n, i) {
    var g = add("g", {});
    add("title", {}, g).textContent = n.full[0] + " · " + n.full[1];
    frames[i] = add("rect", { x: n.x, y: n.y, width: W, height: H, rx: n.station ? 5 : 14, "stroke-width": 1.4,
      fill: n.station ? "#e8f0f8" : "#fff", stroke: n.station ? "#2f5d8c" : "#9aa5b1" }, g);
    ["zh-CN", "en"].forEach(function (language, k) {
      n.lines[k].forEach(function (line, row) {
        add("text", { x: n.x + 8, y: n.y + 15 + 13 * row, "font-size": 11.5, fill: "#1f2a37", lang: language }, g)
          .textContent = line;
      });
    });
    if (!n.station && !isVehicles[i]) {
      add("rect", { x: n.x + 8, y: n.y + H - 15, width: W - 66, height: 8, rx: 2, fill: "#eceff3" }, g);
      bars[i] = add("rect", { x: n.x + 8, y: n.y + H - 15, width: 0, height: 8, rx: 2, fill: "#4477AA" }, g);
    }
    figures[i] = add("text", { x: n.x + W - 8, y: n.y + H - 7, "font-size": 11, fill: "#5b6673", "text-anchor": "end" }, g);
    rows[i] = 0;
  });
  data.sites.forEach(function (s) {
    add("circle", { cx: s[0], cy: s[1], r: 11, fill: "#1d3d5f", stroke: "#fff", "stroke-width": 2 });
    said(s[0], s[1] < 165 ? s[1] - 20 : s[1] + 30, [s[2], s[3]], { "font-size": 14, "font-weight": 600, fill: "#1f2a37", "text-anchor": "middle" });
  });
  var layer = add("g", {}), dots = [], used = 0;
  function dot(x, y, what, r) {
    if (used >= MOST) return;
    if (!dots[used]) dots[used] = add("circle", {}, layer);
    var d = dots[used];
    d.setAttribute("cx", x); d.setAttribute("cy", y); d.setAttribute("r", r);
    d.setAttribute("fill", COLOURS[what]); d.setAttribute("stroke", what === "empty" ? "#CC6677" : "#fff");
    d.setAttribute("stroke-width", what === "empty" ? 2 : 1);
    d.removeAttribute("display");
    used += 1;
  }
  function level(line, t) {
    var low = 0, high = line.length;
    while (low < high) { var mid = (low + high) >> 1; if (line[mid][0] <= t) low = mid + 1; else high = mid; }
    return low ? line[low - 1][1] : 0;
  }
  function figure(value) {
    return Math.abs(value) < 1e-9 ? "0" : value >= 100 ? Math.round(value).toLocaleString("en") : String(+value.toPrecision(3));
  }
  function hours(t) {
    var at = new Date(new Date(data.start + "Z").getTime() + t * 3600000).toISOString();
    return at.slice(0, 10) + " " + at.slice(11, 16);
  }
  function off(where, from, to) {  // hours in which a station's batches stand still
    return where < 0 ? 0 : data.offs[where].reduce(function (sum, s) {
      return sum + Math.max(0, Math.min(to, s[1]) - Math.max(from, s[0]));
    }, 0);
  }
  function show(t) {
    var busy = data.nodes.map(function () { return 0; }), stopped = {};
    used = 0;
    for (var k = 0; k < data.moves.length; k += 1) {
      var m = data.moves[k];
      if (m[0] > t) break;
      if (m[1] <= t) continue;
      var part = (t - m[0] - off(m[2], m[0], t)) / Math.max(1e-9, m[1] - m[0] - off(m[2], m[0], m[1]));
      if (m[2] < 0) {
        var p = along(lanes[-1 - m[2]], part);
        dot(p[0], p[1] + (k * 7919 % 5 - 2) * 1.2, m[3], 5);
      } else {
        var n = data.nodes[m[2]];
        dot(n.x + 10 + (W - 56) * part, n.y + H - 11 + (busy[m[2]] % 3 - 1) * 3, m[3], 4);
        busy[m[2]] += 1;
      }
    }
    data.stops.forEach(function (s) {
      if (s[1] <= t && t < s[2]) { stopped[s[0]] = stopped[s[0]] || { down: 0, off: 0, of: s[4] }; stopped[s[0]][s[3]] += 1; }
    });
    data.nodes.forEach(function (n, i) {
      if (n.station) {
        var s = stopped[i], shut = s && s.off >= s.of;
        frames[i].setAttribute("stroke", s && s.down ? "#a8323e" : "#2f5d8c");
        frames[i].setAttribute("stroke-width", s && s.down ? 3 : 1.4);
        frames[i].setAttribute("fill", shut ? "#dcdfe4" : "#e8f0f8");
        figures[i].textContent = busy[i] ? "× " + busy[i] : "";
        return;
      }
      var value = level(data.levels[i], t);
      figures[i].textContent = figure(value);
      if (!isVehicles[i]) { bars[i].setAttribute("width", Math.max(0, (W - 66) * Math.min(1, value / most[i]))); return; }
      for (var v = 0; v < Math.min(value, 10); v += 1) dot(n.x + 12 + v * 9, n.y + H - 11, "empty", 3);
    });
    for (var d = used; d < dots.length; d += 1) dots[d].setAttribute("display", "none");
    clock.textContent = hours(t);
    slider.value = String(1000 * (t - data.begin) / (data.end - data.begin));
    slider.setAttribute("aria-valuetext", hours(t));
  }
  var slider = document.getElementById("motion-time"), button = document.getElementById("motion-play");
  var speed = document.getElementById("motion-speed"), clock = document.getElementById("motion-clock");
  var now = data.begin, playing = false, before = 0;
  function step(stamp) {
    if (!playing) return;
    now += Math.min(100, stamp - before) / 1000 * (data.end - data.begin) / 60 * Number(speed.value);
    before = stamp;
    if (now >= data.end) { now = data.end; turn(false); }
    show(now);
    if (playing) window.requestAnimationFrame(step);
  }
  function turn(on) {
    playing = on;
    button.textContent = on ? "❚❚" : "▶";
    button.setAttribute("aria-pressed", String(on));
  }
  button.addEventListener("click", function () {
    turn(!playing);
    if (now >= data.end) { now = data.begin; }  // from its end it plays again
    if (playing) window.requestAnimationFrame(function (stamp) { before = stamp; step(stamp); });
  });
  slider.addEventListener("input", function () {
    now = data.begin + Number(slider.value) / 1000 * (data.end - data.begin);
    show(now);
  });
  // Nothing moves by itself: who asks the system for less motion still sees the busiest moment.
  now = data.open;
  show(now);
})();

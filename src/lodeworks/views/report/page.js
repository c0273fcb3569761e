(function () {
  "use strict";
  var read = function (id) { return JSON.parse(document.getElementById(id).textContent); };
  var arrays = read("arrays"), figures = read("figures");
  var DAYS_IN_VIEW = 14, DAY = 86400000;
  var PAPER = 620;  /* pixels of text across A4: wider figures are printed smaller, not cut */
  var root = document.documentElement;

  Plotly.register({
    moduleType: "locale", name: "zh",
    dictionary: {
      "Download plot as a PNG": "下载为 PNG 图片", "Download plot": "下载图片", "Reset axes": "复位", "Reset": "复位",
      "Taking snapshot - this may take a few seconds": "正在生成图片……", "Snapshot succeeded": "已生成图片",
      "Double-click to zoom back out": "双击复位", "Double-click on legend to isolate one trace": "双击图例只看一项",
      "Click to enter": "点击输入", "source:": "来源：", "target:": "去向：", "incoming flow count:": "流入：",
      "outgoing flow count:": "流出：", "new text": "文字"
    },
    format: {
      days: ["星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"],
      shortDays: ["周日", "周一", "周二", "周三", "周四", "周五", "周六"],
      months: ["一月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "十一月", "十二月"],
      shortMonths: ["1月", "2月", "3月", "4月", "5月", "6月", "7月", "8月", "9月", "10月", "11月", "12月"],
      date: "%Y-%m-%d"
    }
  });

  function whole(node) {
    if (Array.isArray(node)) { return node.map(whole); }
    if (node && typeof node === "object") {
      if ("$" in node) { return arrays[node.$]; }
      var copy = {};
      for (var key in node) { copy[key] = whole(node[key]); }
      return copy;
    }
    return node;
  }

  function language() { return root.lang === "en" ? "en" : "zh"; }

  function draw(place) {
    if (!place.offsetParent && !printing) { return; }
    var shown = language() + (place.clientWidth < 560 ? " narrow" : "");
    if (place.dataset.shown === shown) { return; }
    var figure = whole(figures[place.dataset.figure][language()]);
    if (place.clientWidth < 560) {
      figure.layout.font.size = 11;
      if (figure.layout.legend) { figure.layout.legend.font = { size: 11 }; }
      narrow(figure);
    }
    var lines = {
      name: "svg", title: language() === "en" ? "Download as SVG, sharp at any size" : "下载为 SVG 图片（任意放大）", icon: Plotly.Icons.disk,
      click: function () { Plotly.downloadImage(place, { format: "svg", filename: place.dataset.figure }); }
    };
    figure.layout.autosize = true;
    place.dataset.shown = shown;
    place.style.minHeight = "";
    Plotly.react(place, figure.data, figure.layout, {
      responsive: true, displaylogo: false, locale: language(), scrollZoom: false,
      modeBarButtons: [["toImage", lines]], displayModeBar: "hover"
    }).then(function () {
      if (figure.layout.xaxis && figure.layout.xaxis.rangeslider && !place.dataset.held) { hold(place, figure.layout.xaxis.range); }
    });
  }

  /* On a phone legends stand below one another and get their room, and labels beside bars get theirs. */
  function narrow(figure) {
    var layout = figure.layout, axis = layout.xaxis;
    if (axis && axis.rangeslider && layout.legend) {
      layout.legend.maxheight = 600;
      layout.height += 20 * Math.max(0, figure.data.length - 3);
    }
    if (axis && axis.range && axis.ticksuffix !== " %" && figure.data.some(function (trace) { return trace.orientation === "h"; })) {
      axis.range = [axis.range[0], axis.range[1] + 0.28 * (axis.range[1] - axis.range[0])];
    }
  }

  /* Lines only up to so many days in view, or all where it opens on all: a wider window is drawn in around its middle. */
  function hold(place, opening) {
    var most = Math.max(DAYS_IN_VIEW * DAY, Date.parse(opening[1]) - Date.parse(opening[0]));
    place.dataset.held = "yes";
    place.on("plotly_relayout", function () {
      var axis = place._fullLayout.xaxis, ends = axis.range.map(function (d) { return axis.d2l ? axis.d2l(d) : Date.parse(d); });
      var wide = ends[1] - ends[0];
      if (wide > most + 0.01 * DAY) {
        var middle = (ends[0] + ends[1]) / 2, half = most / 2;
        Plotly.relayout(place, { "xaxis.range": [middle - half, middle + half], "yaxis.autorange": true });
      }
    });
  }

  var printing = false;
  var places = Array.prototype.slice.call(document.querySelectorAll(".plot"));
  var watcher = new IntersectionObserver(function (seen) {
    seen.forEach(function (entry) {
      entry.target.dataset.near = entry.isIntersecting ? "yes" : "";
      if (entry.isIntersecting) { draw(entry.target); }
    });
  }, { rootMargin: "500px 0px" });
  places.forEach(function (place) { watcher.observe(place); });

  function speak(tag) {
    root.lang = tag;
    document.title = document.body.dataset[tag === "en" ? "titleEn" : "titleZh"];
    document.querySelectorAll("[data-lang]").forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.dataset.lang === tag));
    });
    places.forEach(function (place) { if (place.dataset.near) { draw(place); } });
  }

  document.querySelectorAll("[data-lang]").forEach(function (button) {
    button.addEventListener("click", function () {
      speak(button.dataset.lang);
      try { history.replaceState(null, "", "#" + (button.dataset.lang === "en" ? "en" : "zh")); } catch (e) { /* a page of a file may not */ }
    });
  });

  document.querySelectorAll(".tabs").forEach(function (tabs) {
    tabs.addEventListener("click", function (event) {
      var button = event.target.closest("button");
      if (!button) { return; }
      tabs.querySelectorAll("button").forEach(function (other) {
        var chosen = other === button;
        other.setAttribute("aria-selected", String(chosen));
        document.getElementById(other.getAttribute("aria-controls")).hidden = !chosen;
      });
    });
  });

  window.addEventListener("beforeprint", function () {
    printing = true;
    document.querySelectorAll(".panel[hidden]").forEach(function (panel) { panel.dataset.folded = "yes"; panel.hidden = false; });
    places.forEach(draw);
    places.forEach(function (place) {
      if (place.clientWidth > PAPER) { place.style.zoom = PAPER / place.clientWidth; }
    });
  });
  window.addEventListener("afterprint", function () {
    printing = false;
    places.forEach(function (place) { place.style.zoom = ""; });
    document.querySelectorAll(".panel[data-folded]").forEach(function (panel) { panel.hidden = true; delete panel.dataset.folded; });
  });

  speak(location.hash === "#en" ? "en" : location.hash === "#zh" ? "zh-CN" : root.lang);
}());

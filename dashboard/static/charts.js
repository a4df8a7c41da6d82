// Makes the charts answer. Each is an element with the class "chart__plot", in
// which the server's drawing stands already; its option stands in the script
// element of type application/json that its data-option names. The same chart is
// drawn over the server's, with tooltips, and with zoom where it has room. ECharts is
// by far the largest file of a page, and so is fetched once a reader turns to a chart.
// Without this script, or without ECharts, the server's drawing stays.
(function () {
  "use strict";

  const library = document.currentScript.dataset.library;
  let fetched = null;

  // fetchLibrary fetches ECharts, once for all charts; after a failure anew.
  function fetchLibrary() {
    fetched = fetched || new Promise((resolve, reject) => {
      const element = document.createElement("script");
      element.src = library;
      element.addEventListener("load", resolve);
      element.addEventListener("error", () => {
        fetched = null;
        reject(new Error("ECharts could not be fetched"));
      });
      document.head.append(element);
    });
    return fetched;
  }

  // numberText writes a number as the tables do: thousands with a comma, and
  // the decimals that the page decided on.
  function numberText(value, decimals) {
    return Number(value).toLocaleString("en-GB", {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    });
  }

  function isKnown(point) {
    return point.value !== null && point.value !== undefined;
  }

  // periodText is the text of one period. A line that is cut at a break has a
  // part on either side: the part with a number speaks. The average, the
  // limits and the target are lines of their own, and stand after it.
  function periodText(plot, points) {
    const decimals = Number(plot.dataset.decimals);
    const rest = (point) => point.seriesId.slice(plot.id.length + 1);
    const known = points.find((point) => isKnown(point) && /^\d+$/.test(rest(point)));
    const figure = known ? numberText(known.value, decimals) + " " + plot.dataset.unit : "no figure";
    const levels = points.filter((point) => isKnown(point) && rest(point).startsWith("level-"));
    const told = levels.map((point) => point.seriesName + " " + numberText(point.value, Math.max(decimals, 1)));
    return [points[0].axisValueLabel + ": " + figure].concat(told).join("\n");
  }

  // areaText is the text of one point of a funnel. One above the scale stands
  // on its edge, and has its rate as a third number. A marked place says its name.
  function areaText(plot, point) {
    if (point.componentType !== "series" || point.seriesType !== "scatter") {
      return point.name || point.seriesName;
    }
    const decimals = Number(plot.dataset.decimals);
    return point.name + ": " + numberText(point.value[point.value.length - 1], decimals) + " " + plot.dataset.unit + ", of " + numberText(point.value[0], 0);
  }

  function tooltip(plot) {
    return (given) => (Array.isArray(given) ? periodText(plot, given) : areaText(plot, given));
  }

  // closest is the fewest periods that a reader can zoom to.
  const closest = 6;

  // canZoom: a long time axis, and no finger, which moves the page.
  function canZoom(option) {
    const axis = [].concat(option.xAxis)[0];
    return axis.show !== false && axis.type === "category" && axis.data.length > 2 * closest && !window.matchMedia("(pointer: coarse)").matches;
  }

  // zoom lets a reader look closer at a part of the time axis. The rules of breaks
  // and notes have an axis of their own, which goes with it.
  function zoom(chart, rules) {
    chart.setOption({ dataZoom: [{ type: "inside", xAxisIndex: 0, filterMode: "none", zoomOnMouseWheel: "shift", minValueSpan: closest }] });
    if (rules) {
      chart.on("datazoom", () => {
        const now = chart.getOption().dataZoom[0];
        chart.setOption({ xAxis: [{}, { min: now.startValue, max: now.endValue + 1 }] });
      });
    }
    chart.getZr().on("dblclick", () => show(chart, 0, 100));
  }

  // show brings a part of the time axis into view; start and end are per cent of it.
  function show(chart, start, end) {
    chart.dispatchAction({ type: "dataZoom", start: start, end: end });
  }

  // zoomButtons do for the keyboard what the wheel does.
  function zoomButtons(line, plot) {
    const by = (text, of, window) =>
      line.append(
        button(text, of, async () => {
          const chart = await answering(plot);
          const now = chart.getOption().dataZoom[0];
          const next = window(now.start, now.end, (now.end - now.start) / 2);
          show(chart, Math.max(0, next[0]), Math.min(100, next[1]));
          return text;
        }),
      );
    by("Closer", " to the newest half of this chart", (start, end, half) => [start + half, end]);
    by("Earlier", " part of this chart", (start, end, half) => (start < half ? [0, end - start] : [start - half, end - half]));
    by("Later", " part of this chart", (start, end, half) => (end + half > 100 ? [100 - (end - start), 100] : [start + half, end + half]));
    by("All", " of this chart", () => [0, 100]);
  }

  const optionOf = (plot) => JSON.parse(document.getElementById(plot.dataset.option).textContent);

  function start(plot) {
    const option = optionOf(plot);
    option.tooltip.formatter = tooltip(plot);
    // What is pointed at keeps its colour, which the style sheet gives it in each theme:
    // ECharts would lift it to one of which no theme knows.
    option.series.forEach((series) => (series.emphasis = { disabled: true }));
    const over = document.createElement("div");
    over.className = "chart__over";
    const live = document.createElement("div");
    live.className = "chart__live";
    over.append(live);
    plot.append(over);
    fit(plot, over, live);
    const chart = window.echarts.init(live, null, { renderer: "svg" });
    chart.setOption(option);
    if (canZoom(option)) {
      zoom(chart, option.xAxis.length > 1);
    }
    chart.getZr().flush(); // now, and not with the screen's next frame
    plot.closest(".chart").classList.add("chart--drawn");
    // The box changes its size with the window. Paper has none of it.
    new ResizeObserver(() => {
      if (over.clientWidth > 0 && fit(plot, over, live)) {
        chart.resize();
      }
    }).observe(over);
    return chart;
  }

  // fit makes a chart as large as the server's drawing is shown: it has the size that the
  // style sheet says was drawn for this window, and its box has another. It tells whether
  // the size that is drawn is a new one.
  function fit(plot, over, live) {
    const style = getComputedStyle(plot);
    const was = live.style.width;
    live.style.width = style.getPropertyValue("--drawn-width") + "px";
    live.style.height = style.getPropertyValue("--drawn-height") + "px";
    live.style.transform = "scale(" + over.getBoundingClientRect().width / parseFloat(live.style.width) + ")";
    return live.style.width !== was;
  }

  const charts = new Map();

  // answering is the chart of an element, once it answers.
  function answering(plot) {
    if (!charts.has(plot)) {
      const chart = fetchLibrary().then(() => start(plot));
      charts.set(plot, chart);
      chart.catch(() => charts.delete(plot));
    }
    return charts.get(plot);
  }

  // attend waits until a reader turns to a chart, by pointer, finger or keyboard. One that
  // the server could not draw is drawn at once.
  function attend(plot) {
    const chart = plot.closest(".chart");
    const turn = () => answering(plot).catch(() => {}); // the server's drawing stays
    chart.addEventListener("pointerover", turn);
    chart.addEventListener("focusin", turn);
    const line = chart.querySelector(".chart__take");
    if (line && canZoom(optionOf(plot))) {
      zoomButtons(line, plot);
      line.append("Shift and wheel: closer; double click: all of it");
    }
    if (chart.classList.contains("chart--failed")) {
      turn();
    }
  }

  // picture draws the chart's file onto a canvas, twice as fine as a screen.
  function picture(address) {
    return new Promise((resolve, reject) => {
      const image = new Image();
      image.onload = () => {
        const canvas = document.createElement("canvas");
        canvas.width = 2 * image.naturalWidth;
        canvas.height = 2 * image.naturalHeight;
        canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
        canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the canvas is empty"))), "image/png");
      };
      image.onerror = () => reject(new Error("the chart could not be read"));
      image.src = address;
    });
  }

  function save(blob, name) {
    const way = document.createElement("a");
    way.href = URL.createObjectURL(blob);
    way.download = name;
    way.click();
    setTimeout(() => URL.revokeObjectURL(way.href), 60000);
  }

  function button(text, of, act) {
    const element = document.createElement("button");
    element.type = "button";
    element.className = "chart__button";
    const rest = document.createElement("span");
    rest.className = "govuk-visually-hidden";
    rest.textContent = of;
    element.append(text, rest);
    const says = (words) => element.firstChild.replaceWith(words);
    element.addEventListener("click", () => act().then(says, () => says("It did not work")));
    return element;
  }

  // take adds the ways in which a browser hands out a chart beside its file.
  function take(line) {
    const file = line.querySelector("a[download]");
    const name = file.download.replace(/\.svg$/, ".png");
    line.append(button("PNG", " of this chart", () => picture(file.href).then((blob) => (save(blob, name), "PNG"))));
    if (window.ClipboardItem && navigator.clipboard) {
      const copy = () => navigator.clipboard.write([new ClipboardItem({ "image/png": picture(file.href) })]).then(() => "Copied");
      line.append(button("Copy", " this chart as a picture", copy));
    }
  }

  document.querySelectorAll(".chart__take").forEach(take);
  document.querySelectorAll(".chart__plot").forEach(attend);
})();

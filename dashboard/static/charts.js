// Starts the charts. Each is an element with the class "chart__plot", whose
// option stands in the script element of type application/json that its
// data-option names. Without this script, or without ECharts, the tables
// beside the charts hold the same figures.
(function () {
  "use strict";

  if (!window.echarts) {
    return;
  }

  // paperWidth is what the margins of the style sheet leave of A4 upright, in
  // CSS pixels: 180 mm.
  const paperWidth = 680;

  // paperHeight is the height of a full chart there, as the style sheet has it:
  // its shape on a wide screen.
  const paperHeight = 300;

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

  function start(plot) {
    const source = document.getElementById(plot.dataset.option);
    if (!source) {
      return;
    }
    const option = JSON.parse(source.textContent);
    option.tooltip.formatter = tooltip(plot);
    plot.closest(".chart").classList.add("chart--drawn");
    const chart = window.echarts.init(plot, null, { renderer: "svg" });
    chart.setOption(option);
    // The element changes its size with the window. Paper is told of before its
    // width is: a chart that is wider would make the whole page smaller.
    new ResizeObserver(() => chart.resize()).observe(plot);
    const resize = (size) => {
      chart.resize(size);
      chart.getZr().flush(); // now, and not with the screen's next frame
    };
    const full = plot.closest(".chart--full") !== null;
    window.addEventListener("beforeprint", () => resize(full ? { width: paperWidth, height: paperHeight } : { width: chart.getWidth() }));
    window.addEventListener("afterprint", () => resize({ width: "auto", height: "auto" }));
  }

  document.querySelectorAll(".chart__plot").forEach(start);
})();

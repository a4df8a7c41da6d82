// Starts the charts. Each is an element with the class "chart__plot", whose
// option stands in the script element of type application/json that its
// data-option names. Without this script, or without ECharts, the tables
// beside the charts hold the same figures.
(function () {
  "use strict";

  if (!window.echarts) {
    return;
  }

  // numberText writes a number as the tables do: thousands with a comma, and
  // the decimals that the page decided on.
  function numberText(value, decimals) {
    return Number(value).toLocaleString("en-GB", {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    });
  }

  // tooltip is the text of one period. A line that is cut at a break has a
  // part on either side: the part with a number speaks.
  function tooltip(plot) {
    const decimals = Number(plot.dataset.decimals);
    return function (points) {
      const known = points.find((point) => point.value !== null && point.value !== undefined);
      const figure = known ? numberText(known.value, decimals) + " " + plot.dataset.unit : "no figure";
      return points[0].axisValueLabel + ": " + figure;
    };
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
    // The element changes its size with the window, and when it is printed.
    new ResizeObserver(() => chart.resize()).observe(plot);
  }

  document.querySelectorAll(".chart__plot").forEach(start);
})();

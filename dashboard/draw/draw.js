// draw writes the SVG of one chart. The option is JSON and stays data: it holds no
// function.
(function draw(text, width, height) {
  "use strict";
  const option = JSON.parse(text);
  option.animation = false;
  // What answers to a pointer takes time here and draws nothing.
  for (const part of ["toolbox", "tooltip"]) {
    delete option[part];
  }
  for (const series of option.series ?? []) {
    series.emphasis = { disabled: true };
    series.silent = true;
  }
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption(option);
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
});

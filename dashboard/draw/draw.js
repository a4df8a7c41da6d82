// draw writes the SVG of one chart. The option is JSON and stays data: it holds no
// function.
(function draw(text, width, height) {
  "use strict";
  const option = JSON.parse(text);
  option.animation = false;
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption(option);
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
});

// draw writes the SVG of one chart in several sizes, given as width, height,
// width, height… The option is JSON and stays data: it holds no function.
(function draw(text, sizes) {
  "use strict";
  const option = JSON.parse(text);
  option.animation = false;
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width: sizes[0], height: sizes[1] });
  try {
    chart.setOption(option);
    const drawings = [];
    for (let i = 0; i < sizes.length; i += 2) {
      if (i > 0) {
        chart.resize({ width: sizes[i], height: sizes[i + 1], silent: true });
      }
      drawings.push(chart.renderToSVGString());
    }
    return drawings;
  } finally {
    chart.dispose();
  }
});

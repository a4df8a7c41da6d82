// What ECharts asks of its surroundings when it loads and draws. Nothing runs
// later here: a chart is drawn at once, or not at all.
var setTimeout = function () {
  return 0;
};
var clearTimeout = function () {};

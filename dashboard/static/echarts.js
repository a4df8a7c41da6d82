// The parts of ECharts that the charts here are made of, as one script for both the
// server and browsers: what is not used need not be sent, and each part that is
// there takes time with every chart that is drawn.
import { getInstanceByDom, init, use } from "echarts/core";
import { BarChart, LineChart, ScatterChart } from "echarts/charts";
import { DataZoomInsideComponent, GridComponent, MarkLineComponent, MarkPointComponent, TitleComponent, TooltipComponent } from "echarts/components";
import { LabelLayout, LegacyGridContainLabel } from "echarts/features";
import { SVGRenderer } from "echarts/renderers";

// In the order of the whole library, which is that in which they are drawn.
use([SVGRenderer]);
use([LineChart, BarChart, ScatterChart]);
use([GridComponent, TooltipComponent, TitleComponent, MarkPointComponent, MarkLineComponent, DataZoomInsideComponent]);
use([LabelLayout, LegacyGridContainLabel]);

globalThis.echarts = { getInstanceByDom, init };

/* Draws what `{% chart %}` tells: only the parts of ECharts that are used, as SVG, in the page's own colours.
   Bundled by `./dev` into static/chengxin/charts.js; without it the table of numbers stands open. */

import { BarChart, LineChart, PieChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

echarts.use([BarChart, LineChart, PieChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

/* A second mark beside the colour: patterns of bars and slices, shapes and strokes of lines. */
const DECALS = { enabled: true, decal: { show: true, decals: [
  { symbol: "none" }, { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [3, 5], rotation: Math.PI / 4 },
  { symbol: "circle", symbolSize: 0.6, dashArrayX: [[8, 8], [0, 8, 8, 0]], dashArrayY: [6, 0] },
  { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 6], rotation: -Math.PI / 4 },
  { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 6] }, { symbol: "rect", dashArrayX: [2, 6], dashArrayY: [1, 0] },
] } };
const SHAPES = ["circle", "rect", "triangle", "diamond", "roundRect", "arrow"];
const STROKES = ["solid", "dashed", "dotted"];

function draw() {
  for (const figure of document.querySelectorAll("[data-chart]:not([data-drawn])")) {
    figure.dataset.drawn = "";
    const place = figure.querySelector(".drawing");
    const told = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
    place.hidden = false;
    place.setAttribute("aria-hidden", "true"); /* the sentence and the table say the same to a screen reader */
    if (lying(told)) place.style.height = `${Math.max(220, 70 + told.categories.length * 30 * Math.max(1, told.kind === "bar" ? told.series.length * 0.6 : 1))}px`;
    const chart = echarts.init(place, null, { renderer: "svg" });
    const paint = () => chart.setOption(option(told, style(), place.clientWidth), true);
    paint();
    figure.querySelector("details").open = false;
    new ResizeObserver(() => { chart.resize(); paint(); }).observe(place);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  }
}

/* Long or many names are read better beside lying bars; months and years stand. */
function lying(told) {
  const { kind, categories } = told;
  if (kind === "line" || kind === "pie" || categories.every((name) => /^\d/.test(name))) return false;
  return categories.length > 8 || (categories.length > 3 && categories.some((name) => name.length > 6));
}

function style() {
  const css = getComputedStyle(document.documentElement);
  const token = (name) => css.getPropertyValue(name).trim();
  return {
    ink: token("--ink"), soft: token("--soft"), line: token("--line"), paper: token("--paper"),
    tone: (name) => token(`--t-${name}`),
    colours: ["--c1", "--c2", "--c3", "--c4", "--c5", "--c6"].map(token),
    font: getComputedStyle(document.body).fontFamily,
  };
}

function option(told, look, width) {
  const text = { color: look.soft, fontFamily: look.font, fontSize: 13 };
  const several = told.series.length > 1 || told.kind === "pie";
  return {
    animation: false,
    color: told.tones.length ? told.tones.map(look.tone) : look.colours,
    textStyle: { ...text, color: look.ink },
    aria: several && told.kind !== "line" ? DECALS : { enabled: true },
    legend: { show: several, type: "plain", bottom: 0, icon: told.kind === "line" ? undefined : "roundRect", textStyle: text },
    tooltip: {
      trigger: told.kind === "pie" ? "item" : "axis", renderMode: "richText", confine: true,
      backgroundColor: look.paper, borderColor: look.line, textStyle: { ...text, color: look.ink },
      valueFormatter: (value) => (value == null ? "—" : `${value.toLocaleString("zh-Hans")}${told.unit ? ` ${told.unit}` : ""}`),
    },
    ...(told.kind === "pie" ? pie(told, look, text, width) : axes(told, look, text, several, width)),
  };
}

function pie(told, look, text, width) {
  const [series] = told.series;
  const data = told.categories.map((name, n) => ({ name, value: series.values[n] }));
  const label = { ...text, color: look.ink, formatter: "{b} {d}%", show: width > 480 };
  return { series: [{
    type: "pie", name: series.name, radius: ["42%", "68%"], center: ["50%", "44%"], data, label,
    itemStyle: { borderColor: look.paper, borderWidth: 2 },
  }] };
}

function axes(told, look, text, several, width) {
  const across = lying(told);
  const name = { type: "category", data: told.categories, axisTick: { show: false }, axisLine: { lineStyle: { color: look.line } },
    axisLabel: { ...text, hideOverlap: true, ...(across ? { width: Math.min(160, width * 0.36), overflow: "truncate", interval: 0 } : {}) }, inverse: across };
  const size = { type: "value", name: told.unit, nameTextStyle: { ...text, align: across ? "center" : "left" },
    nameLocation: across ? "middle" : "end", nameGap: across ? 26 : 15, splitLine: { lineStyle: { color: look.line } }, axisLabel: { ...text, hideOverlap: true }, splitNumber: width < 480 ? 3 : 5 };
  return {
    /* The unit's name counts too, however long its language makes it. */
    grid: { left: 4, right: 12, top: 8, bottom: several ? 34 : 4, outerBoundsMode: "same", outerBoundsContain: "all" },
    xAxis: across ? size : name,
    yAxis: across ? name : size,
    series: told.series.map((series, n) => ({
      type: told.kind === "line" ? "line" : "bar", name: series.name, data: series.values,
      colorBy: told.tones.length && !several ? "data" : "series",
      stack: told.kind === "stack" ? "all" : undefined, barMaxWidth: 34,
      symbol: SHAPES[n % SHAPES.length], symbolSize: 7, lineStyle: { width: 2.5, type: STROKES[n % STROKES.length] },
      itemStyle: told.kind === "stack" ? { borderColor: look.paper, borderWidth: 1 } : {},
    })),
  };
}

window.chengxinCharts = { draw };
draw();

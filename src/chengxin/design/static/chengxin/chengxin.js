/* What pages do better where JavaScript runs. Nothing here is needed: every form and link works without it. */

"use strict";

/* A button with data-confirm asks once more before something that is hard to undo. */
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-confirm]");
  if (button && !window.confirm(button.dataset.confirm)) event.preventDefault();
});

/* A form with an upload shows how much of the file has reached us. The answer replaces the page as a browser would do. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  const upload = form.querySelector("[data-upload]");
  if (!upload || event.defaultPrevented || !upload.querySelector("input[type=file]").files.length) return;
  event.preventDefault();
  send(form, upload.querySelector("[data-under-way]"), event.submitter);
});

function send(form, underWay, submitter) {
  const bar = underWay.querySelector("progress");
  const words = underWay.querySelector("output");
  const buttons = form.querySelectorAll("button");
  const request = new XMLHttpRequest();
  const data = new FormData(form, submitter);
  underWay.hidden = false;
  buttons.forEach((button) => { button.disabled = true; });
  request.upload.addEventListener("progress", (at) => {
    if (!at.lengthComputable) return;
    bar.value = (100 * at.loaded) / at.total;
    words.value = at.loaded < at.total ? `${words.dataset.sent} ${Math.floor(bar.value)}%` : words.dataset.thinking;
  });
  request.addEventListener("load", () => {
    const elsewhere = request.responseURL.split("#")[0] !== window.location.href.split("#")[0];
    if (request.status < 400 && elsewhere) window.location.assign(request.responseURL);
    else show(request);
  });
  request.addEventListener("error", () => {
    words.value = words.dataset.broken;
    buttons.forEach((button) => { button.disabled = false; });
  });
  request.open("POST", form.action);
  request.send(data);
}

/* The page that the server answered with (a form with its errors) takes the place of this one. */
function show(request) {
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  document.title = page.title;
  document.querySelector("main").replaceWith(document.adoptNode(page.querySelector("main") ?? page.body));
  (document.querySelector(".errors") ?? document.querySelector("main")).focus();
  window.scrollTo(0, 0);
  document.dispatchEvent(new Event("chengxin:shown"));
}

/* Charts: the drawing library is fetched only by pages that have one. */
function charts() {
  const figure = document.querySelector("[data-chart]");
  if (!figure) return;
  if (window.chengxinCharts) return window.chengxinCharts.draw();
  if (document.querySelector("script[data-charts]")) return;
  const script = document.createElement("script");
  script.src = figure.dataset.chart;
  script.dataset.charts = "";
  document.head.append(script);
}

document.addEventListener("DOMContentLoaded", charts);
document.addEventListener("htmx:afterSettle", charts);
document.addEventListener("chengxin:shown", charts);

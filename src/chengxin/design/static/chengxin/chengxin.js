/* What pages do better where JavaScript runs. Nothing here is needed: every form and link works without it. */

"use strict";

/* A button with data-confirm asks once more before something that is hard to undo. */
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-confirm]");
  if (button && !window.confirm(button.dataset.confirm)) event.preventDefault();
});

/* A form with an upload shows how much of the file has reached us. The answer takes the place of the page, as it is: a
   second request would no longer have its messages. */
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
  request.addEventListener("load", () => show(request));
  request.addEventListener("error", () => {
    words.value = words.dataset.broken;
    buttons.forEach((button) => { button.disabled = false; });
  });
  request.open("POST", form.action);
  request.send(data);
}

let shownAt = "";

function show(request) {
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const address = new URL(request.responseURL);
  document.title = page.title;
  document.documentElement.className = page.documentElement.className;
  document.body.replaceWith(document.adoptNode(page.body));
  window.htmx?.process(document.body);
  document.dispatchEvent(new Event("chengxin:shown"));
  if (address.href !== window.location.href) window.history.pushState(null, "", address);
  shownAt = address.pathname + address.search;
  window.scrollTo(0, 0);
  (document.querySelector(".errors") ?? document.querySelector("main")).focus();
}

/* Back from such a page: what was there before is asked for again. */
window.addEventListener("popstate", () => {
  if (shownAt && shownAt !== window.location.pathname + window.location.search) window.location.reload();
});

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

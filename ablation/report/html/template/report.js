"use strict";
// Sort tables, choose another metric, toggle curves, show values on hover. Without the script, the page has the same
// content.

const all = (selector, within = document) => [...within.querySelectorAll(selector)];

// ---------------------------------------------------------------- tables

function keyOf(row, column) {
  const cell = row.cells[column];
  const text = cell.dataset.v ?? cell.textContent.trim();
  const number = text === "" ? NaN : Number(text.replace("\u2212", "-"));
  return { text, number, numeric: !Number.isNaN(number), empty: text === "" || text === "nan" };
}

function compare(a, b) {
  if (a.numeric && b.numeric) return a.number - b.number;
  return a.text.localeCompare(b.text, undefined, { numeric: true });
}

function sort(heading) {
  const table = heading.closest("table");
  const column = heading.cellIndex;
  const descending = heading.getAttribute("aria-sort") === "ascending";
  const keyed = [...table.tBodies[0].rows].map((row) => ({ row, key: keyOf(row, column) }));
  keyed.sort((a, b) => a.key.empty - b.key.empty || (descending ? -1 : 1) * compare(a.key, b.key));
  all("th[aria-sort]", table).forEach((th) => th.removeAttribute("aria-sort"));
  heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
  table.tBodies[0].append(...keyed.map(({ row }) => row));
}

all("table.sortable .sort").forEach((button) => {
  button.addEventListener("click", () => sort(button.closest("th")));
});

// On a phone, rows are cards without headings.
all(".sort-by").forEach((part) => {
  const select = part.querySelector("select");
  part.hidden = false;
  select.addEventListener("change", () => sort(document.querySelector(".results").tHead.rows[0].cells[select.value]));
});

// ---------------------------------------------------------------- another metric

const choosers = all(".chooser");
const metricHeading = document.querySelector(".results th.metric-heading");

function copyCell(from, to) {
  to.replaceChildren(...[...from.childNodes].map((node) => node.cloneNode(true)));
  to.dataset.v = from.dataset.v;
}

function choose(index) {
  const table = document.querySelector("table.scores");
  const name = table.tHead.rows[0].cells[index + 2].textContent;
  const judged = choosers[0].querySelector("option").textContent;
  const isOther = index > 0;
  all("tr[data-row]", table).forEach((row) => {
    const cell = document.querySelector(`.results tr[data-row="${Number(row.dataset.row)}"] .metric`);
    copyCell(row.cells[index + 2], cell);
    cell.dataset.name = isOther ? name : metricTitle;
  });
  metricHeading.querySelector("button").textContent = isOther ? name : metricTitle;
  metricHeading.removeAttribute("aria-sort");
  document.querySelector(".results").classList.toggle("other", isOther);
  all(".score").forEach((chart) => { chart.hidden = Number(chart.dataset.score) !== index; });
  choosers.forEach((chooser) => {
    chooser.querySelector("select").value = String(index);
    chooser.querySelector(".chosen").textContent = isOther ? `Differences and verdicts remain those of: ${judged}` : "";
  });
}

const metricTitle = metricHeading?.textContent;
choosers.forEach((chooser) => {
  const select = chooser.querySelector("select");
  chooser.hidden = false;
  select.value = "0";
  select.addEventListener("change", () => choose(Number(select.value)));
});

// ---------------------------------------------------------------- curves

const series = all(".series");
const labelled = new Map([...series, ...all(".facet")].map((part) => [part.dataset.variant, part]));
const shown = (variant) => labelled.get(variant).getAttribute("aria-pressed") !== "false";

function show(button, on) {
  button.setAttribute("aria-pressed", String(on));
  all(`.panel [data-variant="${Number(button.dataset.variant)}"]`).forEach((part) => part.classList.toggle("off", !on));
}

function emphasise(variant) {
  all("[data-reading]:not([data-only])").forEach((plot) => {
    plot.classList.toggle("dim", variant !== null);
    all("[data-variant]", plot).forEach((part) => part.classList.toggle("on", part.dataset.variant === variant));
  });
}

series.forEach((button) => {
  button.addEventListener("click", () => {
    show(button, button.getAttribute("aria-pressed") !== "true");
    emphasise(shown(button.dataset.variant) ? button.dataset.variant : null);
  });
  button.addEventListener("pointerenter", () => shown(button.dataset.variant) && emphasise(button.dataset.variant));
  button.addEventListener("pointerleave", () => emphasise(null));
});
all("[data-all]").forEach((button) => {
  button.addEventListener("click", () => series.forEach((each) => show(each, button.dataset.all === "true")));
});

const MAX_ITEMS = 14; // variants in one tip

function formatted(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.0005 || size >= 1e5)) return value.toPrecision(2);
  return (size >= 100 ? value.toFixed(1) : value.toFixed(3)).replace("-", "\u2212");
}

class Reader {
  constructor(plot, readings) {
    this.plot = plot;
    this.readings = readings;
    this.at = -1;
    this.tip = plot.querySelector(".tip");
    this.only = plot.dataset.only?.split(" ");
    plot.addEventListener("pointermove", (event) => this.point(event));
    plot.addEventListener("pointerdown", (event) => this.point(event));
    plot.addEventListener("pointerleave", () => this.leave());
    plot.addEventListener("blur", () => this.leave());
    plot.addEventListener("keydown", (event) => this.key(event));
  }

  has(variant) {
    return this.only ? this.only.includes(variant) : shown(variant);
  }

  height(value) {
    const { low, high, log } = this.readings;
    const scaled = log ? Math.log10 : (v) => v;
    return 100 * (1 - (scaled(value) - scaled(low)) / (scaled(high) - scaled(low)));
  }

  point(event) {
    const box = this.plot.getBoundingClientRect();
    const x = (100 * (event.clientX - box.left)) / box.width;
    const places = this.readings.x;
    let best = 0;
    places.forEach((place, i) => { if (Math.abs(place - x) < Math.abs(places[best] - x)) best = i; });
    this.read(best, (100 * (event.clientY - box.top)) / box.height);
  }

  key(event) {
    const last = this.readings.x.length - 1;
    const step = { ArrowLeft: this.at - 1, ArrowRight: this.at + 1, Home: 0, End: last }[event.key];
    if (event.key === "Escape") this.leave();
    if (step === undefined) return;
    event.preventDefault();
    this.read(Math.max(0, Math.min(last, step)), null);
  }

  leave() {
    this.at = -1;
    this.plot.classList.remove("reading");
    this.tip.replaceChildren();
    emphasise(null);
  }

  read(at, near) {
    const items = Object.entries(this.readings.variants)
      .filter(([variant, [mean]]) => mean[at] !== null && this.has(variant))
      .map(([variant, [mean, low, high]]) => ({ variant, mean: mean[at], low: low[at], high: high[at], y: this.height(mean[at]) }));
    if (items.length === 0) return this.leave();
    this.at = at;
    const distance = (item) => Math.abs(item.y - near);
    const nearest = near === null ? null : items.reduce((a, b) => (distance(b) < distance(a) ? b : a));
    if (near !== null) items.sort((a, b) => distance(a) - distance(b));
    const listed = items.slice(0, MAX_ITEMS).sort((a, b) => b.mean - a.mean);
    this.tip.replaceChildren(this.head(at), ...listed.map((item) => this.item(item, item === nearest)));
    if (items.length > MAX_ITEMS) this.tip.append(this.element("span", "", `and ${items.length - MAX_ITEMS} more`));
    this.draw(at, nearest ?? listed[0]);
    if (nearest && !this.only) emphasise(nearest.variant);
  }

  draw(at, item) {
    const x = this.readings.x[at];
    const hair = this.plot.querySelector(".hair");
    hair.setAttribute("x1", `${x}%`);
    hair.setAttribute("x2", `${x}%`);
    const dot = this.plot.querySelector(".dot");
    dot.setAttribute("cx", `${x}%`);
    dot.setAttribute("cy", `${item.y}%`);
    this.plot.classList.add("reading");
    this.place(x);
  }

  place(x) {
    const plotWidth = this.plot.clientWidth;
    const tipWidth = this.tip.offsetWidth;
    const point = (x * plotWidth) / 100;
    const fitsRight = point + 14 + tipWidth <= plotWidth + 6;
    const box = this.plot.getBoundingClientRect();
    const left = fitsRight ? point + 14 : point - 14 - tipWidth;
    this.tip.style.left = `${Math.max(8 - box.left, Math.min(left, document.documentElement.clientWidth - 8 - box.left - tipWidth))}px`;
  }

  head(at) {
    return this.element("b", "", this.readings.heads[at]);
  }

  item({ variant, mean, low, high }, on) {
    const item = this.element("span", on ? "item on" : "item", "");
    const label = labelled.get(variant);
    const swatch = label.querySelector(".swatch");
    const value = low < high ? `${formatted(mean)} [${formatted(low)}, ${formatted(high)}]` : formatted(mean);
    item.append(
      swatch ? swatch.cloneNode(true) : this.element("span", variant === this.only[0] ? "key" : "key behind", ""),
      this.element("span", "name", label.querySelector(".name").textContent),
      this.element("span", "", value),
    );
    return item;
  }

  element(tag, kind, text) {
    const element = document.createElement(tag);
    if (kind) element.className = kind;
    element.textContent = text;
    return element;
  }
}

const readings = document.getElementById("readings");
if (readings) {
  const panels = JSON.parse(readings.textContent);
  all("[data-reading]").forEach((plot) => new Reader(plot, panels[Number(plot.dataset.reading)]));
}

// ---------------------------------------------------------------- print

let opened = [];
window.addEventListener("beforeprint", () => {
  opened = all("details:not([open])");
  opened.forEach((part) => { part.open = true; });
});
window.addEventListener("afterprint", () => opened.forEach((part) => { part.open = false; }));

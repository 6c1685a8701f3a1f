"use strict";
// Sorting, curves on and off, values on hover. Without it the page has all the same content.

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
  const falling = heading.getAttribute("aria-sort") === "ascending";
  const keyed = [...table.tBodies[0].rows].map((row) => ({ row, key: keyOf(row, column) }));
  keyed.sort((a, b) => a.key.empty - b.key.empty || (falling ? -1 : 1) * compare(a.key, b.key));
  all("th[aria-sort]", table).forEach((th) => th.removeAttribute("aria-sort"));
  heading.setAttribute("aria-sort", falling ? "descending" : "ascending");
  table.tBodies[0].append(...keyed.map(({ row }) => row));
}

all("table.sortable .sort").forEach((button) => {
  button.addEventListener("click", () => sort(button.closest("th")));
});

// ---------------------------------------------------------------- curves

const series = all(".series");
const names = new Map(series.map((button) => [button.dataset.arm, button]));
const shown = (arm) => names.get(arm).getAttribute("aria-pressed") === "true";

function show(button, on) {
  button.setAttribute("aria-pressed", String(on));
  all(`.panel [data-arm="${Number(button.dataset.arm)}"]`).forEach((part) => part.classList.toggle("off", !on));
}

function emphasise(arm) {
  all(".plot").forEach((plot) => {
    plot.classList.toggle("dim", arm !== null);
    all("[data-arm]", plot).forEach((part) => part.classList.toggle("on", part.dataset.arm === arm));
  });
}

series.forEach((button) => {
  button.addEventListener("click", () => {
    show(button, button.getAttribute("aria-pressed") !== "true");
    emphasise(shown(button.dataset.arm) ? button.dataset.arm : null);
  });
  button.addEventListener("pointerenter", () => shown(button.dataset.arm) && emphasise(button.dataset.arm));
  button.addEventListener("pointerleave", () => emphasise(null));
});
all("[data-all]").forEach((button) => {
  button.addEventListener("click", () => series.forEach((one) => show(one, button.dataset.all === "true")));
});

const MOST = 14; // names in one tip

function formatted(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.0005 || size >= 1e5)) return value.toPrecision(2);
  return size >= 100 ? value.toFixed(1) : value.toFixed(3);
}

class Reader {
  constructor(plot, values) {
    this.plot = plot;
    this.values = values;
    this.at = -1;
    this.tip = plot.querySelector(".tip");
    plot.addEventListener("pointermove", (event) => this.point(event));
    plot.addEventListener("pointerdown", (event) => this.point(event));
    plot.addEventListener("pointerleave", () => this.leave());
    plot.addEventListener("blur", () => this.leave());
    plot.addEventListener("keydown", (event) => this.key(event));
  }

  height(value) {
    const { low, high, log } = this.values;
    const on = log ? Math.log10 : (v) => v;
    return 100 * (1 - (on(value) - on(low)) / (on(high) - on(low)));
  }

  point(event) {
    const box = this.plot.getBoundingClientRect();
    const x = (100 * (event.clientX - box.left)) / box.width;
    const places = this.values.x;
    let best = 0;
    places.forEach((place, i) => { if (Math.abs(place - x) < Math.abs(places[best] - x)) best = i; });
    this.read(best, (100 * (event.clientY - box.top)) / box.height);
  }

  key(event) {
    const last = this.values.x.length - 1;
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
    const items = Object.entries(this.values.arms)
      .filter(([arm, [mean]]) => at < mean.length && mean[at] !== null && shown(arm))
      .map(([arm, [mean, low, high]]) => ({ arm, mean: mean[at], low: low[at], high: high[at], y: this.height(mean[at]) }));
    if (items.length === 0) return this.leave();
    this.at = at;
    const away = (item) => Math.abs(item.y - near);
    const nearest = near === null ? null : items.reduce((a, b) => (away(b) < away(a) ? b : a));
    if (near !== null) items.sort((a, b) => away(a) - away(b));
    const told = items.slice(0, MOST).sort((a, b) => b.mean - a.mean);
    this.tip.replaceChildren(this.head(at), ...told.map((item) => this.item(item, item === nearest)));
    if (items.length > MOST) this.tip.append(this.element("span", "", `and ${items.length - MOST} more`));
    this.draw(at, nearest ?? told[0]);
    if (nearest) emphasise(nearest.arm);
  }

  draw(at, item) {
    const x = this.values.x[at];
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
    const wide = this.plot.clientWidth;
    const own = this.tip.offsetWidth;
    const point = (x * wide) / 100;
    const right = point + 14 + own <= wide + 6;
    const box = this.plot.getBoundingClientRect();
    const left = right ? point + 14 : point - 14 - own;
    this.tip.style.left = `${Math.max(8 - box.left, Math.min(left, document.documentElement.clientWidth - 8 - box.left - own))}px`;
  }

  head(at) {
    return this.element("b", "", `epoch ${this.values.epochs[at]}`);
  }

  item({ arm, mean, low, high }, on) {
    const item = this.element("span", on ? "item on" : "item", "");
    const button = names.get(arm);
    const range = low < high ? `${formatted(mean)} (${formatted(low)}\u2013${formatted(high)})` : formatted(mean);
    item.append(
      button.querySelector(".swatch").cloneNode(true),
      this.element("span", "name", button.querySelector(".name").textContent),
      this.element("span", "", range),
    );
    return item;
  }

  element(tag, kind, text) {
    const made = document.createElement(tag);
    if (kind) made.className = kind;
    made.textContent = text;
    return made;
  }
}

const values = document.getElementById("values");
if (values) {
  const panels = JSON.parse(values.textContent);
  all(".panel").forEach((panel, i) => new Reader(panel.querySelector(".plot"), panels[i]));
}

// ---------------------------------------------------------------- print

let opened = [];
window.addEventListener("beforeprint", () => {
  opened = all("details:not([open])");
  opened.forEach((part) => { part.open = true; });
});
window.addEventListener("afterprint", () => opened.forEach((part) => { part.open = false; }));

"use strict";

/* One clip, played: figures, timeline, what was said.

   The page's data are numbers and short texts (see report.py). Texts are only ever set as text, never as markup. */

const DATA = JSON.parse(document.getElementById("data").textContent);
const SVG = document.getElementById("svg").namespaceURI;
const VERDICTS = { miss: "miss", false_alarm: "false alarm", raised: "raised", hit: "hit", quiet: "quiet" };
const POSTURES = { u: "upright", b: "bending", s: "sitting", l: "lying", "?": "unknown", "-": "not seen" };
const STAGES = { suspected: "suspected", confirmed: "CONFIRMED", updated: "updated", cleared: "cleared" };
const EVIDENCE = {
  torso_deg: (v) => `torso ${v}° from vertical`, drop: (v) => `sank ${v} of own height`, speed: (v) => `at ${v}/s`,
  down_s: (v) => `down ${v} s`, seen_s: (v) => `seen ${v} s`, score: (v) => `score ${v}`,
};
const BONES = [
  [5, 6], [11, 12], [5, 11], [6, 12], [5, 7], [7, 9], [6, 8], [8, 10], [11, 13], [13, 15], [12, 14], [14, 16],
  [0, 1], [0, 2], [1, 3], [2, 4],
];
const COLOURS = ["#0b7fd4", "#c2410c", "#15803d", "#a21caf", "#a16207", "#0e7490", "#be123c", "#4d7c0f"];
const SURE = 15;  // hundredths; a joint below is a guess and is drawn faintly
const LANES = 12, LANE = 92;

function make(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "class") node.className = value;
    else node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

function draw(name, attributes, ...children) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

const seconds = (value) => `${value.toFixed(1)} s`;
const words = (label) => label.replaceAll("_", " ");
const colourOf = (track) => (track.watched ? COLOURS[(track.id - 1) % COLOURS.length] : style("--unknown"));
const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/* The trail leaves out what stays as it was; here it is filled in again. */
function unpack(track) {
  const rows = new Map();
  let label = "", box = null, points = null;
  track.frames.forEach((frame, row) => {
    label = track.labels[row] || label;
    box = track.boxes[row] || box;
    points = track.points[row] || points;
    const posture = track.postures[row];
    const shown = points ? POSTURES[posture] : words(label);
    rows.set(frame, { shown, seen: posture !== "-", torso: track.torso[row], score: track.scores[row], box, points });
  });
  const person = points !== null, watched = person || track.labels.some((each) => DATA.watched.includes(each));
  const name = `${words(label)} ${track.id}`;
  return { id: track.id, rows, name, first: track.frames[0], last: track.frames.at(-1), person, watched, kind: words(label) };
}

class Player {
  constructor(clip) {
    this.clip = clip;
    this.times = clip.trail.times;
    this.tracks = clip.trail.tracks.map(unpack);
    this.length = Math.max(this.times.at(-1) || 0, 1);
    this.clipEnd = this.length - 1000 * clip.hold_last_s;
    const [first] = [...clip.labels, ...clip.events];  // where it becomes interesting
    this.now = first ? 1000 * (first.start_s ?? first.t_s) : 0;
    this.timer = null;
    this.node = make("div", { class: "inside" });
    this.build();
  }

  build() {
    this.canvas = make("canvas", { role: "img" });
    this.playButton = make("button", { type: "button", class: "play", onclick: () => this.toggle() }, "▶ Play");
    this.range = make("input", {
      type: "range", min: 0, max: this.length, step: 1, value: 0, "aria-label": `Position in ${this.clip.clip}`,
      oninput: () => this.seek(Number(this.range.value)),
    });
    this.speed = make("select", { "aria-label": "Speed" });
    for (const factor of [0.25, 0.5, 1, 2, 4]) this.speed.append(make("option", { value: factor }, `${factor}×`));
    this.speed.value = "1";
    this.clock = make("output", { "aria-live": "off" });
    this.present = make("ul");
    const side = make("div", { class: "side" }, make("h2", {}, "In view"), this.present,
      make("h2", {}, "Said"), this.events());
    if (this.clip.why.length) {
      side.append(make("h2", {}, "Why"), make("ul", {}, ...this.clip.why.map((line) => make("li", {}, line))));
    }
    const controls = make("div", { class: "controls" }, this.playButton, this.range, this.speed, this.clock);
    this.timeline = make("div", { class: "timeline" });
    this.node.append(make("div", { class: "stage" }, make("div", {}, this.canvas, controls), side), this.timeline,
      legend());
  }

  events() {
    const list = make("ul");
    for (const event of this.clip.events) {
      const reasons = Object.entries(event.evidence).map(([key, value]) => (EVIDENCE[key] || ((v) => `${key} ${v}`))(value));
      const jump = make("button", { type: "button", onclick: () => this.seek(1000 * event.t_s) }, seconds(event.t_s));
      const sentences = Object.entries(event.messages).map(([language, text]) => make("span", { lang: language }, `${text} `));
      list.append(make("li", {}, jump, ` ${STAGES[event.stage]} `, ...sentences,
        make("div", { class: "soft" }, reasons.join(", "))));
    }
    if (!this.clip.events.length) list.append(make("li", { class: "soft" }, "nothing"));
    return list;
  }

  /* The node is in the page now and has a width. */
  show() {
    this.drawTimeline();
    this.seek(this.now);
  }

  toggle() {
    if (this.timer !== null) return this.stop();
    if (this.now >= this.length) this.now = 0;
    this.playButton.textContent = "❚❚ Pause";
    let before = null;
    const step = (at) => {
      if (before !== null) this.seek(Math.min(this.length, this.now + (at - before) * Number(this.speed.value)));
      before = at;
      if (this.now >= this.length) this.stop();
      else this.timer = requestAnimationFrame(step);
    };
    this.timer = requestAnimationFrame(step);
  }

  stop() {
    if (this.timer !== null) cancelAnimationFrame(this.timer);
    this.timer = null;
    this.playButton.textContent = "▶ Play";
  }

  seek(ms) {
    this.now = Math.max(0, Math.min(this.length, ms));
    let low = 0, high = this.times.length - 1;  // the last frame that is not later than now
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.times[middle] <= this.now) low = middle; else high = middle - 1;
    }
    this.frame = low;
    this.range.value = String(Math.round(this.now));
    this.range.setAttribute("aria-valuetext", seconds(this.now / 1000));
    this.clock.value = `${(this.now / 1000).toFixed(1)} / ${seconds(this.length / 1000)}`;
    if (this.head) {
      const x = this.x(this.now);
      this.head.setAttribute("x1", x);
      this.head.setAttribute("x2", x);
    }
    this.drawFigures();
  }

  inView() {
    return this.tracks.flatMap((track) => {
      const row = track.rows.get(this.frame);
      return row ? [{ track, row }] : [];
    }).sort((a, b) => b.track.watched - a.track.watched || b.track.person - a.track.person);
  }

  drawFigures() {
    const width = this.canvas.clientWidth || 300;
    const height = Math.round(Math.min(width / this.clip.trail.aspect, 460));
    const scale = Math.min(height, width / this.clip.trail.aspect), ratio = window.devicePixelRatio || 1;
    this.canvas.style.height = `${height}px`;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    const pen = this.canvas.getContext("2d");
    const left = (width - scale * this.clip.trail.aspect) / 2;
    const place = (x, y) => [left + (x * scale) / 1000, (y * scale) / 1000];
    pen.scale(ratio, ratio);
    pen.strokeStyle = style("--line");
    pen.strokeRect(left + 0.5, 0.5, scale * this.clip.trail.aspect - 1, scale - 1);
    pen.font = "13px system-ui, sans-serif";
    const present = this.inView();
    for (const { track, row } of [...present].reverse()) this.drawBody(pen, place, track, row);
    if (this.now > this.clipEnd && this.clip.hold_last_s > 0) {
      pen.fillStyle = style("--soft");
      pen.fillText("the last picture is held", left + 8, scale - 10);
    }
    const texts = present.filter(({ track }) => track.watched).map(({ track, row }) => [track, describe(track, row)]);
    const around = present.filter(({ track }) => !track.watched).map(({ track }) => track.kind);
    this.canvas.setAttribute("aria-label", texts.map(([, text]) => text).join("; ") || "nobody in view");
    this.present.replaceChildren(...texts.map(([track, text]) => make("li", {}, dot(track), text)));
    if (!texts.length) this.present.append(make("li", { class: "soft" }, "nobody"));
    if (around.length) this.present.append(make("li", { class: "soft" }, `around: ${around.join(", ")}`));
  }

  drawBody(pen, place, track, row) {
    const [x1, y1, x2, y2] = row.box, colour = colourOf(track), hidden = !row.seen;
    const [left, top] = place(x1, y1), [right, bottom] = place(x2, y2);
    pen.globalAlpha = hidden && track.person ? 0.35 : 1;
    pen.strokeStyle = pen.fillStyle = colour;
    pen.lineWidth = 1;
    pen.setLineDash(track.person ? [3, 4] : []);
    pen.strokeRect(left, top, right - left, bottom - top);
    pen.setLineDash([]);
    if (row.points) {
      const joint = (index) => row.points.slice(3 * index, 3 * index + 3);
      pen.lineWidth = 3;
      pen.lineCap = "round";
      const alpha = pen.globalAlpha;
      for (const [from, to] of BONES) {
        const a = joint(from), b = joint(to);
        pen.globalAlpha = alpha * (Math.min(a[2], b[2]) < SURE ? 0.2 : 1);
        pen.beginPath();
        pen.moveTo(...place(a[0], a[1]));
        pen.lineTo(...place(b[0], b[1]));
        pen.stroke();
      }
      const head = joint(0), neck = [0, 1].map((i) => (joint(5)[i] + joint(6)[i]) / 2);
      const size = 0.5 * Math.hypot(head[0] - neck[0], head[1] - neck[1]);
      pen.globalAlpha = alpha * (head[2] < SURE ? 0.2 : 1);
      pen.beginPath();
      pen.arc(...place(head[0], head[1]), Math.max(3, place(size, 0)[0] - place(0, 0)[0]), 0, 2 * Math.PI);
      pen.stroke();
      pen.globalAlpha = alpha;
    }
    pen.fillText(track.person ? `${track.name}: ${row.shown}` : track.watched ? track.name : track.kind, Math.max(left, 4), Math.max(top - 5, 14));
    pen.globalAlpha = 1;
  }

  x(ms) {
    return this.from + ((this.width - this.from - 8) * ms) / this.length;
  }

  drawTimeline() {
    this.width = Math.max(this.timeline.clientWidth, 260);
    this.from = 8;
    const watched = this.tracks.filter((track) => track.watched).sort((a, b) => b.rows.size - a.rows.size);
    const lanes = watched.slice(0, LANES).sort((a, b) => a.first - b.first);
    const top = 34, bottom = top + LANE * Math.max(lanes.length, 0.5) + 4;
    const title = `Timeline of ${this.clip.clip}: ${this.clip.length_s.toFixed(1)} seconds, ${watched.length} tracks`;
    const svg = draw("svg", { viewBox: `0 0 ${this.width} ${bottom + 20}`, role: "img", "aria-label": title });
    svg.style.height = `${bottom + 20}px`;
    this.drawGround(svg, top, bottom);
    lanes.forEach((track, index) => this.drawLane(svg, track, top + LANE * index));
    const more = watched.length - lanes.length;
    if (more > 0) svg.append(draw("text", { x: this.width - 8, y: bottom + 14, class: "soft", "text-anchor": "end" }, `and ${more} shorter tracks`));
    this.drawEvents(svg, top, bottom);
    this.head = draw("line", { y1: 16, y2: bottom, stroke: style("--ink"), "stroke-width": 2 });
    svg.append(this.head);
    const follow = (event) => {
      const share = (event.clientX - svg.getBoundingClientRect().left - this.x(0)) / (this.x(this.length) - this.x(0));
      this.seek(share * this.length);
    };
    svg.addEventListener("pointerdown", follow);
    svg.addEventListener("pointermove", (event) => event.buttons && follow(event));
    this.timeline.replaceChildren(svg);
  }

  /* Time, what is expected, and where the last picture is held. */
  drawGround(svg, top, bottom) {
    if (this.clip.hold_last_s > 0) {
      const x = this.x(Math.max(0, this.clipEnd));
      svg.append(draw("rect", { x, y: top, width: this.x(this.length) - x, height: bottom - top, fill: style("--line"), opacity: 0.35 }));
      svg.append(draw("text", { x: this.width - 8, y: top - 6, class: "soft", "text-anchor": "end" }, "last picture held"));
    }
    const wanted = this.width / 90;
    const step = [0.5, 1, 2, 5, 10, 20, 60, 120, 300, 600].find((each) => this.length / 1000 / each <= wanted) || 3600;
    for (let at = 0; at * 1000 <= this.length; at += step) {
      const x = this.x(1000 * at);
      svg.append(draw("line", { x1: x, x2: x, y1: top, y2: bottom, stroke: style("--line") }));
      svg.append(draw("text", { x: x + 2, y: bottom + 14, class: "soft" }, `${at} s`));
    }
    for (const label of this.clip.labels) {
      const x = this.x(1000 * label.start_s), end = this.x(Math.min(this.length, 1000 * (label.start_s + DATA.hit_within_s)));
      svg.append(draw("rect", { x, y: 18, width: Math.max(end - x, 1), height: bottom - 18, fill: style("--accent"), opacity: 0.07 }));
      svg.append(draw("line", { x1: x, x2: x, y1: 18, y2: bottom, stroke: style("--accent"), "stroke-width": 2, "stroke-dasharray": "5 3" }));
      const beside = x > 110 ? { x: x - 3, "text-anchor": "end" } : { x: x + 4 };
      svg.append(draw("text", { y: 28, ...beside }, `${words(label.kind)} expected`));
    }
  }

  drawLane(svg, track, y) {
    svg.append(draw("circle", { cx: this.from + 4, cy: y + 8, r: 4, fill: colourOf(track) }));
    svg.append(draw("text", { x: this.from + 12, y: y + 12 }, track.name));
    let start = track.first;
    for (let frame = track.first; frame <= track.last; frame++) {
      const here = track.rows.get(start)?.shown, next = frame < track.last ? track.rows.get(frame + 1)?.shown : null;
      if (next !== here) {
        this.drawBand(svg, track, here, start, frame, y + 16);
        start = frame + 1;
      }
    }
    const [left, right] = [this.x(0), this.x(this.length)], faint = { fill: "none", stroke: style("--line") };
    svg.append(draw("rect", { x: left, y: y + 34, width: right - left, height: 50, ...faint }));
    svg.append(draw("line", { x1: left, x2: right, y1: y + 59, y2: y + 59, "stroke-dasharray": "2 3", ...faint }));
    const scale = track.person ? [["180°", y + 43], ["0°", y + 83]] : [["1", y + 43], ["0", y + 83]];
    for (const [text, at] of scale) svg.append(draw("text", { x: left + 3, y: at, class: "soft small" }, text));
    this.drawLine(svg, track, (row) => (row.torso === null ? null : y + 84 - (50 * row.torso) / 180), { stroke: style("--ink"), "stroke-width": 1.6 });
    this.drawLine(svg, track, (row) => y + 84 - row.score / 2, { stroke: style("--accent"), "stroke-width": 1.6, "stroke-dasharray": "4 3" });
  }

  drawBand(svg, track, name, from, to, y) {
    if (!name || name === POSTURES["-"]) return;
    const x = this.x(this.times[from]), end = to + 1 < this.times.length ? this.x(this.times[to + 1]) : this.x(this.length);
    const band = draw("rect", { x, y, width: Math.max(end - x, 1), height: 15, class: `band ${track.person ? name : "unknown"}` });
    band.append(draw("title", {}, `${track.name}: ${name} ${seconds(this.times[from] / 1000)} – ${seconds(this.times[to] / 1000)}`));
    svg.append(band);
    if (end - x > 7 * name.length + 6) svg.append(draw("text", { x: x + 4, y: y + 11.5, class: "on", "pointer-events": "none" }, name));
  }

  drawLine(svg, track, height, look) {
    let path = "", on = false;
    for (const [frame, row] of track.rows) {
      const y = row.seen || !track.person ? height(row) : null;
      if (y === null) on = false;
      else {
        path += `${on ? "L" : "M"}${this.x(this.times[frame]).toFixed(1)} ${y.toFixed(1)}`;
        on = true;
      }
    }
    svg.append(draw("path", { d: path, fill: "none", ...look }));
  }

  drawEvents(svg, top, bottom) {
    let taken = -Infinity;
    for (const event of this.clip.events) {
      const x = this.x(1000 * event.t_s), loud = event.stage === "confirmed";
      const colour = style(event.false_alarm ? "--false_alarm" : loud ? "--lying" : "--soft");
      const mark = { suspected: "○", confirmed: "●", updated: "◐", cleared: "✓" }[event.stage];
      svg.append(draw("line", { x1: x, x2: x, y1: 16, y2: bottom, stroke: colour, "stroke-width": loud ? 2.5 : 1.2 }));
      const text = `${mark} ${words(event.kind)}`, width = 7 * text.length;
      const at = Math.min(Math.max(x - 4, 0), this.width - width);
      const label = draw("text", { x: at, y: 12, fill: colour }, at < taken ? mark : text);
      label.style.fill = colour;
      taken = Math.max(taken, at + (at < taken ? 12 : width));
      label.append(draw("title", {}, `${event.stage} ${event.kind} at ${seconds(event.t_s)}`));
      svg.append(label);
    }
  }
}

function dot(track) {
  const node = make("span", { class: "dot", "aria-hidden": "true" });
  node.style.background = colourOf(track);
  return node;
}

function describe(track, row) {
  const sure = `score ${(row.score / 100).toFixed(2)}`;
  if (!track.person) return `${track.name}: ${sure}`;
  if (!row.seen) return `${track.name}: not seen in this frame`;
  return `${track.name}: ${row.shown}, ${row.torso === null ? "" : `torso ${row.torso}°, `}${sure}`;
}

function legend() {
  const names = ["upright", "bending", "sitting", "lying", "unknown"];
  const postures = names.map((name) => make("span", {}, make("i", { class: `band ${name}` }), name));
  return make("div", { class: "legend" }, ...postures,
    make("span", {}, make("i", { class: "torso" }), "torso from vertical, 0° below to 180° above"),
    make("span", {}, make("i", { class: "score" }), "pose score, 0 to 1"),
    make("span", {}, "○ suspected  ● confirmed  ✓ cleared"));
}

/* The list of clips: sorted, filtered, unfolded one by one. */

const players = new Map();
const nodes = new Map();

function entry(clip, index) {
  const expected = clip.labels.map((label) => `${label.kind} at ${seconds(label.start_s)}`).join(", ");
  const said = clip.events.filter((event) => event.stage === "confirmed").map((event) => `${event.kind} at ${seconds(event.t_s)}`);
  const node = make("details", { class: "clip", id: `clip-${index}` }, make("summary", {},
    make("span", { class: `badge ${clip.verdict}` }, VERDICTS[clip.verdict]),
    make("span", { class: "name" }, clip.clip),
    make("span", { class: "soft" }, [clip.group, clip.view === "ceiling" ? "from above" : ""].filter(Boolean).join(", ")),
    make("span", { class: "soft" }, [DATA.labelled ? `expected: ${expected || "nothing"}` : "",
      `confirmed: ${said.join(", ") || "nothing"}`].filter(Boolean).join("; "))));
  node.addEventListener("toggle", () => {
    if (!node.open) return players.get(index)?.stop();
    if (!players.has(index)) {
      players.set(index, new Player(clip));
      node.append(players.get(index).node);
    }
    players.get(index).show();
  });
  return node;
}

const wantedVerdicts = new Set();

function arrange() {
  const order = Object.keys(VERDICTS), sort = document.getElementById("sort").value;
  const words = document.getElementById("find").value.trim().toLowerCase();
  const keys = {
    verdict: (a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict),
    name: (a, b) => a.clip.localeCompare(b.clip),
    group: (a, b) => a.group.localeCompare(b.group),
    given: () => 0,
  };
  const sorted = DATA.clips.map((clip, index) => [clip, index]).sort(([a, i], [b, j]) => keys[sort](a, b) || i - j);
  let shown = 0;
  for (const [clip, index] of sorted) {
    const node = nodes.get(index);
    node.hidden = (wantedVerdicts.size > 0 && !wantedVerdicts.has(clip.verdict))
      || !`${clip.clip} ${clip.group}`.toLowerCase().includes(words);
    shown += node.hidden ? 0 : 1;
    document.getElementById("clips").append(node);
  }
  document.getElementById("shown").value = `${shown} of ${DATA.clips.length} clips`;
  return sorted;
}

function filters() {
  for (const [verdict, name] of Object.entries(VERDICTS)) {
    const count = DATA.clips.filter((clip) => clip.verdict === verdict).length;
    if (!count) continue;
    const button = make("button", { type: "button", class: verdict, "aria-pressed": "false", onclick: () => {
      if (!wantedVerdicts.delete(verdict)) wantedVerdicts.add(verdict);
      button.setAttribute("aria-pressed", String(wantedVerdicts.has(verdict)));
      arrange();
    } }, `${name} ${count}`);
    document.getElementById("verdicts").append(button);
  }
  document.getElementById("sort").addEventListener("change", arrange);
  document.getElementById("find").addEventListener("input", arrange);
  document.getElementById("filters").addEventListener("submit", (event) => event.preventDefault());
}

function scores() {
  if (!DATA.rows.length) return;
  const headings = Object.keys(DATA.rows[0]);
  const cell = (tag, text, index) => make(tag, index > 1 ? { class: "number" } : {}, text);
  const rows = DATA.rows.map((row) => make("tr", {}, ...headings.map((key, index) => cell("td", row[key], index))));
  const head = headings.map((key, index) => cell("th", key, index));
  document.getElementById("scores").append(make("table", {}, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...rows)));
}

/* #3@6.5 opens the third clip at 6.5 s: a place to point at. */
function fromAddress() {
  const match = /^#(\d+)(?:@([\d.]+))?$/.exec(location.hash);
  if (!match || !nodes.has(Number(match[1]) - 1)) return false;
  const index = Number(match[1]) - 1, node = nodes.get(index);
  unfold(node, index);
  players.get(index).seek(1000 * Number(match[2] || 0));
  node.scrollIntoView();
  return true;
}

function unfold(node, index) {
  if (!players.has(index)) {
    players.set(index, new Player(DATA.clips[index]));
    node.append(players.get(index).node);
  }
  node.open = true;
  players.get(index).show();
}

function begin() {
  document.getElementById("title").textContent = DATA.title;
  document.getElementById("about").textContent = DATA.about;
  scores();
  DATA.clips.forEach((clip, index) => nodes.set(index, entry(clip, index)));
  filters();
  const sorted = arrange();
  if (!fromAddress() && sorted.length) unfold(nodes.get(sorted[0][1]), sorted[0][1]);
  window.addEventListener("hashchange", fromAddress);
  const again = () => nodes.forEach((node, index) => node.open && players.get(index)?.show());
  window.addEventListener("resize", again);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
}

begin();

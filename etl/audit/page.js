"use strict";
// Shows one pair after another and keeps the judgements. Whatever comes from the web or a model is set as text,
// never as markup.

const sample = JSON.parse(document.getElementById("data").textContent);
const STORE = `webscale-rl-audit-${sample.sample_id}`;
const $ = (id) => document.getElementById(id);
let state = { auditor: "", at: 0, judgements: {}, notes: {} };
let choosing = false; // a reason for a reject is being chosen

function load() {
  try {
    const kept = JSON.parse(localStorage.getItem(STORE) || "null");
    if (kept) state = { ...state, ...kept, at: Math.min(kept.at || 0, sample.pairs.length - 1) };
  } catch (error) {
    say("This browser keeps nothing: save the file before you close the tab.");
  }
}

function keep() {
  try {
    localStorage.setItem(STORE, JSON.stringify(state));
  } catch (error) {
    say("This browser keeps nothing: save the file before you close the tab.");
  }
}

function say(text, done = false) {
  $("notice").textContent = text;
  $("notice").hidden = !text;
  $("notice").classList.toggle("done", done);
}

function pair() {
  return sample.pairs[state.at];
}

function judgement() {
  return state.judgements[pair().qa_id];
}

function terms(list, entries) {
  list.replaceChildren();
  for (const [name, value] of entries) {
    if (value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length)) continue;
    const term = document.createElement("dt");
    const said = document.createElement("dd");
    term.textContent = name.replaceAll("_", " ");
    said.textContent = typeof value === "string" ? value : Array.isArray(value) && value.every((v) => typeof v === "string")
      ? value.join(" · ") : JSON.stringify(value);
    list.append(term, said);
  }
}

function link(url) {
  $("url").replaceChildren();
  let safe = false;
  try {
    safe = ["http:", "https:"].includes(new URL(url).protocol);
  } catch (error) {
    safe = false;
  }
  const shown = document.createElement(safe ? "a" : "span");
  if (safe) Object.assign(shown, { href: url, target: "_blank", rel: "noopener noreferrer" });
  shown.textContent = url || "no URL";
  $("url").append(shown);
}

function context(shown) {
  const mark = document.createElement("mark");
  mark.textContent = shown.evidence || "";
  $("context").replaceChildren(shown.cut_before ? "[…] " : "", shown.before, mark, shown.after, shown.cut_after ? " […]" : "");
  // at its own scroll bar only: the page itself stays where it is
  $("context").scrollTop = mark.offsetTop - $("context").offsetTop - $("context").clientHeight / 3;
}

function show() {
  const p = pair();
  const said = judgement();
  choosing = false;
  $("place").textContent = `${state.at + 1} / ${sample.pairs.length}`;
  terms($("failed"), p.failures.map((name) => [name, p.measured[name] || p.checks.reasoning || "failed"]));
  $("tags").textContent = `${p.domain} — for: ${p.persona}`;
  $("question").textContent = p.question;
  $("answer").textContent = p.unit ? `${p.answer} (${p.unit})` : p.answer;
  terms($("facts"), [
    ["also right", p.aliases], ["answer type", p.answer_type],
    [p.context.evidence ? "evidence" : "evidence, not in the document", p.evidence], ["source", p.source],
    ["pair", p.qa_id],
  ]);
  terms($("checks"), Object.entries(p.checks));
  $("title").textContent = p.title || "";
  link(p.url);
  context(p.context);
  $("note").value = state.notes[p.qa_id] || "";
  $("judged").textContent = said ? `judged: ${said.verdict}${said.reason ? ` (${said.reason})` : ""}` : "";
  for (const verdict of ["accept", "reject", "skip"]) $(verdict).setAttribute("aria-pressed", said?.verdict === verdict);
  reasons();
  progress();
}

function reasons() {
  $("reasons").hidden = !choosing;
  for (const button of $("reasons").children) button.setAttribute("aria-pressed", judgement()?.reason === button.value);
}

function progress() {
  const counts = { accept: 0, reject: 0, skip: 0 };
  for (const p of sample.pairs) if (state.judgements[p.qa_id]) counts[state.judgements[p.qa_id].verdict] += 1;
  const done = counts.accept + counts.reject + counts.skip;
  $("bar").max = sample.pairs.length;
  $("bar").value = done;
  $("counts").textContent = `${done} of ${sample.pairs.length} done: ${counts.accept} accepted, ${counts.reject} rejected, ${counts.skip} skipped`;
  if (done === sample.pairs.length) say("All done. Save the file, then, with the same --conf: webscale-rl audit load FILE", true);
}

function judge(verdict, reason = null) {
  state.judgements[pair().qa_id] = { verdict, reason, judged_at: new Date().toISOString() };
  const order = sample.pairs.map((_, i) => (state.at + 1 + i) % sample.pairs.length);
  state.at = order.find((i) => !state.judgements[sample.pairs[i].qa_id]) ?? state.at;
  keep();
  show();
}

function reject() {
  choosing = !choosing;
  reasons();
}

function go(step) {
  state.at = Math.min(Math.max(state.at + step, 0), sample.pairs.length - 1);
  keep();
  show();
}

function note() {
  state.notes[pair().qa_id] = $("note").value;
  if (judgement()) judgement().judged_at = new Date().toISOString();
  keep();
}

function save() {
  if (!state.auditor.trim()) {
    say("Your name first: judgements are kept by who made them.");
    $("auditor").focus();
    return;
  }
  say("");
  const { pairs, reasons: _, ...about } = sample;
  const judged = pairs.filter((p) => state.judgements[p.qa_id]);
  const judgements = judged.map(({ checks, context: shown, ...p }) => (
    { ...state.judgements[p.qa_id], note: (state.notes[p.qa_id] || "").trim() || null, pair: p }
  ));
  const file = JSON.stringify({ ...about, auditor: state.auditor.trim(), judgements }, null, 1);
  const anchor = document.createElement("a");
  anchor.href = URL.createObjectURL(new Blob([file], { type: "application/json" }));
  anchor.download = `audit-${sample.sample_id}-${state.auditor.trim().toLowerCase().replace(/[^a-z0-9]+/g, "-")}.json`;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), 60000);
  progress();
}

const KEYS = {
  a: () => judge("accept"), r: reject, s: () => judge("skip"), b: () => go(-1), n: () => go(1), w: save,
  arrowleft: () => go(-1), arrowright: () => go(1), e: () => $("note").focus(),
  escape: () => { choosing = false; reasons(); },
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target instanceof HTMLInputElement) {
    if (event.key === "Escape" || event.key === "Enter") event.target.blur();
    return;
  }
  const reason = choosing && sample.reasons[Number(event.key) - 1];
  const does = reason ? () => judge("reject", reason.name) : KEYS[event.key.toLowerCase()];
  if (!does) return;
  event.preventDefault();
  does();
});

for (const [i, reason] of sample.reasons.entries()) {
  const button = document.createElement("button");
  const key = document.createElement("kbd");
  key.textContent = i + 1;
  button.value = reason.name;
  button.append(key, ` ${reason.text}`);
  button.addEventListener("click", () => judge("reject", reason.name));
  $("reasons").append(button);
}
for (const [id, does] of Object.entries({ accept: KEYS.a, reject, skip: KEYS.s, back: KEYS.b, next: KEYS.n, save })) {
  $(id).addEventListener("click", (event) => { event.currentTarget.blur(); does(); });
}
$("auditor").addEventListener("input", () => { state.auditor = $("auditor").value; say(""); keep(); });
$("note").addEventListener("input", note);
// another tab with the same sample: take over what was judged there, stay where this one is
addEventListener("storage", (event) => { if (event.key === STORE) { const { at } = state; load(); state.at = at; show(); } });

load();
$("auditor").value = state.auditor;
document.title = `Audit of ${sample.pairs.length} ${sample.population} pairs`;
$("task").hidden = sample.population !== "rejected";
show();

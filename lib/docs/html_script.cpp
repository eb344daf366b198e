#include "docs/html_parts.h"

namespace dbtool::docs {

// What comes from the project is set as text, never as HTML.
const std::string_view html_script = R"js(
(() => {
  "use strict";
  const most = 60;
  const index = JSON.parse(document.getElementById("search-index").textContent)
    .map(([kind, name, hint, where]) => ({kind, name, hint, where, low: name.toLowerCase(), text: hint.toLowerCase()}));
  const order = ["table", "function", "column", "version", "release", "service"];
  const box = document.getElementById("search");
  const list = document.getElementById("results");
  let chosen = -1;

  // How well an entry fits: 0 is best; -1 is not at all. Every word must be found, the name counts before the rest.
  const fit = (entry, words) => {
    let worst = 0;
    for (const word of words) {
      const at = entry.low.indexOf(word);
      const last = entry.low.slice(entry.low.lastIndexOf(".") + 1);
      const rank = entry.low === word ? 0
        : last === word ? 1
        : at === 0 ? 2
        : at > 0 && /[^a-z0-9]/.test(entry.low[at - 1]) ? 3
        : at > 0 ? 4
        : entry.text.includes(word) ? 5
        : entry.kind === word ? 6 : -1;
      if (rank < 0) return -1;
      worst = Math.max(worst, rank);
    }
    return worst;
  };

  const find = (query) => {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length === 0) return [];
    return index.map((entry) => ({entry, rank: fit(entry, words)})).filter((one) => one.rank >= 0)
      .sort((a, b) => a.rank - b.rank || order.indexOf(a.entry.kind) - order.indexOf(b.entry.kind) ||
        a.entry.name.length - b.entry.name.length || (a.entry.name < b.entry.name ? -1 : 1))
      .map((one) => one.entry);
  };

  const piece = (name, text) => {
    const span = document.createElement("span");
    span.className = name;
    // A long name breaks behind an underscore or a dot rather than anywhere.
    if (name === "found") for (const part of text.match(/[^_.]*[_.]?/g)) span.append(part, document.createElement("wbr"));
    else span.textContent = text;
    return span;
  };

  const line = (entry, number) => {
    const item = document.createElement("li");
    item.id = "result-" + number;
    item.setAttribute("role", "option");
    const link = document.createElement("a");
    link.href = "#" + entry.where;
    link.tabIndex = -1;
    link.append(piece("kind", entry.kind), piece("found", entry.name), piece("hint", entry.hint));
    item.append(link);
    return item;
  };

  const close = () => {
    list.hidden = true;
    chosen = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };

  const choose = (number) => {
    const items = list.querySelectorAll("[role=option]");
    if (items.length === 0) return;
    chosen = (number + items.length) % items.length;
    items.forEach((item, at) => item.setAttribute("aria-selected", String(at === chosen)));
    items[chosen].scrollIntoView({block: "nearest"});
    box.setAttribute("aria-activedescendant", items[chosen].id);
  };

  const search = () => {
    if (box.value.trim() === "") return close();
    const found = find(box.value);
    list.replaceChildren(...found.slice(0, most).map(line));
    if (found.length === 0) list.append(Object.assign(document.createElement("li"), {className: "none", textContent: "nothing found"}));
    if (found.length > most) list.append(Object.assign(document.createElement("li"), {className: "none", textContent: `and ${found.length - most} more`}));
    list.hidden = false;
    list.scrollTop = 0;
    box.setAttribute("aria-expanded", "true");
    choose(0);
  };

  // The bar at the top is as high as it must be; what is shown belongs below it.
  const settle = () => {
    document.documentElement.style.scrollPaddingTop = document.querySelector("header").offsetHeight + 10 + "px";
  };

  const reveal = () => {
    let id = location.hash.slice(1);
    try { id = decodeURIComponent(id); } catch { /* a stray % is itself */ }
    const target = id === "" ? null : document.getElementById(id);
    document.querySelectorAll(".here").forEach((one) => one.classList.remove("here"));
    if (target === null) return;
    for (let node = target; node !== null; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
    if (/^(DETAILS|TR)$/.test(target.tagName)) target.classList.add("here");
    target.scrollIntoView({block: target.tagName === "TR" ? "center" : "start"});
  };

  box.addEventListener("input", search);
  box.addEventListener("focus", search);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { box.value = ""; close(); box.blur(); return; }
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(chosen + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      list.querySelectorAll("a")[chosen].click();
      box.blur();
    }
  });
  document.addEventListener("keydown", (event) => {
    const writing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (event.key !== "/" || writing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (!box.parentElement.contains(event.target) || link !== null) close();
    // A link to where the page is already changes no hash.
    if (link !== null && link.getAttribute("href") === location.hash) reveal();
  });
  window.addEventListener("hashchange", reveal);
  window.addEventListener("resize", settle);
  settle();
  reveal();
})();
)js";

}  // namespace dbtool::docs

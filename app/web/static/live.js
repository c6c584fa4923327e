"use strict";
// Asks every two seconds what is new of this run, and adds it; when the state has changed the page is loaded again.
const page = document.querySelector("main");
const log = document.getElementById("log");
let after = page.dataset.after;

function add(section) {
  const last = log.lastElementChild;
  if (last && last.querySelector("summary").textContent === (section.name || "output")) {
    last.querySelector("pre").append(section.text);
    return;
  }
  const block = document.createElement("details");
  block.open = true;
  block.append(document.createElement("summary"), document.createElement("pre"));
  block.firstChild.textContent = section.name || "output";
  block.lastChild.textContent = section.text;
  log.append(block);
}

async function poll() {
  try {
    const answer = await fetch(`${page.dataset.live}?after=${after}`);
    if (answer.ok) {
      const news = await answer.json();
      after = news.after;
      news.sections.forEach(add);
      document.getElementById("empty")?.toggleAttribute("hidden", log.childElementCount > 0);
      if (news.status !== page.dataset.status) {
        location.reload();
        return;
      }
      if (!news.live) return;
    }
  } catch (problem) {
    console.info("gateline: not reachable, asking again", problem);
  }
  setTimeout(poll, 2000);
}

setTimeout(poll, 2000);

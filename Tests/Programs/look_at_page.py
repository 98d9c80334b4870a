#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Opens a page in headless Chromium, on a wide screen and on a phone, light and dark, and says what is wrong with it.

    look_at_page.py PAGE WHEEL [FOLDER]

WHEEL is a Python package that holds axe.min.js, the accessibility checks. With FOLDER, pictures go there. A line for each thing that
is wrong begins with "problem:"; the lines after them are figures. Exits with 1 if there is a problem.
"""

import base64
import pathlib
import sys
import zipfile

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

SCREENS = {"wide": (1280, 900), "phone": (390, 844)}

# What no tool for accessibility looks at: the drawings, and whether anything sticks out of the page.
LOOK = """
const problems = [], width = document.documentElement.clientWidth;
if (document.scripts.length) problems.push('a script');
for (const entry of performance.getEntriesByType('resource')) problems.push('loads ' + entry.name);
if (document.documentElement.scrollWidth > width) problems.push('wider than the screen: ' + document.documentElement.scrollWidth);
for (const element of document.querySelectorAll('main *'))
  if (element.getBoundingClientRect().right > width + 1 && !element.closest('.scroll')) problems.push('sticks out: ' + element.outerHTML.slice(0, 80));
const ids = new Set();
for (const element of document.querySelectorAll('[id]')) {
  if (ids.has(element.id)) problems.push('twice: #' + element.id);
  ids.add(element.id);
}
for (const link of document.querySelectorAll('a'))
  if (!ids.has(decodeURIComponent(link.hash.slice(1)))) problems.push('leads nowhere: ' + link.href);
let level = 0;
for (const heading of document.querySelectorAll('h1, h2, h3, h4, h5, h6')) {
  const next = Number(heading.tagName[1]);
  if (next > level + 1) problems.push('a level of headings is left out before ' + heading.textContent);
  level = next;
}

const color = text => text.match(/[0-9.]+/g).map(Number);
const light = rgb => rgb.slice(0, 3).map(c => c / 255).map(c => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
  .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
const behind = element => {
  for (; element; element = element.parentElement) {
    const rgb = color(getComputedStyle(element).backgroundColor);
    if (rgb.length < 4 || rgb[3] > 0) return rgb;
  }
  return [255, 255, 255];
};
const contrast = (a, b) => {
  const [bright, dark] = [light(a), light(b)].sort((x, y) => y - x);
  return (bright + .05) / (dark + .05);
};
let lowest = 21, smallest = 99, texts = 0, pieces = 0;
// axe leaves to people what it is not sure of, such as a single ✓.
for (const element of document.querySelectorAll('body *:not(svg *, .skip)')) {
  if (![...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()) || !element.getClientRects().length) continue;
  const got = contrast(color(getComputedStyle(element).color), behind(element));
  pieces += 1;
  lowest = Math.min(lowest, got);
  if (got < 4.5) problems.push('too little contrast, ' + got.toFixed(2) + ': ' + element.outerHTML.slice(0, 80));
}
for (const svg of document.querySelectorAll('svg')) {
  const box = svg.getBoundingClientRect(), words = [...svg.querySelectorAll('text')];
  texts += words.length;
  const boxes = words.map(text => text.getBoundingClientRect());
  words.forEach((text, i) => {
    const a = boxes[i], ground = text.classList.contains('node') ? color(getComputedStyle(text.previousElementSibling).fill) : behind(svg);
    const got = contrast(color(getComputedStyle(text).fill), ground);
    lowest = Math.min(lowest, got);
    if (got < 4.5) problems.push('too little contrast in a drawing, ' + got.toFixed(2) + ': ' + text.textContent);
    smallest = Math.min(smallest, parseFloat(getComputedStyle(text).fontSize) * box.width / svg.viewBox.baseVal.width);
    if (a.left < box.left || a.right > box.right || a.top < box.top || a.bottom > box.bottom)
      problems.push('outside of its drawing: ' + text.textContent);
    const cover = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3;
    for (let j = 0; j < i; j++) if (cover(a, boxes[j])) problems.push('covers ' + words[j].textContent + ': ' + text.textContent);
    if (!text.classList.contains('node'))
      for (const node of svg.querySelectorAll('rect'))
        if (cover(a, node.getBoundingClientRect())) problems.push('covers a phase: ' + text.textContent);
  });
}
return {problems, figures: {
  headings: document.querySelectorAll('h1, h2, h3, h4').length, landmarks: document.querySelectorAll('header, nav, main, footer').length,
  tables: document.querySelectorAll('table').length, drawings: document.querySelectorAll('svg').length, 'words in them': texts, 'pieces of text': pieces,
  anchors: ids.size, links: document.querySelectorAll('a').length, 'lowest contrast': lowest.toFixed(2),
  'px smallest text of a drawing': smallest.toFixed(1), 'px high': document.documentElement.scrollHeight}};
"""

AXE = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ['violations', 'incomplete']}).then(result => done({
  passes: result.passes.length,
  incomplete: result.incomplete.map(rule => rule.id),
  violations: result.violations.map(rule => rule.id + ' (' + rule.impact + '), ' + rule.nodes.length + ' times: ' + rule.nodes[0].html.slice(0, 120))}));
"""


def main(page, wheel, folder=None):
    with zipfile.ZipFile(wheel) as package:
        axe = package.read(next(name for name in package.namelist() if name.endswith("axe.min.js"))).decode()
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    # Without a sandbox, since root has none, and CI is root.
    for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    address = pathlib.Path(page).resolve().as_uri()
    problems = []
    try:
        browser.set_script_timeout(300)
        for screen, (width, height) in SCREENS.items():
            for scheme in ["light", "dark"]:
                name = f"{screen}, {scheme}"
                metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": screen == "phone"}
                browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
                features = [{"name": "prefers-color-scheme", "value": scheme}]
                browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
                browser.get("about:blank")
                browser.get(address)
                looked = browser.execute_script(LOOK)
                problems += [f"{name}: {problem}" for problem in looked["problems"]]
                if folder:
                    shot = browser.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
                    pathlib.Path(folder, f"{screen}-{scheme}.png").write_bytes(base64.b64decode(shot["data"]))
                browser.execute_script(axe)
                found = browser.execute_async_script(AXE)
                problems += [f"{name}: axe: {violation}" for violation in found["violations"]]
                problems += [f"{name}: console: {entry['message']}" for entry in browser.get_log("browser")]
                figures = ", ".join(f"{value} {key}" for key, value in looked["figures"].items())
                print(f"{name}: {figures}; axe: {found['passes']} rules passed, {len(found['violations'])} violated,",
                      f"left to people: {', '.join(found['incomplete']) or 'none'}")
            # A link that somebody was sent leads to the rule.
            browser.get("about:blank")
            browser.get(address + "#not-a-pair")
            top = browser.execute_script("return document.querySelector(':target')?.getBoundingClientRect().top ?? -1")
            if not 0 <= top < height:
                problems.append(f"{screen}: #not-a-pair is not in sight: {top}")
    finally:
        browser.quit()
    for problem in problems:
        print(f"problem: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

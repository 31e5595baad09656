"""The site in headless Chromium, read through the file system: what scripts do there, and that nothing is asked for.

A page is opened as it is: whatever it asked for beside its own style and scripts its policy would refuse, and the
console would say so. Then a copy of it is opened with a probe that uses the controls as a reader does and writes what
it saw into the document, which ``--dump-dom`` prints.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from symnorm.report import verification
from symnorm.report.site import build

pytestmark = pytest.mark.browser

PROBE = """
<script>
const seen = {};
addEventListener("error", (event) => { seen.error = String(event.message || event.target); }, true);
addEventListener("securitypolicyviolation", (event) => { seen.violation = event.violatedDirective; });
</script>
"""
REPORT = """
<script>
addEventListener("load", () => {
  const list = () => [...document.querySelectorAll("#list > li")].filter((row) => !row.hidden).length;
  const form = document.getElementById("filters");
  if (form) {
    seen.all = list();
    form.elements.words.value = "NORM_eq"; form.dispatchEvent(new Event("input", { bubbles: true }));
    seen.found = list(); seen.count = document.getElementById("count").value;
    form.elements.words.value = ""; form.elements.verdict.value = "refuted";
    form.dispatchEvent(new Event("input", { bubbles: true }));
    seen.refuted = list();
  }
  const root = document.documentElement, button = document.getElementById("theme");
  const ground = () => getComputedStyle(document.body).backgroundColor;
  seen.hidden = button.hidden; seen.first = ground(); button.click(); seen.theme = root.dataset.theme;
  seen.second = ground(); button.click(); seen.third = ground();
  seen.overflow = root.scrollWidth - root.clientWidth;
  seen.copies = [...document.querySelectorAll("button.copy")].filter((one) => !one.hidden).length;
  const fraction = document.querySelector("math mfrac");
  seen.fraction = fraction ? fraction.getBoundingClientRect().height : 0;
  const told = document.createElement("pre"); told.id = "seen"; told.textContent = JSON.stringify(seen);
  document.body.append(told);
});
</script>
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("browser") / "site"
    build.build(verification.select(["weight_norm"]), str(target))
    return target


def opened(file: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The document after its scripts on standard output, the console on standard error."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    shared = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0", *options]
    shared += ["--host-resolver-rules=MAP * ~NOTFOUND", "--dump-dom", file.as_uri()]
    return subprocess.run(shared, capture_output=True, text=True, timeout=300, check=True)


def visit(site: Path, page: str, *options: str) -> Any:
    """What the probe saw on a page, and what the browser wrote to its console.

    The probe is put into a copy without the page's own policy, which would not let it run; the policy itself is seen
    at work by the console of the page as it is.
    """
    text = (site / page).read_text(encoding="utf-8")
    probed = re.sub(r"<meta http-equiv=.Content-Security-Policy.*?>", PROBE, text, count=1)
    assert probed != text
    copy = site / page.replace(".html", ".probe.html")
    copy.write_text(probed.replace("</body>", f"{REPORT}</body>"), encoding="utf-8")
    try:
        plain, found = opened(site / page, *options), opened(copy, *options)
    finally:
        copy.unlink()
    for ran in (plain, found):
        assert "CONSOLE" not in ran.stderr, ran.stderr
    assert 'id="theme"' in plain.stdout and 'id="theme" hidden' not in plain.stdout  # the policy lets the script run
    match = re.search(r'<pre id="seen">(.*?)</pre>', found.stdout, re.DOTALL)
    assert match, found.stdout[-500:]
    seen = json.loads(match[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    assert "error" not in seen and "violation" not in seen
    return seen


def test_the_index_filters(site: Path) -> None:
    seen = visit(site, "index.html", "--window-size=1000,800")
    text = (site / "index.html").read_text(encoding="utf-8")
    assert seen["all"] == text.count("<li data-normalizer") > 10
    assert 1 <= seen["found"] < seen["all"] and seen["count"] == f"{seen['found']} of {seen['all']}"
    assert seen["refuted"] == text.count('data-verdict="refuted"') < seen["all"]


@pytest.mark.parametrize("page", ["normalizers/weight_norm.html", "claims/weight_norm.norm_eq_g.html", "index.html"])
def test_a_phone_and_the_dark(site: Path, page: str) -> None:
    seen = visit(site, page, "--window-size=500,900", "--blink-settings=preferredColorScheme=0")
    assert seen["overflow"] <= 0 and not seen["hidden"]
    assert seen["first"] == seen["third"] != seen["second"] and seen["theme"] == "light"
    if page.startswith("normalizers"):
        assert seen["copies"] >= 2 and seen["fraction"] > 20


def test_a_request_that_leaves_the_page_would_be_seen(site: Path) -> None:
    planted = site / "planted.html"
    text = (site / "index.html").read_text(encoding="utf-8")
    for leak in ('<img src="https://example.org/x.png">', '<script src="https://example.org/x.js"></script>'):
        planted.write_text(text.replace("</main>", f"{leak}</main>"), encoding="utf-8")
        assert "Content Security Policy" in opened(planted).stderr
    planted.unlink()

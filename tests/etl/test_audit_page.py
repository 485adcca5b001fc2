"""The audit page in a real browser: hostile text stays text, keys judge, nothing is lost, the saved file loads."""

import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from etl.audit import load, page
from etl.audit.sample import FORMAT
from udfs.keys import key, qa_id

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
MISSING = "no browser: `apt-get install chromium chromium-driver` (CI does, and sets NEED_BROWSER)"

OWN = "window.owned = 1"
HOSTILE = (
    f"</script><script>{OWN}</script>",
    f"<!--<script>{OWN}//",
    f"<img src=x onerror='{OWN}'>",
    f'"><svg onload="{OWN}">',
    "{data} {script} {style_hash} ${sample}",
    f"\\u003cscript\\u003e{OWN}\u2028</SCRIPT >",
    f"&lt;script&gt;{OWN}&lt;/script&gt; ]]> '; {OWN}; '",
    "\u202egnp.exe\u202c \u200f(right to left)",
)


def pair(number: int, text: str = "A plain text", url: str | None = "https://example.org/a?b=1&c=2") -> dict[str, Any]:
    document, question = key("doc", str(number)), f"What is {number}? {text}"
    return {
        "qa_id": qa_id(document, question, text), "domain": text, "persona": text, "question": question,
        "answer": text, "aliases": [text, "__proto__"], "answer_type": "phrase", "unit": None, "evidence": text,
        "doc_id": document, "content_hash": key("text", str(number)), "title": text, "url": url, "source": "web",
        "prompts": {"generate": "generate@1"}, "models": {"generate": "m"}, "run_id": "r",
        "failures": ["leak", "check_incorrect"], "measured": {"leak": text}, "stratum": text,
        "stratum_size": 10, "weight": 2.5, "checks": {"reasoning": text, "has_context": True},
        "context": {
            "before": f"{text}\n" * 200, "evidence": text, "after": text, "cut_before": True, "cut_after": False,
        },
    }  # fmt: skip


def sample(*pairs: dict[str, Any]) -> dict[str, Any]:
    ids = [p["qa_id"] for p in pairs]
    about = {"format": FORMAT, "sample_id": key(*ids)[:16], "population": "rejected", "by": "domain", "seed": "s",
             "warehouse": "/w"}  # fmt: skip
    return {**about, "made_at": "2025-01-01T00:00:00+00:00", "pairs": list(pairs)}


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def browser(downloads: Path) -> Iterator[Any]:
    """A real Chromium without a window."""
    if not CHROMIUM or not DRIVER:
        if os.environ.get("NEED_BROWSER"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1400,900"):
        options.add_argument(argument)
    options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


class Page:
    """A page as a person at the keyboard has it."""

    def __init__(self, browser: Any, folder: Path, shown: dict[str, Any]) -> None:
        self.browser, self.path = browser, folder / "audit.html"
        page.write(shown, str(self.path))
        self.open()

    def open(self) -> None:
        self.browser.get(self.path.as_uri())

    def press(self, *keys: str) -> None:
        for name in keys:
            self.browser.find_element("tag name", "body").send_keys(name)

    def type(self, field: str, text: str) -> None:
        self.browser.find_element("id", field).send_keys(text)

    def text(self, field: str) -> str:
        return str(self.browser.execute_script(f"return document.getElementById('{field}').textContent"))

    def run(self, script: str) -> Any:
        return self.browser.execute_script(script)


def test_crawled_text_stays_text(browser: Any, tmp_path: Path) -> None:
    urls = (f"javascript:{OWN}", f"data:text/html,<script>{OWN}</script>", "https://example.org/'\"><script>", None)
    hostile = [pair(i, text, urls[i % len(urls)]) for i, text in enumerate(HOSTILE)]
    shown = Page(browser, tmp_path, sample(*hostile))
    scripts = shown.run("return document.scripts.length")
    for expected in hostile:
        assert shown.text("question") == expected["question"]
        assert shown.text("answer") == expected["answer"]
        failed = shown.run("return [...document.querySelectorAll('#failed > *')].map((e) => e.textContent)")
        assert failed == ["leak", expected["answer"], "check incorrect", expected["checks"]["reasoning"]]
        assert expected["context"]["evidence"] == shown.run("return document.querySelector('mark').textContent")
        assert shown.text("context") == f"[…] {expected['context']['before']}{expected['answer']}{expected['answer']}"
        assert shown.text("url") == (expected["url"] or "no URL")
        links = shown.run("return [...document.links].map((a) => a.protocol)")
        assert links == (["https:"] if (expected["url"] or "").startswith("https:") else [])
        assert shown.run("return document.querySelectorAll('img, svg, iframe, object').length") == 0
        shown.press("n")
    assert shown.run("return document.title") == f"Audit of {len(HOSTILE)} rejected pairs"
    assert shown.run("return [document.scripts.length, window.owned]") == [scripts, None]
    assert shown.run("return performance.getEntriesByType('resource').length") == 0
    assert browser.get_log("browser") == []


def test_the_policy_stops_what_would_get_into_the_page(browser: Any, tmp_path: Path) -> None:
    shown = Page(browser, tmp_path, sample(pair(0)))
    shown.run(
        f"const s = document.createElement('script'); s.textContent = '{OWN}'; document.body.append(s);"
        f"document.body.insertAdjacentHTML('beforeend', \"<img src='http://127.0.0.1:9/x' onerror='{OWN}'>\");"
    )
    refused: list[str] = []  # the log gives each message once
    until = time.monotonic() + 10
    while len(refused) < 3 and time.monotonic() < until:
        time.sleep(0.1)
        refused += [entry["message"] for entry in browser.get_log("browser")]
    assert shown.run("return window.owned") is None
    assert len(refused) == 3  # the script, the image, its handler
    assert all("Content Security Policy" in message for message in refused)


def test_keys_judge_and_a_closed_tab_loses_nothing(browser: Any, tmp_path: Path, downloads: Path) -> None:
    drawn = sample(*[pair(i) for i in range(5)])
    shown = Page(browser, tmp_path, drawn)
    assert shown.text("place") == "1 / 5"
    assert shown.run("return document.getElementById('task').checkVisibility()")
    assert shown.run("const m = document.querySelector('mark').getBoundingClientRect(), c = document.getElementById("
                     "'context').getBoundingClientRect(); return m.top >= c.top && m.bottom <= c.bottom")  # fmt: skip
    shown.press("1")  # a digit means nothing until a reject was begun
    assert shown.text("place") == "1 / 5"
    shown.press("a")
    shown.press("e")
    shown.type("note", "the year is wrong, as it says s r a\ue007")  # ends with Enter; its letters are no commands
    shown.press("r", "1")
    shown.press("r", "\ue00c", "1", "s")  # taken back, then skipped
    shown.press("b", "b", "b", "r", "5", "b")  # the first is judged anew: rejected as a leak
    assert shown.text("place") == "3 / 5"
    shown.press("n", "a")
    counts = "4 of 5 done: 1 accepted, 2 rejected, 1 skipped"
    assert shown.text("counts") == counts

    shown.press("w")  # who judges must be said first
    assert "name" in shown.text("notice")
    shown.type("auditor", "Ada L.")
    kept = browser.current_window_handle
    browser.switch_to.new_window("tab")
    opened = browser.current_window_handle
    browser.switch_to.window(kept)
    browser.close()
    browser.switch_to.window(opened)
    shown.open()
    assert (shown.text("counts"), shown.text("place")) == (counts, "5 / 5")
    shown.press("a")
    assert "audit load" in shown.text("notice")
    shown.press("w")
    file = downloads / f"audit-{drawn['sample_id']}-ada-l-.json"
    _wait_for(file)

    saved = load.read(str(file))
    assert (saved.auditor, saved.sample_id, saved.by) == ("Ada L.", drawn["sample_id"], "domain")
    assert saved.population == "rejected"
    said = [(j.verdict, j.reason, j.note) for j in saved.judgements]
    note = "the year is wrong, as it says s r a"
    assert said == [("reject", "leak", None), ("reject", "wrong_answer", note), ("skip", None, None),
                    ("accept", None, None), ("accept", None, None)]  # fmt: skip
    judged = [j.pair.model_dump() for j in saved.judgements]
    assert judged == [{k: v for k, v in p.items() if k not in ("checks", "context")} for p in drawn["pairs"]]


def _wait_for(file: Path) -> None:
    for _ in range(100):
        if file.exists() and file.stat().st_size:
            return
        time.sleep(0.1)
    pytest.fail(f"nothing was downloaded to {file}")


def test_the_data_cannot_end_its_block() -> None:
    html = page.render(sample(*[pair(i, text) for i, text in enumerate(HOSTILE)]))
    block = html.split('<script type="application/json" id="data">')[1].split("</script>")[0]
    assert not set("<>&\u2028") & set(block)
    assert [p["answer"] for p in json.loads(block)["pairs"]] == list(HOSTILE)
    assert html.count("<script") == 2

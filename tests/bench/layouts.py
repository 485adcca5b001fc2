"""Tokens that a real vLLM server reads anew per document, by the order inside the messages.

`python -m tests.bench.layouts NAME` beside a server (tests/vllm/README.md says how to start it) adds a row of figures
per layout to layouts.json. Between the pipeline's calls and the server stands a proxy: the server reads every prompt
and counts its tokens, but what the pipeline hears is a right answer, so that every document reaches every stage.
"""

import argparse
import asyncio
import json
import random
import re
import tempfile
import threading
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from etl.configfile import load
from etl.lease import Lease
from etl.prompts import load_prompt
from etl.specs import call_specs, load_prompts
from tests.endpoint.answers import DOMAINS, right_answer, stable_hash
from tests.endpoint.fields import fenced_fields, stage_of, user_text
from udfs.follow import Passage
from udfs.messages import headed
from udfs.passages import passages
from udfs.runner import Run, run_tasks
from udfs.spec import CallSpec
from udfs.stages import logic
from udfs.tasks import calls

SAMPLE = Path(__file__).parents[2] / "etl" / "sample" / "documents.jsonl"
STAGES = ("qualify", "classify", "generate", "check")
ORDERS = ("document_first", "rules_first", "rules_first, generate@2", "reference, 6 examples", "reference, 2 examples")
RESULTS = Path(__file__).parent / "layouts.json"


def documents(count: int, most: int) -> list[tuple[str, str]]:
    """Return title and text of documents of up to so many tokens, cut from the sample's articles."""
    made = []
    for line in SAMPLE.read_text("utf-8").splitlines():
        whole = json.loads(line)
        made += [(whole["title"], p.text) for p in passages(whole["text"], most) if len(p.text) > 1000]
    random.Random(0).shuffle(made)
    return made[:count]


def answer(stage: str, fields: Mapping[str, str]) -> dict[str, Any]:
    """Return an answer that leads on: all qualify, for three readers each, and all checks pass."""
    passage = fields.get("passage", "")
    if stage == "qualify":
        return {"reasoning": "It has facts.", "qualified": True, "reason": "informative"}
    if stage == "classify":
        personas = [f"a {who} who reads about {fields.get('title')}" for who in ("pupil", "nurse", "historian")]
        return {"domain": DOMAINS[stable_hash(passage) % len(DOMAINS)], "personas": personas}
    if stage == "check":
        return {"reasoning": "It does.", "has_context": True, "answer_correct": True, "leaks_answer": False}
    return right_answer(stage, fields)


class Proxy:
    """Sends each prompt to the server for eight tokens; answers with its counts and an answer of ours."""

    def __init__(self, url: str, model: str) -> None:
        self.url, self.model, self.salt = url, model, ""
        self.seen: list[tuple[str, list[dict[str, str]], dict[str, Any]]] = []
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.address = asyncio.run_coroutine_threadsafe(self._start(), self.loop).result()

    async def _start(self) -> str:
        self.session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(600))
        app = web.Application(client_max_size=2**24)
        app.router.add_post("/v1/chat/completions", self._complete)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}/v1"

    async def _complete(self, request: web.Request) -> web.Response:
        body = await request.json()
        stage = stage_of(body)
        usage = await self.read(stage, body["messages"])
        said = json.dumps(answer(stage, fenced_fields(user_text(body))))
        choice = {"index": 0, "message": {"role": "assistant", "content": said}, "finish_reason": "stop"}
        return web.json_response({"id": "x", "object": "chat.completion", "choices": [choice], "usage": usage})

    async def read(self, stage: str, messages: list[dict[str, str]]) -> dict[str, Any]:
        """Let the server read a prompt; return the tokens it counts."""
        asked = {"model": self.model, "messages": messages, "max_tokens": 8, "temperature": 0, "cache_salt": self.salt}
        async with self.session.post(f"{self.url}/chat/completions", json=asked) as came:
            came.raise_for_status()
            usage = (await came.json())["usage"]
        self.seen.append((stage, messages, usage))
        return usage

    def read_all(self, prompts: Sequence[tuple[str, list[dict[str, str]]]], window: int) -> None:
        """Let the server read prompts, so many at once."""

        async def together() -> None:
            slots = asyncio.Semaphore(window)

            async def one(stage: str, messages: list[dict[str, str]]) -> None:
                async with slots:
                    await self.read(stage, messages)

            await asyncio.gather(*(one(*p) for p in prompts))

        asyncio.run_coroutine_threadsafe(together(), self.loop).result()

    def prefilled(self) -> int:
        """Return the tokens that the server's own counters say it has read anew."""
        with urllib.request.urlopen(self.url.removesuffix("/v1") + "/metrics", timeout=30) as page:
            text = page.read().decode()
        queries, hits = (
            sum(float(v) for v in re.findall(rf"^vllm:prefix_cache_{n}_total{{.*}} (\S+)$", text, re.M))
            for n in ("queries", "hits")
        )
        return int(queries - hits)


def specs(layout: str, generate: str, url: str, window: int) -> list[CallSpec]:
    """Return the four stages on one engine, generate with a prompt of this name."""
    engine = f"{{type='openai', base_url='{url}', model='tiny', max_in_flight={window}, layout='{layout}'}}"
    sets = [f"engines.default={engine}", "engines.default.timeout_s=600", f"stages.generate.prompt='{generate}'"]
    config = load(None, sets)
    made = call_specs(config, load_prompts(config), b"bench")
    return [made[s] for s in STAGES]


def ours(proxy: Proxy, made: Sequence[CallSpec], texts: Sequence[tuple[str, str]]) -> None:
    """Follow every document through all stages, as a worker does."""
    some = []
    for i, (title, text) in enumerate(texts):
        row = {
            "doc_id": f"d{i}", "content_hash": f"c{i}", "title": title, "part": 0, "parts": 1, "passage": text,
            "start": 0, "persona": None,
        }  # fmt: skip
        some.append(Passage([row], frozenset(t.call_key for t in calls(logic(STAGES[0]), made[0], row))))
    with tempfile.TemporaryDirectory() as folder, Lease(folder, "bench") as lease:
        run = Run("bench", f"{folder}/journal", f"{folder}/progress", lease.location, lease.holder, 1, None, 1.0)
        outcome = run_tasks(made, run, 0, 0, iter(some))
    assert outcome["called"] == len(texts), outcome


def reference(seen: Sequence[tuple[str, list[dict[str, str]], Any]], drawn: int) -> list[tuple[str, list[Any]]]:
    """Return the same calls in the reference's order: stage by stage, and in each the rules, examples drawn anew for
    the call, then the document and the rest.
    """
    chance, made = random.Random(1), []
    for stage in STAGES:
        prompt = load_prompt(stage, f"{stage}@1")
        rules = headed(stage, prompt.template)
        for _, [system, user] in [(s, m) for s, m, _ in seen if s == stage]:
            document, _, rest = user["content"].partition(rules)
            examples = next((e for e in prompt.few_shots.values() if e in rest), "")
            rest = rest.replace(examples, "") if examples else rest
            head, *each = re.split(r"\n\n(?=Passage: )", examples)
            shown = "\n\n".join([head, *chance.sample(each, min(drawn, len(each)))])
            content = "\n\n".join(b.strip() for b in (rules, shown, document, rest) if b.strip())
            made.append((stage, [system, {"role": "user", "content": content}]))
    return made


def measured(proxy: Proxy, count: int, before: int) -> dict[str, Any]:
    """Return the figures of what the proxy saw, per document."""
    stages = {
        s: round(sum(_anew(u) for t, _, u in proxy.seen if t == s) / count) for s in STAGES
    }  # fmt: skip
    return {
        "calls": len(proxy.seen), "sent": round(sum(u["prompt_tokens"] for *_, u in proxy.seen) / count),
        "prefilled": round(sum(_anew(u) for *_, u in proxy.seen) / count),
        "by_counters": round((proxy.prefilled() - before) / count), "stages": stages,
    }  # fmt: skip


def _anew(usage: Mapping[str, Any]) -> int:
    return int(usage["prompt_tokens"] - usage["prompt_tokens_details"]["cached_tokens"])


def main() -> None:
    """Run all orders against one server, and add the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", help="what the server is started with, for example: large cache")
    parser.add_argument("--url", default="http://127.0.0.1:8101/v1")
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--documents", type=int, default=100)
    parser.add_argument("--window", type=int, default=8)
    options = parser.parse_args()
    proxy, texts = Proxy(options.url, options.model), documents(options.documents, 1500)
    count, found, kept = len(texts), {}, []
    for order in ORDERS:
        proxy.salt, proxy.seen, before = str(random.random()), [], proxy.prefilled()
        if order.startswith("reference"):
            proxy.read_all(reference(kept, int(order.split()[1])), options.window)
        else:
            layout, _, prompt = order.partition(", ")
            ours(proxy, specs(layout, prompt or "generate@1", proxy.address, options.window), texts)
            kept = kept or proxy.seen
        found[order] = measured(proxy, count, before)
        print(options.name, order, json.dumps(found[order]))
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    known[f"{options.name}, {options.window} in flight"] = {"documents": count, **found}
    RESULTS.write_text(json.dumps(known, indent=2) + "\n")


if __name__ == "__main__":
    main()

"""From configuration and prompt files to the constant part of each stage's calls."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from etl.config import Config
from etl.config.engines import Engine, VLLMEngine
from etl.errors import ConfigError
from etl.prompts import Prompt, load_prompt, shipped_names
from etl.stages import ordered
from etl.tables import Warehouse
from udfs.keys import canonical_json
from udfs.messages import headed
from udfs.spec import CallSpec, EngineSpec, Price
from udfs.stages import logic


def load_prompts(config: Config) -> dict[str, Prompt]:
    """Read the prompt of every stage that is on."""
    return {s.name: load_prompt(s.name, config.stage(s.name).prompt) for s in ordered() if s.name in config.stage_names}


def call_specs(config: Config, prompts: dict[str, Prompt], secret: bytes = b"") -> dict[str, CallSpec]:
    """Return the `CallSpec` of every stage that is on. One that asks for free text shares no rules with the others."""
    sharing = [name for name in prompts if logic(name).answer.closing]
    rules = tuple(headed(name, prompts[name].template) for name in sharing)
    return {
        name: replace(_spec(config, name, prompt, secret), all_rules=rules if name in sharing else ())
        for name, prompt in prompts.items()
    }


def _spec(config: Config, name: str, prompt: Prompt, secret: bytes) -> CallSpec:
    stage = config.stage(name)
    first, later = (None if t == "default" else t for t in (stage.temperature, stage.later_temperature))
    return CallSpec(
        stage=name, prompt=prompt.name, prompt_sha=prompt.sha, system=prompt.system, template=prompt.template,
        few_shots=prompt.few_shots, engine=engine_spec(config.engine_of(name)), temperature=first,
        max_tokens=stage.max_tokens, logic=logic(name).version, max_passage_tokens=config.max_passage_tokens,
        extra_body=stage.extra_body, secret=secret, samples=stage.asks, later_temperature=later,
        closing=logic(name).answer.closing,
    )  # fmt: skip


def engine_spec(engine: Engine) -> EngineSpec:
    """Return an engine's settings as the plain data that travels to the workers."""
    price = engine.price
    shared = {
        "type": engine.type, "model": engine.model, "revision": engine.revision, "timeout_s": engine.timeout_s,
        "max_attempts": engine.max_attempts, "max_in_flight": engine.max_in_flight,
    }  # fmt: skip
    cached = None if price is None else price.input if price.cached_input is None else price.cached_input
    spec = EngineSpec(
        **shared,  # type: ignore[arg-type]
        price=None if price is None or cached is None else Price(price.input, cached, price.output),
    )
    if engine.type == "embedded":
        return spec
    if engine.type == "vllm":
        name = engine.served_model_name or engine.model
        return replace(spec, model=name, layout=engine.layout, settings=_settings(engine))
    return replace(
        spec,
        layout=engine.layout,
        base_url=engine.base_url,
        api_key_var=engine.api_key_var,
        api_key_file=engine.api_key_file,
    )


def _settings(engine: VLLMEngine) -> str:
    """Return the arguments of vLLM's engine that are set."""
    named = {
        "model": engine.model, "revision": engine.revision or None, "max_model_len": engine.max_model_len,
        "tensor_parallel_size": engine.tensor_parallel_size, "dtype": engine.dtype,
        "gpu_memory_utilization": engine.gpu_memory_utilization,
    }  # fmt: skip
    return canonical_json({**{k: v for k, v in named.items() if v is not None}, **engine.options})


def check_prompts(warehouse: Warehouse, prompts: Iterable[Prompt]) -> set[tuple[str, str]]:
    """Compare the prompts with those the warehouse knows; return what is known as (stage, name).

    Raises:
        ConfigError: a known name@version has another text now; it names the next free number.
    """
    names = {(r["stage"], r["name"]): r["prompt_sha"] for r in warehouse.read("prompts").collect()}
    for prompt in prompts:
        if names.get((prompt.stage, prompt.name)) not in (None, prompt.sha):
            taken = {name for stage, name in names if stage == prompt.stage}
            raise ConfigError(_changed(prompt, taken | set(shipped_names(prompt.stage))))
    return set(names)


def register_prompts(warehouse: Warehouse, prompts: Collection[Prompt], run_id: str) -> None:
    """Write the prompts that are new into `prompts`, before the first call with them.

    Raises:
        ConfigError: see `check_prompts`.
    """
    known = check_prompts(warehouse, prompts)
    new = [p for p in prompts if (p.stage, p.name) not in known]
    if new:
        warehouse.append_records("prompts", [_record(p, run_id) for p in new])


def _changed(prompt: Prompt, names: set[str]) -> str:
    base = prompt.name.partition("@")[0]
    numbers = [int(n.partition("@")[2]) for n in names if n.startswith(f"{base}@") and n.partition("@")[2].isdigit()]
    free = f"{base}@{max(numbers) + 1}" if numbers else f"{base}-2"
    return (
        f"stages.{prompt.stage}.prompt: the text behind {prompt.name} (template, examples, system rules or schema) is "
        f"not what this warehouse knows under that name; give the changed text a new name, next free: {free}"
    )


def _record(prompt: Prompt, run_id: str) -> dict[str, object]:
    return {
        "prompt_sha": prompt.sha, "name": prompt.name, "stage": prompt.stage, "template": prompt.template,
        "few_shots": canonical_json(prompt.few_shots), "system": prompt.system,
        "answer_schema": prompt.answer_schema, "first_run_id": run_id,
    }  # fmt: skip

"""Make a tiny chat model with random weights, which a real vLLM serves on a CPU: nothing is downloaded.

Its words are noise. Real are the server, tokenizer, chat template, JSON grammar, prefix cache and token counts.
"""

import argparse
import json
from pathlib import Path

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

SAMPLE = Path(__file__).parents[2] / "etl" / "sample" / "documents.jsonl"
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
TURNS = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
TEMPLATE = TURNS + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
WORDS = Regex(r"\d| ?[A-Za-z]+| ?[^\sA-Za-z\d]|\s+")
VOCABULARY = 4096
SIZES = {"hidden_size": 128, "intermediate_size": 256, "num_hidden_layers": 2}
HEADS = {"num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 64}


def tokenizer() -> PreTrainedTokenizerFast:
    """Train a byte-level BPE tokenizer on the printable ASCII of the sample: the model can say nothing else."""
    lines = SAMPLE.read_text("utf-8").splitlines()
    texts = ["".join(c for c in json.loads(line)["text"] if c == "\n" or " " <= c <= "~") for line in lines]
    bpe = Tokenizer(models.BPE())
    as_bytes = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    bpe.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(WORDS, "isolated"), as_bytes])
    bpe.decoder = decoders.ByteLevel()
    letters = [chr(c) for c in range(33, 127)]
    bpe.train_from_iterator(
        texts, trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=SPECIAL, initial_alphabet=letters)
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe, eos_token=SPECIAL[2], pad_token=SPECIAL[0], chat_template=TEMPLATE
    )


def model(quote: int, tokens: float) -> Qwen3ForCausalLM:
    """Make random weights that close a string after about so many tokens; 0: as rarely as any other token.

    One hidden dimension is nearly constant, as every embedding is 1 there; the quote's output row reads it.
    """
    torch.manual_seed(0)
    made = Qwen3ForCausalLM(
        Qwen3Config(vocab_size=VOCABULARY, **SIZES, **HEADS, eos_token_id=2, pad_token_id=0, tie_word_embeddings=False)
    )
    with torch.no_grad():
        made.lm_head.weight[:, 0] = 0
        made.model.embed_tokens.weight[:, 0] = 1
        constant = made.model(torch.tensor([[quote]])).last_hidden_state[0, -1, 0]
        if tokens:
            made.lm_head.weight[quote, 0] = torch.log(torch.tensor(VOCABULARY / tokens)) / constant
    return made


def main() -> None:
    """Write the model into a folder; the same versions of the packages write the same bytes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, help="output folder")
    parser.add_argument(
        "--string-tokens", type=float, default=12, help="mean length of a string; 0: it talks until max_tokens"
    )
    options = parser.parse_args()
    words = tokenizer()
    words.save_pretrained(options.out)
    model(words.convert_tokens_to_ids('"'), options.string_tokens).save_pretrained(options.out)


if __name__ == "__main__":
    main()

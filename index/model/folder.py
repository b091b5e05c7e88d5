"""The standard sentence-transformers folder: what is in it, and the files that torch reads."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.model.errors import ModelMissing
from index.model.weights import Weights


@dataclass(frozen=True)
class ModelFolder:
    """A finished model on disk. Opens with `SentenceTransformer(str(path))`; `graph` needs onnxruntime only."""

    path: Path

    @property
    def graph(self) -> Path:
        """The int8 ONNX graph: input_ids and attention_mask in, unit vectors out. Its word table lies beside it."""
        return self.path / "onnx" / "model_int8.onnx"

    @property
    def comparison(self) -> Path:
        """The int8 ONNX graph that reads two texts together, from what `graph` made of each half way."""
        return self.path / "onnx" / "comparison_int8.onnx"

    @property
    def claims(self) -> Path:
        """The int8 ONNX graph that reads two claims together, in the same way."""
        return self.path / "onnx" / "claims_int8.onnx"

    @property
    def tokenizer(self) -> Path:
        return self.path / "tokenizer.json"

    @property
    def manifest(self) -> Path:
        return self.path / "qiuzhen-model.json"

    def read_manifest(self) -> dict[str, Any]:
        """What the folder was built from, and by which version of the build.

        Raises: ModelMissing when there is no readable manifest.
        """
        try:
            manifest = json.loads(self.manifest.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise ModelMissing(self.path, "it has no manifest") from error
        except (OSError, ValueError) as error:
            raise ModelMissing(self.path, "its manifest cannot be read") from error
        if not isinstance(manifest, dict):
            raise ModelMissing(self.path, "its manifest cannot be read")
        return manifest


def write_torch_files(weights: Weights, folder: Path) -> None:
    """Write the configuration and the weights that sentence-transformers opens. The vocabulary is already pruned."""
    for name, content in _configurations(weights).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    _write_tensors(weights, folder / "model.safetensors")


def _configurations(weights: Weights) -> dict[str, Any]:
    shape, vocabulary = weights.shape, weights.vocabulary
    piece = vocabulary.pieces
    start, end, padding = piece[vocabulary.start], piece[vocabulary.end], piece[vocabulary.padding]
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "attention_probs_dropout_prob": 0.1,
            "hidden_act": "gelu",
            "hidden_dropout_prob": 0.1,
            "hidden_size": shape.hidden,
            "initializer_range": 0.02,
            "intermediate_size": shape.inner,
            "layer_norm_eps": 1e-12,
            "max_position_embeddings": shape.positions,
            "num_attention_heads": shape.heads,
            "num_hidden_layers": shape.layers,
            "pad_token_id": vocabulary.padding,
            "dtype": "float32",
            "type_vocab_size": shape.types,
            "vocab_size": len(piece),
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": shape.positions,
            "model_input_names": ["input_ids", "attention_mask"],
            "bos_token": start,
            "cls_token": start,
            "eos_token": end,
            "sep_token": end,
            "pad_token": padding,
            "unk_token": piece[vocabulary.unknown],
            "mask_token": "<mask>",
            "clean_up_tokenization_spaces": False,
        },
        "special_tokens_map.json": {
            "bos_token": start,
            "cls_token": start,
            "eos_token": end,
            "sep_token": end,
            "pad_token": padding,
            "unk_token": piece[vocabulary.unknown],
            "mask_token": "<mask>",
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.base.modules.transformer.Transformer"},
            {
                "idx": 1,
                "name": "1",
                "path": "1_Pooling",
                "type": "sentence_transformers.sentence_transformer.modules.pooling.Pooling",
            },
            {
                "idx": 2,
                "name": "2",
                "path": "2_Normalize",
                "type": "sentence_transformers.base.modules.normalize.Normalize",
            },
        ],
        "1_Pooling/config.json": {"embedding_dimension": shape.hidden, "pooling_mode": "mean", "include_prompt": True},
        "2_Normalize/config.json": {},
        "sentence_bert_config.json": {"max_seq_length": shape.positions, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "document": "passage: "},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    }


LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def _write_tensors(weights: Weights, path: Path) -> None:
    """Write the weights as fp16: half the disk of fp32, and the rounding (2^-12) is far below that of 4 bits."""
    import numpy as np
    from safetensors.numpy import save_file

    hidden = weights.shape.hidden
    tensors = {
        "embeddings.word_embeddings.weight": weights.matrices["emb.word"].dequantized(),
        "embeddings.position_embeddings.weight": weights.arrays["emb.pos"],
        "embeddings.token_type_embeddings.weight": weights.arrays["emb.type"],
        "embeddings.LayerNorm.weight": weights.arrays["emb.ln.w"].ravel(),
        "embeddings.LayerNorm.bias": weights.arrays["emb.ln.b"].ravel(),
        # Mean pooling never reads BERT's own pooler, but without one transformers warns of made-up weights.
        "pooler.dense.weight": np.zeros((hidden, hidden), np.float32),
        "pooler.dense.bias": np.zeros(hidden, np.float32),
    }
    for layer in range(weights.shape.layers):
        for short, long in LAYER_NAMES.items():
            name = f"l{layer}.{short}.w"
            matrix = weights.matrices.get(name)
            value = weights.arrays[name].ravel() if matrix is None else matrix.dequantized()
            tensors[f"encoder.layer.{layer}.{long}.weight"] = value
            tensors[f"encoder.layer.{layer}.{long}.bias"] = weights.arrays[f"l{layer}.{short}.b"].ravel()
    halves = {name: np.ascontiguousarray(value.astype(np.float16)) for name, value in tensors.items()}
    save_file(halves, str(path), metadata={"format": "pt"})

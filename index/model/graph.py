"""The ONNX graph that serves: token ids in, unit sentence vectors out, weights kept small.

The graph is written node by node instead of being exported from torch and then fused and quantised, so that it says
exactly which kernels run, and building it needs no torch. The word table stays in the 4 bits it came in and only the
rows of the words at hand are widened. Products are int8 times int8.

The int8 scale of the activations is that of the whole input, so what a text is batched with
would move its vector a little. The encoder therefore runs one text at a time.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.model.projection import Projection
from index.model.weights import BLOCK, ZERO, FloatArray, Quantized, Weights

_MICROSOFT = "com.microsoft"  # onnxruntime's own operators: fused kernels and quantised products
_OPSET = 21
_IR_VERSION = 10
_LARGE_BYTES = 1_000_000  # only the word table is larger
_INT8_LIMIT = 63  # 7 bits: with 8, processors without VNNI overflow the 16-bit sums that u8 times s8 is added up in
_SPIKED = frozenset({"l0.fo", "l4.fo", "l5.fo"})
"""Products whose input has one channel ten times above all others, found by leaving each out in turn. One scale for
such an input drowns the rest (the cosine to fp32 falls to 0.983), so these round by blocks of 32, which is slower."""

_BLOCKWISE_INT8 = 4  # onnxruntime's name for: round the other factor to int8, block by block, and multiply integers


def write_graph(weights: Weights, projection: Projection, path: Path) -> None:
    """Write the graph for these weights.

    Inputs: input_ids and attention_mask, int64 [batch, length], padded at the right.
    Outputs: sentence_embedding, float32 [batch, hidden], unit rows; and token_embeddings, float32 [batch, length,
    token dimension], of any length.
    """
    import onnx

    network = _Network(weights)
    tokens = network.embed()
    for layer in range(weights.shape.layers):
        tokens = network.layer(f"l{layer}", tokens)
    network.pool(tokens)
    network.project(tokens, projection)
    # The word table gets a file of its own, so that onnxruntime maps it and only the rows in use take memory.
    beside = {"save_as_external_data": True, "location": f"{path.name}.words", "size_threshold": _LARGE_BYTES}
    onnx.save(network.model(), str(path), **beside)


class _Network:
    """Collects the nodes and constants of the graph. Every method returns the name of a value."""

    def __init__(self, weights: Weights) -> None:
        from onnx import TensorProto, helper

        self._onnx = helper
        self._types = TensorProto
        self._weights = weights
        self._nodes: list[Any] = []
        self._constants: dict[str, Any] = {}
        self._token_dimension = 0

    def embed(self) -> str:
        arrays = self._weights.arrays
        length = self._op("Shape", "input_ids", start=1, end=2)
        # Every text is of token type 0, so its vector is part of each position's.
        positions = self._constant("positions", arrays["emb.pos"] + arrays["emb.type"][:1])
        begin, axis = self._constant("begin", np.array([0])), self._constant("axis", np.array([0]))
        placed = self._op("Slice", positions, begin, length, axis)
        return self._norm(self._op("Add", self._words(), placed), "emb.ln")

    def layer(self, name: str, tokens: str) -> str:
        heads = self._weights.shape.heads
        joined = self._product(tokens, [f"{name}.q", f"{name}.k", f"{name}.v"])
        query, key, value = self._ops("Split", joined, outputs=3, axis=-1, num_outputs=3)
        attended = self._op(
            "MultiHeadAttention", query, key, value, "", self._mask(), domain=_MICROSOFT, num_heads=heads
        )
        tokens = self._norm(self._op("Add", tokens, self._product(attended, [f"{name}.ao"])), f"{name}.aln")
        inner = self._op("Gelu", self._product(tokens, [f"{name}.fi"]), domain=_MICROSOFT)
        return self._norm(self._op("Add", tokens, self._product(inner, [f"{name}.fo"])), f"{name}.oln")

    def pool(self, tokens: str) -> None:
        """Mean over the real tokens, then unit length. The length cancels, so a sum does."""
        weight = self._op("Cast", "attention_mask", to=self._types.FLOAT)
        middle = self._constant("middle", np.array([1]))
        total = self._op("MatMul", self._op("Unsqueeze", weight, middle), tokens)
        flat = self._op("Squeeze", total, middle)
        self._nodes.append(
            self._onnx.make_node("LpNormalization", [flat], ["sentence_embedding"], name="unit", axis=-1, p=2)
        )

    def project(self, tokens: str, projection: Projection) -> None:
        """Each token on its own, in fewer numbers."""
        self._token_dimension = len(projection.bias)
        turned = self._op("MatMul", tokens, self._constant("projection.matrix", projection.matrix.T))
        shift = self._constant("projection.bias", projection.bias)
        self._nodes.append(self._onnx.make_node("Add", [turned, shift], ["token_embeddings"], name="tokens"))

    def model(self) -> Any:
        make, types = self._onnx, self._types
        inputs = [
            make.make_tensor_value_info(name, types.INT64, ["batch", "length"])
            for name in ("input_ids", "attention_mask")
        ]
        shapes = {
            "sentence_embedding": ["batch", self._weights.shape.hidden],
            "token_embeddings": ["batch", "length", self._token_dimension],
        }
        outputs = [make.make_tensor_value_info(name, types.FLOAT, shape) for name, shape in shapes.items()]
        graph = make.make_graph(self._nodes, "encoder", inputs, outputs, list(self._constants.values()))
        opsets = [make.make_opsetid("", _OPSET), make.make_opsetid(_MICROSOFT, 1)]
        return make.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)

    def _words(self) -> str:
        table = self._weights.matrices["emb.word"]
        signed = _packed(table.nibbles ^ np.uint8(ZERO))  # flipping the top bit of a nibble takes 8 from it
        nibbles = self._raw("words", self._types.INT4, table.nibbles.shape, signed.tobytes())
        scales = self._constant("words.scales", table.scales.astype(np.float32))
        axes = {"gather_axis": 0, "quantize_axis": 1, "block_size": BLOCK}
        return self._op("GatherBlockQuantized", nibbles, "input_ids", scales, domain=_MICROSOFT, **axes)

    def _product(self, tokens: str, parts: list[str]) -> str:
        """Tokens times one or more matrices laid side by side, plus bias."""
        bias = np.concatenate([self._weights.arrays[f"{part}.b"].ravel() for part in parts])
        name = parts[0]
        bias_name = self._constant(f"{name}.bias", bias)
        if name in _SPIKED:
            return self._blockwise_product(tokens, name, self._weights.matrices[f"{name}.w"], bias_name)
        integers, scales = _as_int8(
            np.concatenate([self._weights.matrices[f"{part}.w"].dequantized() for part in parts])
        )
        return self._op(
            "DynamicQuantizeMatMul",
            tokens,
            self._constant(f"{name}.integers", integers.T),
            self._constant(f"{name}.scales", scales),
            self._constant(f"{name}.zero", np.zeros(len(scales), np.int8)),
            bias_name,
            domain=_MICROSOFT,
        )

    def _blockwise_product(self, tokens: str, name: str, matrix: Quantized, bias: str) -> str:
        """The 4-bit weights as they came, times activations rounded block by block."""
        rows, columns = matrix.nibbles.shape
        nibbles = _packed(matrix.nibbles).reshape(rows, columns // BLOCK, BLOCK // 2)
        return self._op(
            "MatMulNBits",
            tokens,
            self._constant(f"{name}.nibbles", nibbles),
            self._constant(f"{name}.scales", matrix.scales.astype(np.float32).ravel()),
            "",
            "",
            bias,
            domain=_MICROSOFT,
            K=columns,
            N=rows,
            bits=4,
            block_size=BLOCK,
            accuracy_level=_BLOCKWISE_INT8,
        )

    def _norm(self, tokens: str, name: str) -> str:
        arrays = self._weights.arrays
        gain = self._constant(f"{name}.w", arrays[f"{name}.w"].ravel())
        shift = self._constant(f"{name}.b", arrays[f"{name}.b"].ravel())
        return self._op("LayerNormalization", tokens, gain, shift, axis=-1, epsilon=self._weights.shape.epsilon)

    def _mask(self) -> str:
        return self._op("Cast", "attention_mask", to=self._types.INT32)

    def _constant(self, name: str, value: NDArray[Any] | FloatArray) -> str:
        from onnx import numpy_helper

        self._constants.setdefault(name, numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def _raw(self, name: str, kind: int, shape: tuple[int, ...], data: bytes) -> str:
        self._constants[name] = self._onnx.make_tensor(name, kind, shape, data, raw=True)
        return name

    def _op(self, kind: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        return self._ops(kind, *inputs, outputs=1, domain=domain, **attributes)[0]

    def _ops(self, kind: str, *inputs: str, outputs: int, domain: str = "", **attributes: Any) -> list[str]:
        name = f"{kind}{len(self._nodes)}"
        results = [f"{name}.{index}" for index in range(outputs)]
        self._nodes.append(self._onnx.make_node(kind, list(inputs), results, name=name, domain=domain, **attributes))
        return results


def _packed(nibbles: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Two nibbles a byte, the earlier one low: uint8 [rows, columns / 2]."""
    return nibbles[:, 0::2] | nibbles[:, 1::2] << np.uint8(4)


def _as_int8(matrix: FloatArray) -> tuple[NDArray[np.int8], FloatArray]:
    """The matrix [outputs, inputs] as integers, and one scale an output."""
    scales = np.maximum(np.abs(matrix).max(axis=1), np.finfo(np.float32).tiny) / np.float32(_INT8_LIMIT)
    return np.rint(matrix / scales[:, None]).astype(np.int8), scales.astype(np.float32)

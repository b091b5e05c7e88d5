"""The ONNX graphs that serve, weights kept small: token ids in, unit sentence vectors out; or two texts in, and how
likely they ask the same.

The graphs are written node by node instead of being exported from torch and then fused and quantised, so that it says
exactly which kernels run, and building them needs no torch. The word table stays in the 4 bits it came in and only the
rows of the words at hand are widened. Products are int8 times int8.

The int8 scale of the activations is that of the whole input, so what a text is batched with
would move its vector a little. The encoder therefore runs one text at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from index.model.joint import Joint, Rounded
from index.model.projection import Projection
from index.model.weights import BLOCK, ZERO, FloatArray, Weights

_MICROSOFT = "com.microsoft"  # onnxruntime's own operators: fused kernels and quantised products
_OPSET = 21
_IR_VERSION = 10
_SHARES = 17
"""So many channels carry a spike, a part each; with the 1,535 others they fill 97 blocks of 16."""

Shape: TypeAlias = Sequence[str | int]
"""Sizes, or names for those that vary."""


def write_graph(
    weights: Weights, projection: Projection, first_joint_layer: int, path: Path, spikes: Sequence[tuple[str, int]] = ()
) -> None:
    """Write the graph for these weights, with what `WeightsPackage` says of their spikes.

    Inputs: input_ids and attention_mask, int64 [batch, length], padded at the right.
    Outputs: sentence_embedding, float32 [batch, hidden], unit rows; token_embeddings, float32 [batch, length,
    token dimension], of any length; and states, float32 [batch, length, hidden], what the layers before
    `first_joint_layer` make of the text, for `write_comparison`.
    """
    import onnx

    network = _Network(weights, spikes=spikes)
    tokens = network.embed("input_ids", words_beside(path).name)
    mask = network.mask("attention_mask")
    for layer in range(weights.shape.layers):
        if layer == first_joint_layer:
            network.finish(tokens, "states", ["batch", "length", weights.shape.hidden])
        tokens = network.layer(f"l{layer}", tokens, mask)
    network.pool(tokens)
    network.project(tokens, projection)
    words_beside(path).write_bytes(network.words)
    batch = ["batch", "length"]
    onnx.save(network.model("encoder", {"input_ids": batch, "attention_mask": batch}), str(path))


def write_comparison(weights: Weights, joint: Joint, path: Path) -> None:
    """Write the graph that reads two texts together.

    Inputs: question, float32 [1, length, hidden], and texts, float32 [texts, length, hidden], padded at the right: the
    states that the graph of `write_graph` gives of each; real, int64 [texts, length].
    Output: odds, float32 [texts].
    """
    import onnx

    hidden = weights.shape.hidden
    network = _Network(weights, joint)
    asked = network.length("question")
    tokens, mask = network.join("question", "texts", asked, network.mask("real"))
    for layer in range(joint.first_layer, weights.shape.layers):
        tokens = network.layer(f"l{layer}", tokens, mask)
    network.judge(tokens, asked, mask)
    states: dict[str, Shape] = {"question": ["one", "asked", hidden], "texts": ["texts", "length", hidden]}
    onnx.save(network.model("comparison", {"real": ["texts", "length"]}, states), str(path))


def words_beside(graph: Path) -> Path:
    """The word table, a file of its own, so that onnxruntime maps it and only the rows in use take memory."""
    return graph.with_name(f"{graph.name}.words")


class _Network:
    """Collects the nodes and constants of the graph. Every method returns the name of a value."""

    def __init__(self, weights: Weights, joint: Joint | None = None, spikes: Sequence[tuple[str, int]] = ()) -> None:
        """Layers that are in `joint` are taken from there."""
        from onnx import TensorProto, helper

        self._onnx = helper
        self._types = TensorProto
        self._weights = weights
        self._spikes = dict(spikes)
        self._learned = joint.matrices if joint else {}
        self._arrays = {**weights.arrays, **(joint.arrays if joint else {})}
        self._nodes: list[Any] = []
        self._constants: dict[str, Any] = {}
        self._outputs: dict[str, Shape] = {}

    def embed(self, ids: str, words_file: str) -> str:
        """`words_file`: the name of the file beside the graph that holds the word table."""
        # Every text is of token type 0, so its vector is part of each position's.
        positions = self._constant("positions", self._arrays["emb.pos"] + self._arrays["emb.type"][:1])
        begin, axis = self._constant("begin", np.array([0])), self._constant("axis", np.array([0]))
        placed = self._op("Slice", positions, begin, self.length(ids), axis)
        return self._norm(self._op("Add", self._words(ids, words_file), placed), "emb.ln")

    def mask(self, real: str) -> str:
        return self._op("Cast", real, to=self._types.INT32)

    def layer(self, name: str, tokens: str, mask: str) -> str:
        attended = self._product(self._attention(tokens, mask, name), f"{name}.ao")
        tokens = self._norm(self._op("Add", tokens, attended), f"{name}.aln")
        return self._norm(self._op("Add", tokens, self._feed_forward(tokens, name)), f"{name}.oln")

    def length(self, ids: str) -> str:
        return self._op("Shape", ids, start=1, end=2)

    def join(self, question: str, texts: str, asked: str, mask: str) -> tuple[str, str]:
        """The tokens of the question, `asked` of them, before those of each text, with what tells the sides apart; and
        which are real."""
        sides = [self._constant(f"sides.{side}", self._arrays["sides"][side]) for side in range(2)]
        count, one = self._op("Shape", texts, start=0, end=1), self._constant("one", np.array([1]))
        repeated = self._op("Expand", self._op("Add", question, sides[0]), self._op("Concat", count, one, one, axis=0))
        tokens = self._op("Concat", repeated, self._op("Add", texts, sides[1]), axis=1)
        all_real = self._op(
            "Expand", self._constant("is_real", np.array([[1]], np.int32)), self._op("Concat", count, asked, axis=0)
        )
        return tokens, self._op("Concat", all_real, mask, axis=1)

    def judge(self, tokens: str, asked: str, mask: str) -> None:
        """Log odds from the mean of either side, how these differ and agree, and the first token."""
        begin, end, axis = (
            self._constant(name, np.array([at])) for name, at in (("begin", 0), ("end", 1 << 30), ("middle", 1))
        )
        one = self._op("ReduceMean", self._op("Slice", tokens, begin, asked, axis), axis, keepdims=0)
        real = self._op("Cast", self._op("Slice", mask, asked, end, axis), to=self._types.FLOAT)
        total = self._op("MatMul", self._op("Unsqueeze", real, axis), self._op("Slice", tokens, asked, end, axis))
        other = self._op("Div", self._op("Squeeze", total, axis), self._op("ReduceSum", real, axis, keepdims=1))
        difference, product = self._op("Abs", self._op("Sub", one, other)), self._op("Mul", one, other)
        first = self._op("Squeeze", self._op("Gather", tokens, begin, axis=1), axis)
        summary = self._op("Concat", one, other, difference, product, first, axis=-1)
        inner = self._op("Gelu", self._product(summary, "inner"), domain=_MICROSOFT)
        weights = self._constant("odds.weights", self._arrays["odds.w"].ravel())
        odds = self._op(
            "Add", self._op("MatMul", inner, weights), self._constant("odds.bias", self._arrays["odds.b"].ravel())
        )
        self.finish(odds, "odds", ["texts"])

    def pool(self, tokens: str) -> None:
        """Mean over the real tokens, then unit length. The length cancels, so a sum does."""
        weight = self._op("Cast", "attention_mask", to=self._types.FLOAT)
        middle = self._constant("middle", np.array([1]))
        total = self._op("MatMul", self._op("Unsqueeze", weight, middle), tokens)
        flat = self._op("Squeeze", total, middle)
        unit = self._op("LpNormalization", flat, axis=-1, p=2)
        self.finish(unit, "sentence_embedding", ["batch", self._weights.shape.hidden])

    def project(self, tokens: str, projection: Projection) -> None:
        """Each token on its own, in fewer numbers."""
        turned = self._op("MatMul", tokens, self._constant("projection.matrix", projection.matrix.T))
        shifted = self._op("Add", turned, self._constant("projection.bias", projection.bias))
        self.finish(shifted, "token_embeddings", ["batch", "length", len(projection.bias)])

    def model(
        self, name: str, integers: Mapping[str, Shape], floats: Mapping[str, Shape] = MappingProxyType({})
    ) -> Any:
        """The graph, with these inputs and what was finished as outputs."""
        make, types = self._onnx, self._types
        given = [
            make.make_tensor_value_info(one, kind, shape)
            for kind, inputs in ((types.INT64, integers), (types.FLOAT, floats))
            for one, shape in inputs.items()
        ]
        found = [make.make_tensor_value_info(one, types.FLOAT, shape) for one, shape in self._outputs.items()]
        graph = make.make_graph(self._nodes, name, given, found, list(self._constants.values()))
        opsets = [make.make_opsetid("", _OPSET), make.make_opsetid(_MICROSOFT, 1)]
        return make.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)

    @property
    def words(self) -> bytes:
        """The word table, as its file holds it."""
        signed = _packed(
            self._weights.matrices["emb.word"].nibbles ^ np.uint8(ZERO)
        )  # flipping a nibble's top bit takes 8 from it
        return signed.tobytes()

    def finish(self, value: str, name: str, shape: Shape) -> None:
        """Make a value an output."""
        self._nodes.append(self._onnx.make_node("Identity", [value], [name], name=name))
        self._outputs[name] = shape

    def _words(self, ids: str, words_file: str) -> str:
        table = self._weights.matrices["emb.word"]
        rows, columns = table.nibbles.shape
        kept = {"location": words_file, "offset": "0", "length": str(rows * columns // 2)}
        nibbles = self._types(name="words", data_type=self._types.INT4, dims=table.nibbles.shape)
        nibbles.data_location = self._types.EXTERNAL
        for key, value in kept.items():
            nibbles.external_data.add(key=key, value=value)
        self._constants["words"] = nibbles
        scales = self._constant("words.scales", table.scales.astype(np.float32))
        axes = {"gather_axis": 0, "quantize_axis": 1, "block_size": BLOCK}
        return self._op("GatherBlockQuantized", "words", ids, scales, domain=_MICROSOFT, **axes)

    def _attention(self, tokens: str, mask: str, name: str) -> str:
        """Query, key and value in one product of whole numbers, and what each head makes of them."""
        parts = [f"{name}.{part}" for part in "qkv"]
        rounded = _beside([self._rounded(part) for part in parts])
        bias = self._constant(f"{name}.qkv.bias", np.concatenate([self._bias(part) for part in parts]))
        integers, scales, zeros = self._rounded_constants(f"{name}.qkv", rounded)
        levels, scale, zero = self._ops("DynamicQuantizeLinear", tokens, outputs=3)
        factors = (levels, integers, bias, scale, scales, mask, zero, zeros)
        return self._op("QAttention", *factors, domain=_MICROSOFT, num_heads=self._weights.shape.heads)

    def _feed_forward(self, tokens: str, name: str) -> str:
        """The two wide products of a layer; a spike between them goes in equal shares through channels of its own."""
        spike = self._spikes.get(name)
        if spike is None:
            return self._product(self._op("Gelu", self._product(tokens, f"{name}.fi"), domain=_MICROSOFT), f"{name}.fo")
        inner, outer, bias = self._rounded(f"{name}.fi"), self._rounded(f"{name}.fo"), self._bias(f"{name}.fi")
        channels = np.append(np.arange(len(bias)), np.full(_SHARES - 1, spike))
        share = np.where(channels == spike, np.float32(1 / _SHARES), np.float32(1))
        wide = Rounded(inner.integers[channels], inner.scales[channels])
        grown = self._op("Gelu", self._multiplied(tokens, f"{name}.fi", wide, bias[channels]), domain=_MICROSOFT)
        shared = self._op("Mul", grown, self._constant(f"{name}.share", share))
        narrow = Rounded(outer.integers[:, channels], outer.scales)
        return self._multiplied(shared, f"{name}.fo", narrow, self._bias(f"{name}.fo"))

    def _product(self, tokens: str, name: str) -> str:
        """Tokens times a matrix, plus its bias."""
        return self._multiplied(tokens, name, self._rounded(name), self._bias(name))

    def _multiplied(self, tokens: str, name: str, rounded: Rounded, bias: FloatArray) -> str:
        matrix = self._rounded_constants(name, rounded)
        bias_name = self._constant(f"{name}.bias", bias)
        return self._op("DynamicQuantizeMatMul", tokens, *matrix, bias_name, domain=_MICROSOFT)

    def _rounded_constants(self, name: str, rounded: Rounded) -> tuple[str, str, str]:
        """The whole numbers, scales and zero points of a matrix, as onnxruntime's products take them."""
        return (
            self._constant(f"{name}.integers", rounded.integers.T),
            self._constant(f"{name}.scales", rounded.scales),
            self._constant(f"{name}.zeros", np.zeros(len(rounded.scales), np.int8)),
        )

    def _rounded(self, name: str) -> Rounded:
        matrix = f"{name}.w"
        return self._learned.get(matrix) or Rounded.of(self._weights.matrices[matrix].dequantized())

    def _bias(self, name: str) -> FloatArray:
        return self._arrays[f"{name}.b"].ravel()

    def _norm(self, tokens: str, name: str) -> str:
        gain = self._constant(f"{name}.w", self._arrays[f"{name}.w"].ravel())
        shift = self._constant(f"{name}.b", self._arrays[f"{name}.b"].ravel())
        return self._op("LayerNormalization", tokens, gain, shift, axis=-1, epsilon=self._weights.shape.epsilon)

    def _constant(self, name: str, value: NDArray[Any] | FloatArray) -> str:
        from onnx import numpy_helper

        self._constants.setdefault(name, numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def _op(self, kind: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        return self._ops(kind, *inputs, outputs=1, domain=domain, **attributes)[0]

    def _ops(self, kind: str, *inputs: str, outputs: int, domain: str = "", **attributes: Any) -> list[str]:
        name = f"{kind}{len(self._nodes)}"
        results = [f"{name}.{index}" for index in range(outputs)]
        self._nodes.append(self._onnx.make_node(kind, list(inputs), results, name=name, domain=domain, **attributes))
        return results


def _beside(matrices: Sequence[Rounded]) -> Rounded:
    """Matrices of as many inputs, the outputs of one after those of the other."""
    return Rounded(
        np.concatenate([matrix.integers for matrix in matrices]), np.concatenate([matrix.scales for matrix in matrices])
    )


def _packed(nibbles: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Two nibbles a byte, the earlier one low: uint8 [rows, columns / 2]."""
    return nibbles[:, 0::2] | nibbles[:, 1::2] << np.uint8(4)

// SPDX-License-Identifier: Apache-2.0
// Makes tests/models/golden/tfjs with TensorFlow.js: a small network of every layer type in its odd
// cases, as model.json and two weight files (uint8, uint16 and float32 weights), the input and the
// output of every layer as TensorFlow.js computes it. Not needed to run the tests.
//
//   npm install --ignore-scripts @tensorflow/tfjs@4.22.0   (somewhere)
//   NODE_PATH=.../node_modules node make_tfjs.mjs tfjs
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const tf = createRequire(import.meta.url)("@tensorflow/tfjs");
const folder = process.argv[2];
await tf.setBackend("cpu");

const L = tf.layers;
const input = tf.input({ shape: [13, 10, 3], name: "image" });
const step = (layer, from) => layer.apply(from);
// 13x10, stride 2 of an even and of an odd size: "same" pads unevenly in one direction only.
let x = step(L.conv2d({ name: "conv", filters: 6, kernelSize: [3, 2], strides: 2, padding: "same",
                        activation: "relu" }), input);
x = step(L.batchNormalization({ name: "bn" }), x);
x = step(L.zeroPadding2d({ name: "pad", padding: [[0, 1], [2, 1]] }), x);
x = step(L.depthwiseConv2d({ name: "depthwise", kernelSize: 3, strides: 2, padding: "valid",
                             depthMultiplier: 2, useBias: false }), x);
x = step(L.reLU({ name: "relu6", maxValue: 6 }), x);
const wide = step(L.conv2d({ name: "dilated", filters: 12, kernelSize: 3, dilationRate: 2,
                             padding: "same" }), x);
const flat = step(L.depthwiseConv2d({ name: "same", kernelSize: 3, padding: "same" }), x);
x = step(L.add({ name: "sum" }), [wide, flat, x]);
x = step(L.activation({ name: "act", activation: "relu" }), x);
x = step(L.zeroPadding2d({ name: "pad2", padding: [[1, 0], [0, 0]] }), x);
x = step(L.maxPooling2d({ name: "max", poolSize: 2, strides: 1, padding: "same" }), x);
x = step(L.averagePooling2d({ name: "average", poolSize: [3, 2], strides: [2, 1],
                              padding: "same" }), x);
const plane = step(L.flatten({ name: "flatten" }), x);
const pooled = step(L.globalAveragePooling2d({ name: "global" }), x);
const a = step(L.dense({ name: "a", units: 7 }), step(L.dropout({ name: "drop", rate: 0.5 }), plane));
const b = step(L.dense({ name: "b", units: 7, activation: "relu", useBias: false }), pooled);
x = step(L.add({ name: "join" }), [a, b]);
x = step(L.batchNormalization({ name: "bn2", scale: false, center: false }), x);
x = step(L.dense({ name: "scores", units: 4, activation: "softmax" }), x);
const model = tf.model({ inputs: input, outputs: x, name: "small" });

// Values: a fixed scatter of bytes or 16-bit numbers; variances are positive.
const scatter = (i) => {
  let h = i + 1;
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return (h ^ (h >>> 15)) >>> 24;
};
const weights = [], files = [];
model.weights.forEach((weight, index) => {
  const name = weight.originalName;
  const count = weight.shape.reduce((p, q) => p * q, 1);
  const kind = index % 3;
  const small = 3 / Math.sqrt(Math.max(1, count / weight.shape.at(-1)));
  const [scale, min] = name.endsWith("moving_variance") ? [0.01, 0.5]
                                                        : [small / 100, -small * 1.27];
  const entry = { name, shape: weight.shape, dtype: "float32" };
  let bytes, values = Array.from({ length: count }, (_, i) => scatter(i * 31 + index * 977));
  if (kind === 0) {
    entry.quantization = { dtype: "uint8", scale, min };
    bytes = Buffer.from(values);
  } else if (kind === 1) {
    entry.quantization = { dtype: "uint16", scale: scale / 256, min };
    values = values.map((v, i) => v * 256 + (i * 91) % 256);
    bytes = Buffer.from(new Uint16Array(values).buffer);
  } else {
    bytes = Buffer.from(new Float32Array(values.map((v) => v * scale + min)).buffer);
  }
  weights.push(entry);
  files.push(bytes);
});
// Cut in the middle of a weight, as converters do.
const all = Buffer.concat(files);
const parts = [all.subarray(0, 1001), all.subarray(1001)];
const paths = parts.map((_, i) => `group1-shard${i + 1}of2.bin`);
const { modelTopology } = await new Promise((done) =>
    model.save({ save: async (artifacts) => { done(artifacts); return {}; } }));
mkdirSync(folder, { recursive: true });
parts.forEach((part, i) => writeFileSync(join(folder, paths[i]), part));
const json = { format: "layers-model", modelTopology, weightsManifest: [{ paths, weights }] };
writeFileSync(join(folder, "model.json"), JSON.stringify(json, null, 1) + "\n");

const loaded = await tf.loadLayersModel({ load: async () => ({
  modelTopology, weightSpecs: weights,
  weightData: all.buffer.slice(all.byteOffset, all.byteOffset + all.length) }) });
const picture = tf.tensor4d(
    Float32Array.from({ length: 13 * 10 * 3 }, (_, i) => scatter(i) / 255),
    [1, 13, 10, 3]);
const layers = loaded.layers.filter((l) => l.getClassName() !== "InputLayer");
const outputs = tf.model({ inputs: loaded.inputs, outputs: layers.map((l) => l.output) })
                    .predict(picture);
const expected = {};
layers.forEach((layer, i) => {
  const channelsFirst = outputs[i].shape.length === 4 ? outputs[i].transpose([0, 3, 1, 2])
                                                      : outputs[i];
  expected[layer.name] = { shape: channelsFirst.shape,
                           values: Array.from(channelsFirst.dataSync(), (v) => +v.toPrecision(8)) };
});
writeFileSync(join(folder, "expected.json"), JSON.stringify(expected) + "\n");

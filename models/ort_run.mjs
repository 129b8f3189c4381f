// SPDX-License-Identifier: Apache-2.0
// Runs an ONNX model in ONNX Runtime and writes every tensor of its graph, the second opinion on
// Systole's own reference.
//
//   node models/ort_run.mjs MODEL.onnx --input [NAME=]FILE.npy ... -o DIR [--outputs-only]
//
// DIR gets one .npy a tensor and index.json: {"tensors": {"NAME": "FILE.npy"}, "runtime": ...}. The
// name may be left out for a model of one input. One thread and no graph optimizations, so that the
// graph's nodes are what runs and the result is the same each time.
// Exit status: 0 done, 1 failed (one line on stderr), 2 wrong arguments, 3 onnxruntime-node is not
// installed (models/fetch.sh installs it).
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readNpy, writeNpy } from "./npy.mjs";

// Protobuf: fields of a message as {field, wire, start, end, from}, `from` where the key begins.
function* fieldsOf(bytes) {
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (at >= bytes.length) throw new Error("the model is truncated");
      const byte = bytes[at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(value);
    }
    throw new Error("the model is no protobuf message");
  };
  while (at < bytes.length) {
    const from = at;
    const key = varint();
    const wire = key & 7;
    let start = at;
    if (wire === 0) varint();
    else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else if (wire === 2) {
      const length = varint();
      start = at;
      at += length;
    } else throw new Error("the model is no protobuf message");
    if (at > bytes.length) throw new Error("the model is truncated");
    yield { field: key >>> 3, wire, from, start, end: at };
  }
}

function varintBytes(value) {
  const out = [];
  for (; value > 127; value = Math.floor(value / 128)) out.push((value % 128) | 128);
  out.push(value);
  return Buffer.from(out);
}

function lengthDelimited(field, body) {
  return Buffer.concat([varintBytes(field * 8 + 2), varintBytes(body.length), body]);
}

// Field numbers of onnx.proto.
const MODEL_GRAPH = 7, GRAPH_NODE = 1, GRAPH_OUTPUT = 12;
const NODE_OUTPUT = 2, NODE_OP = 4, VALUE_NAME = 1;

/** The model with every node's outputs as outputs of the graph; constants are left out. */
function exposeAll(model) {
  const parts = [];
  for (const f of fieldsOf(model)) {
    if (f.field !== MODEL_GRAPH) {
      parts.push(model.subarray(f.from, f.end));
      continue;
    }
    const graph = model.subarray(f.start, f.end);
    const have = new Set(), wanted = [];
    for (const g of fieldsOf(graph)) {
      const body = graph.subarray(g.start, g.end);
      if (g.field === GRAPH_OUTPUT) {
        for (const v of fieldsOf(body)) {
          if (v.field === VALUE_NAME) have.add(body.toString("utf8", v.start, v.end));
        }
      } else if (g.field === GRAPH_NODE) {
        const outputs = [];
        let op = "";
        for (const n of fieldsOf(body)) {
          if (n.field === NODE_OUTPUT) outputs.push(body.toString("utf8", n.start, n.end));
          if (n.field === NODE_OP) op = body.toString("utf8", n.start, n.end);
        }
        if (op !== "Constant") wanted.push(...outputs.filter((name) => name !== ""));
      }
    }
    const added = wanted.filter((name) => !have.has(name)).map((name) =>
        lengthDelimited(GRAPH_OUTPUT, lengthDelimited(VALUE_NAME, Buffer.from(name))));
    parts.push(lengthDelimited(MODEL_GRAPH, Buffer.concat([graph, ...added])));
  }
  return Buffer.concat(parts);
}

function feedsOf(ort, session, pairs) {
  const feeds = {};
  for (const pair of pairs) {
    const cut = pair.indexOf("=");
    const name = cut >= 0 ? pair.slice(0, cut) : session.inputNames[0];
    if (cut < 0 && session.inputNames.length !== 1) {
      throw new Error(`the model's inputs are ${session.inputNames.join(", ")}: ` +
                      `write INPUT=${pair}`);
    }
    const { type, data, dims } = readNpy(pair.slice(cut + 1));
    feeds[name] = new ort.Tensor(type, data, dims);
  }
  return feeds;
}

/** {model, dir, inputs, outputsOnly} or null. */
function parse(args) {
  const options = { inputs: [], outputsOnly: false };
  for (let i = 0; i < args.length; ++i) {
    if (args[i] === "--input" && i + 1 < args.length) options.inputs.push(args[++i]);
    else if (args[i] === "-o" && i + 1 < args.length) options.dir = args[++i];
    else if (args[i] === "--outputs-only") options.outputsOnly = true;
    else if (!args[i].startsWith("-") && !options.model) options.model = args[i];
    else return null;
  }
  return options.model && options.dir && options.inputs.length > 0 ? options : null;
}

async function main(args) {
  const options = parse(args);
  if (!options) {
    console.error("usage: node ort_run.mjs MODEL.onnx --input [NAME=]FILE.npy ... -o DIR " +
                  "[--outputs-only]");
    return 2;
  }
  let ort;
  try {
    ort = (await import("onnxruntime-node")).default;
  } catch (error) {
    console.error("ort_run: onnxruntime-node is not installed: run models/fetch.sh " +
                  `(${error.code ?? error.message})`);
    return 3;
  }
  const file = readFileSync(options.model);
  const bytes = options.outputsOnly ? file : exposeAll(file);
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: ["cpu"],
    graphOptimizationLevel: "disabled",
    executionMode: "sequential",
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const feeds = feedsOf(ort, session, options.inputs);
  const results = await session.run(feeds);
  mkdirSync(options.dir, { recursive: true });
  const tensors = {};
  for (const [name, tensor] of Object.entries({ ...feeds, ...results })) {
    const leaf = `t${String(Object.keys(tensors).length).padStart(4, "0")}.npy`;
    writeNpy(join(options.dir, leaf), tensor);
    tensors[name] = leaf;
  }
  const version = ort.env?.versions?.node ?? ort.env?.versions?.common;
  const index = { tensors, runtime: `onnxruntime-node ${version}` };
  writeFileSync(join(options.dir, "index.json"), JSON.stringify(index, null, 1) + "\n");
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`ort_run: ${String(error.message).split("\n")[0]}`);
  process.exitCode = 1;
}

// SPDX-License-Identifier: Apache-2.0
// NumPy's .npy files (format 1.0 and 2.0, little-endian, C order) as ONNX Runtime tensors and back.
import { readFileSync, writeFileSync } from "node:fs";

const KINDS = {
  "<f4": ["float32", Float32Array],
  "<f8": ["float64", Float64Array],
  "|u1": ["uint8", Uint8Array],
  "|i1": ["int8", Int8Array],
  "<i4": ["int32", Int32Array],
  "<i8": ["int64", BigInt64Array],
  "|b1": ["bool", Uint8Array],
};

/** {type, data, dims} of a file; throws an Error that names the file and what is wrong with it. */
export function readNpy(path) {
  const bytes = readFileSync(path);
  if (bytes.length < 10 || bytes.toString("latin1", 0, 6) !== "\x93NUMPY") {
    throw new Error(`${path} is no .npy file`);
  }
  const wide = bytes[6] >= 2;
  const start = wide ? 12 : 10;
  const length = wide ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8);
  const header = bytes.toString("latin1", start, start + length);
  const descr = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const shape = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  const kind = KINDS[descr];
  if (!kind || shape === undefined || !/'fortran_order':\s*False/.test(header)) {
    throw new Error(`${path}: element type ${descr} or layout not readable`);
  }
  const dims = shape.split(",").map((s) => s.trim()).filter((s) => s !== "").map(Number);
  const count = dims.reduce((a, b) => a * b, 1);
  const [type, Kind] = kind;
  if (bytes.length - start - length < count * Kind.BYTES_PER_ELEMENT) {
    throw new Error(`${path} is truncated`);
  }
  const copy = Uint8Array.prototype.slice.call(
      bytes, start + length, start + length + count * Kind.BYTES_PER_ELEMENT);
  return { type, data: new Kind(copy.buffer, 0, count), dims };
}

/** Writes one tensor. */
export function writeNpy(path, { type, data, dims }) {
  const descr = Object.keys(KINDS).find((key) => KINDS[key][0] === type);
  if (!descr) throw new Error(`${path}: element type ${type} not writable`);
  const shape = dims.length === 1 ? `(${dims[0]},)` : `(${dims.join(", ")})`;
  let header = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`;
  header = header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11) + "\n";
  const preamble = Buffer.from("\x93NUMPY\x01\x00\x00\x00", "latin1");
  preamble.writeUInt16LE(header.length, 8);
  const body = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  writeFileSync(path, Buffer.concat([preamble, Buffer.from(header, "latin1"), body]));
}

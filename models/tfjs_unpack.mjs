// SPDX-License-Identifier: Apache-2.0
// Writes a TensorFlow.js model that a package carries as scripts (model.min.js and one script of
// base64 for each weight file, as nsfwjs does) as the files they stand for: model.json and weights.
//
//   node tfjs_unpack.mjs FOLDER_OF_SCRIPTS TARGET_FOLDER
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join, resolve } from "node:path";

const [source, target] = process.argv.slice(2);
if (!target) {
  console.error("usage: node tfjs_unpack.mjs FOLDER_OF_SCRIPTS TARGET_FOLDER");
  process.exit(2);
}
const require = createRequire(import.meta.url);
const script = (name) => require(join(resolve(source), `${name}.min.js`));
try {
  const model = script("model");
  mkdirSync(target, { recursive: true });
  for (const name of model.weightsManifest.flatMap((group) => group.paths)) {
    if (basename(name) !== name) throw new Error(`weight file ${name} has a folder`);
    writeFileSync(join(target, name), Buffer.from(script(name), "base64"));
  }
  writeFileSync(join(target, "model.json"), JSON.stringify(model) + "\n");
} catch (error) {
  console.error(`tfjs_unpack: ${String(error.message).split("\n")[0]}`);
  process.exit(1);
}

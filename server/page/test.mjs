/** Bundles the tests and runs them: `node test.mjs`; `node test.mjs vectors` writes what came of every vector. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const vectors = process.argv[2] === "vectors";
const place = mkdtempSync(join(tmpdir(), "solvent-page-"));
const sources = vectors ? ["vectors.ts"] : readdirSync(join(HERE, "tests")).filter((name) => name.endsWith(".test.ts"));
await build({
  absWorkingDir: HERE,
  entryPoints: sources.map((name) => `tests/${name}`),
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  outdir: place,
  outExtension: { ".js": ".mjs" },
  logLevel: "warning",
});
const made = readdirSync(place).map((name) => join(place, name));
const command = vectors ? made : ["--test", ...made];
const { status } = spawnSync(process.execPath, command, { cwd: HERE, stdio: "inherit" });
rmSync(place, { recursive: true });
process.exit(status ?? 1);

/**
 * Writes what the service serves: `node build.mjs [DIRECTORY]`, where DIRECTORY stands for server/.
 *
 * static/check.js, check.css, copy.js, verifier.html, solvent-check.mjs and its types; templates/check.html and
 * templates/check/<language>.html. The same sources give the same bytes.
 */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const OUT = process.argv[2] ?? join(HERE, "..");
const LANGUAGES = ["en", "de"];

const read = (name) => readFileSync(join(HERE, name), "utf8");
const texts = (language) => JSON.parse(read(`texts/${language}.json`));

function write(name, content) {
  const path = join(OUT, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

function escaped(text) {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The page's markup with every sentence of one language in its place. */
function filled(markup, language) {
  const catalogue = texts(language);
  return markup.replace(/(data-t="([\w.]+)"[^>]*>)(?=<)/g, (_, tag, key) => {
    if (!(key in catalogue)) throw new Error(`${language}: no text ${key}`);
    return tag + escaped(catalogue[key]);
  });
}

async function script(entry, format) {
  const made = await build({
    absWorkingDir: HERE,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format,
    target: "es2022",
    legalComments: "eof",
    write: false,
    logLevel: "warning",
  });
  return made.outputFiles[0].text;
}

/** The types of the module for programs: src/module.ts names none from elsewhere. */
function types() {
  const place = mkdtempSync(join(tmpdir(), "solvent-types-"));
  const words = ["-p", HERE, "--noEmit", "false", "--declaration", "--emitDeclarationOnly", "--outDir", place];
  execFileSync(join(HERE, "node_modules/.bin/tsc"), words, { stdio: "inherit" });
  const made = readFileSync(join(place, "src/module.d.ts"), "utf8");
  rmSync(place, { recursive: true });
  if (/^import /m.test(made)) throw new Error("module.ts shows a type of another file");
  return made;
}

async function style(...names) {
  const { code } = await transform(names.map(read).join("\n"), { loader: "css", minify: true, target: "es2022" });
  return code;
}

function hashed(content) {
  return `'sha256-${createHash("sha256").update(content).digest("base64")}'`;
}

/** The page for a computer that is offline: one file, which may load nothing and send nothing. */
function offline(js, css, page) {
  if (/<\/(script|style)/i.test(js + css)) throw new Error("the script would end early");
  const policy = [
    "default-src 'none'",
    `script-src ${hashed(js)}`,
    `style-src ${hashed(css)}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
  ].join("; ");
  const parts = { policy, title: escaped(texts("en")["offline.title"]), style: css, page, script: js };
  return read("src/verifier.html").replace(/\[(policy|title|style|page|script)\]/g, (_, name) => parts[name]);
}

function template() {
  const titles = Object.fromEntries(LANGUAGES.map((language) => [language, texts(language).title]));
  return read("src/check.html").replace("[titles]", JSON.stringify(titles));
}

const markup = read("src/page.html");
const js = await script("src/page/main.ts", "iife");
const css = await style("src/check.css");
write("static/check.js", js);
write("static/check.css", css);
write("static/copy.js", await script("src/copy.ts", "iife"));
write("static/solvent-check.mjs", await script("src/module.ts", "esm"));
write("static/solvent-check.d.mts", types());
for (const language of LANGUAGES) {
  write(`templates/check/${language}.html`, filled(markup.replace("[api]", 'data-api="/v1"'), language));
}
write("templates/check.html", template());
const alone = filled(markup.replace(" [api]", "").replace('data-t="lead"', 'data-t="offline.lead"'), "en");
write("static/verifier.html", offline(js, await style("src/offline.css", "src/check.css"), alone));

'use strict';
// The schemas of what `--json` prints: in src/ they share parts, in dist/ each stands by itself, to be taken as one file.
const fs = require('node:fs');
const path = require('node:path');

/**
 * Writes each schema of a folder, `<command>.json`, to another folder, with the files of `parts/` that it refers to
 * among its `$defs`.
 * @param from the folder of the schemas, as they are written
 * @param to the folder to make
 * @throws Error naming the file that is no JSON, refers to none, or has a definition of the same name as a part
 */
function bundleSchemas(from, to) {
  fs.mkdirSync(to, { recursive: true });
  for (const name of fs.readdirSync(from).filter((entry) => entry.endsWith('.json'))) {
    const schema = bundleSchema(path.join(from, name));
    fs.writeFileSync(path.join(to, name), `${JSON.stringify(schema, undefined, 2)}\n`);
  }
}

function bundleSchema(file) {
  const parts = {};
  const { $defs = {}, ...schema } = takeParts(readJson(file), { file, parts });
  const twice = Object.keys($defs).find((name) => name in parts);
  if (twice !== undefined) throw new Error(`${file} defines ${twice}, which is a part, too`);
  const sorted = Object.entries(parts).sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...schema, $defs: { ...$defs, ...Object.fromEntries(sorted) } };
}

/** A copy of a schema in which references lead into its own `$defs`; the parts that they need are put into `parts`. */
function takeParts(value, context) {
  if (Array.isArray(value)) return value.map((item) => takeParts(item, context));
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, member]) => [key, takeParts(member, context)]));
  if (typeof copy.$ref !== 'string' || copy.$ref.startsWith('#/')) return copy;
  return { ...copy, $ref: `#/$defs/${takePart(path.join(path.dirname(context.file), copy.$ref), context.parts)}` };
}

function takePart(file, parts) {
  const name = path.basename(file, '.json');
  if (name in parts) return name;
  // Before its own parts are taken: a part may come by itself again.
  parts[name] = {};
  parts[name] = takeParts(readJson(file), { file, parts });
  return name;
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`The schema ${file} cannot be read: ${error.message}`);
  }
}

module.exports = { bundleSchemas };

import { LineCounter, parseDocument, type Node } from 'yaml';

/** A place in a text, both counted from 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** What a text says, and where. */
export interface ParsedYaml {
  readonly root: Node | null;
  /** The place of a character; offsets are those of the nodes. */
  readonly placeOf: (offset: number) => TextPlace;
}

/** Why a text is no YAML that can be read. */
export class YamlMistake extends Error {
  readonly place: TextPlace;

  constructor(message: string, place: TextPlace) {
    super(message);
    this.name = 'YamlMistake';
    this.place = place;
  }
}

/**
 * Reads a text of YAML 1.2, written by people: one document, not nested deeper than people go.
 * @throws YamlMistake for anything else
 */
export function parseYaml(text: string): ParsedYaml {
  const deep = findTooDeep(text);
  if (deep !== undefined) throw new YamlMistake('it is nested too deeply', placeIn(text, deep));
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, version: '1.2', schema: 'core', prettyErrors: false });
  const placeOf = (offset: number): TextPlace => {
    const { line, col } = lines.linePos(offset);
    // The counter knows no line of a text without any character.
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const [error] = document.errors;
  if (error !== undefined) throw new YamlMistake(firstLine(error.message), placeOf(error.pos[0]));
  return { root: document.contents, placeOf };
}

/** The library may add where it was and show the line; both are said already. */
function firstLine(message: string): string {
  return message.replace(/ at line \d+[\s\S]*$/, '').replace(/:?\n[\s\S]*$/, '');
}

/** Nothing that people write comes near. */
const MOST_BRACKETS = 100;
/** A line that begins with many indicators (`- - - -`), or far to the right. */
const DEEP_LINE = /^(?:[ \t]*[-?:][ \t]+){20}|^[ \t]{200}/m;

/**
 * Where a text goes down deeper than anybody writes; undefined where it does not. The parser would follow it, and end the
 * process where its stack ends.
 */
function findTooDeep(text: string): number | undefined {
  let depth = 0;
  for (const { 0: bracket, index } of text.matchAll(/[[\]{}]/g)) {
    depth = Math.max(0, depth + (bracket === '[' || bracket === '{' ? 1 : -1));
    if (depth > MOST_BRACKETS) return index;
  }
  return DEEP_LINE.exec(text)?.index;
}

function placeIn(text: string, offset: number): TextPlace {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

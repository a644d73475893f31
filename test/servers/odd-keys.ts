export interface OddKey {
  readonly name: string;
  readonly key: string;
  /** Why versitygw, which keeps objects as files by the names of their keys, does not have it; absent where it does. */
  readonly notAFile?: string;
}

const CLEANED = 'file systems take dot segments and empty ones out of a path';

/** Keys that are legal, and that programs get wrong: each is a prefix of no other but `k/fd`. */
export const ODD_KEYS: readonly OddKey[] = [
  { name: 'spaces', key: 'k/a b c.json' },
  { name: 'a space at the end', key: 'k/end ' },
  { name: 'letters beyond ASCII and beyond two bytes', key: 'k/日本語-é-😀.json' },
  { name: 'what looks like a percent escape', key: 'k/a%2Fb.json' },
  { name: 'a plus', key: 'k/a+b.json' },
  { name: 'a line feed', key: 'k/a\nb.json' },
  {
    name: 'a control character',
    key: 'k/a\u0001b',
    notAFile: 'it lists it as U+FFFD unless keys are asked for encoded',
  },
  { name: 'a parent segment', key: 'k/a/../b.json', notAFile: CLEANED },
  { name: 'a dot segment', key: 'k/./z.json', notAFile: CLEANED },
  { name: 'empty segments', key: 'k//x//y.json', notAFile: CLEANED },
  { name: 'a slash at the beginning', key: '/lead/x', notAFile: CLEANED },
  { name: 'a slash at the end, and content', key: 'k/dir/', notAFile: 'a directory has no content' },
  { name: 'brackets', key: 'k/a[1].json' },
  { name: 'what XML escapes', key: 'k/a&b<c>"d\'.json' },
  { name: 'what URLs escape', key: 'k/a:b?c=d#e;f=$,@!*().json' },
  { name: 'what S3 advises against', key: 'k/~a|b\\c^`.json' },
  { name: 'a file', key: 'k/fd' },
  { name: 'and a folder of the same name', key: 'k/fd/child', notAFile: 'a file is no directory' },
  {
    name: '1,024 bytes, the most there may be',
    key: `k/${'L'.repeat(1022)}`,
    notAFile: 'a name has at most 255 bytes',
  },
  { name: 'a long segment', key: `k/seg${'S'.repeat(300)}/x`, notAFile: 'a name has at most 255 bytes' },
  { name: 'upper case', key: 'k/Case' },
  { name: 'the same in lower case', key: 'k/case' },
];

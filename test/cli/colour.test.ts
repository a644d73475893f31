import { expect, it } from 'vitest';

import { wantsColour } from '../../src/cli/colour.js';

it.each<[boolean, boolean, NodeJS.ProcessEnv, boolean]>([
  // terminal, --no-color, environment, colour
  [true, false, {}, true],
  [false, false, {}, false],
  [true, true, {}, false],
  [true, true, { FORCE_COLOR: '1' }, false],
  [true, false, { NO_COLOR: '1' }, false],
  [true, false, { NO_COLOR: '0' }, false],
  [true, false, { NO_COLOR: '' }, true],
  [true, false, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
  [false, false, { FORCE_COLOR: '1' }, true],
  [false, false, { FORCE_COLOR: '' }, true],
  [false, false, { FORCE_COLOR: '3', TERM: 'dumb' }, true],
  [true, false, { FORCE_COLOR: '0' }, false],
  [true, false, { FORCE_COLOR: 'false' }, false],
  [true, false, { TERM: 'dumb' }, false],
  [true, false, { TERM: 'xterm-256color' }, true],
])('terminal %s, --no-color %s, %o: %s', (isTTY, noColour, env, expected) => {
  expect(wantsColour({ stream: { isTTY }, env, noColour })).toBe(expected);
});

it('takes a stream that says nothing about itself as no terminal', () => {
  expect(wantsColour({ stream: {}, env: {} })).toBe(false);
});

import { expect, it } from 'vitest';

import { countRequests, formatRequests } from '../../src/cli/count-requests.js';

it('adds the requests of all stores that count them', () => {
  const stores = [{ requests: () => ({ ListObjectsV2: 3, GetObject: 4 }) }, {}, { requests: () => ({ GetObject: 5 }) }];
  expect(countRequests(stores)).toEqual({ GetObject: 9, ListObjectsV2: 3 });
});

it('knows none where no store counts them, and zero where one does', () => {
  expect(countRequests([{}, {}])).toBeUndefined();
  expect(countRequests([])).toBeUndefined();
  expect(countRequests([{ requests: () => ({}) }])).toEqual({});
});

it('asks the store itself', () => {
  const store = {
    made: 7,
    requests() {
      return { GetObject: this.made };
    },
  };
  expect(countRequests([store])).toEqual({ GetObject: 7 });
});

it.each([
  [{ ListObjectsV2: 4, GetObject: 1200 }, '1,204 requests (1,200 GetObject, 4 ListObjectsV2)'],
  [{ ListObjectsV2: 1, GetObject: 0 }, '1 request (1 ListObjectsV2)'],
  [{}, '0 requests'],
])('shows %j as %s', (requests, text) => {
  expect(formatRequests(requests)).toBe(text);
});

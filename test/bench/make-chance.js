// Numbers and ids that look like chance and are the same wherever and whenever they are made.

/** A 32-bit number that looks like chance and is a one-to-one function of its argument. */
export function mix(number) {
  let x = number | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

export function uuid(number, salt) {
  const [a, b, c, d] = [1, 2, 3, 4].map((part) => hex(mix(Math.imul(number + 1, salt * 2 + 1) ^ mix(part * salt))));
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-a${c.slice(1, 4)}-${c.slice(4)}${d}`;
}

function hex(number) {
  return (number + 0x100000000).toString(16).slice(1);
}

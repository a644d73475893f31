/** Blank space within a line. */
export function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d;
}

/** White space as RFC 8259 has it. */
export function isWhiteSpace(byte: number): boolean {
  return byte === 0x0a || isBlank(byte);
}

/** What is passed over between the values of a body. */
export function isSeparator(byte: number): boolean {
  return byte === 0x2c || isWhiteSpace(byte);
}

/** What may stand behind a value on its line: the end, a comma, or another object or array with nothing between. */
export function mayFollow(byte: number | undefined): boolean {
  return byte === undefined || byte === 0x0a || byte === 0x2c || byte === 0x7b || byte === 0x5b;
}

/** Whether a value that ends with this byte has ended: more digits may follow a digit. */
export function isClosing(byte: number): boolean {
  return byte === 0x7d || byte === 0x5d || byte === 0x22;
}

/** Where the text of a list's element ends at the latest: its comma, the list's end, or the next object. */
export function isElementBoundary(byte: number): boolean {
  return byte === 0x2c || byte === 0x5d || byte === 0x7b;
}

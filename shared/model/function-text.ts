/** Whether a text is no longer than this many bytes of UTF-8. Lone surrogates count as what replaces them. */
export function bytesWithin(text: string, most: number): boolean {
  if (text.length > most) return false;
  return text.length * 3 <= most || utf8Bytes(text) <= most;
}

export function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    // A surrogate pair has 4 bytes: 2 for each of its units.
    if (unit >= 0x80) bytes += unit >= 0x800 && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return bytes;
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

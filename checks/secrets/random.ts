/**
 * Whether a text was made by a machine: long, in several kinds of characters, spread evenly, and no row of words.
 */

/** Shorter texts cannot be told from names. */
const SHORTEST = 16;

/** Bits a character. English is at about 2.5 in so short a text, hexadecimal digits at 3.2 and more, base64 at 3.6 and more. */
const LEAST_BITS = 3;

/** As far as anybody needs to look; a key of 4096 bits is shorter. */
const LONGEST = 4096;

const ONE_TOKEN = /^[A-Za-z0-9+/=_.~:-]+$/;
const DIGIT_AND_LETTER = /[0-9].*[A-Za-z]|[A-Za-z].*[0-9]/;
const WORD = /^(?:[A-Za-z]+[0-9]{0,4}|v?[0-9]+)?$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DIGEST = /^(?:sha(?:1|256|384|512)|md5)[:-]/i;

/** Names of things look much like it: UUIDs and digests identify, and are no secrets. */
export function looksRandom(text: string): boolean {
  if (text.length < SHORTEST || !ONE_TOKEN.test(text)) return false;
  if (UUID.test(text) || DIGEST.test(text) || isRowOfWords(text)) return false;
  return DIGIT_AND_LETTER.test(text) && entropyBits(text.slice(0, LONGEST)) >= LEAST_BITS;
}

/** `orders-by-customer-v2`, `app.kubernetes.io/name`, `createdAt`. */
function isRowOfWords(text: string): boolean {
  return text.split(/[-_.:/=+~]/).every((piece) => WORD.test(piece));
}

/** Shannon entropy, in bits a character. */
function entropyBits(text: string): number {
  const counts = Map.groupBy(text, (character) => character);
  const shares = [...counts.values()].map((same) => same.length / text.length);
  return shares.reduce((sum, share) => sum - share * Math.log2(share), 0);
}

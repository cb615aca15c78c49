/**
 * Kubernetes quantities (`500m`, `1Gi`, `0.5`) as amounts: the API server rewrites them to a canonical form, so that comparing texts
 * would see a difference where there is none. Exact arithmetic: no rounding, any size.
 */

interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const PATTERN = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d{1,3}))?$/;
const DECIMAL_EXPONENT: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const BINARY_EXPONENT: Readonly<Record<string, bigint>> = {
  Ki: 10n,
  Mi: 20n,
  Gi: 30n,
  Ti: 40n,
  Pi: 50n,
  Ei: 60n,
};

/** Whether two quantities are the same amount. False when either is not a quantity. */
export function isSameQuantity(one: string | number, other: string | number): boolean {
  return compareQuantities(one, other) === 0;
}

/** @returns -1, 0 or 1 as `one` is less than, equal to or more than `other`; undefined when either is not a quantity. */
export function compareQuantities(one: string | number, other: string | number): -1 | 0 | 1 | undefined {
  const left = parse(String(one));
  const right = parse(String(other));
  if (left === undefined || right === undefined) return undefined;
  // Denominators are powers of ten, never negative, so multiplying by them keeps the order.
  const difference = left.numerator * right.denominator - right.numerator * left.denominator;
  if (difference === 0n) return 0;
  return difference < 0n ? -1 : 1;
}

/** Texts that were parsed before, since the same few come again and again; undefined for what is no quantity. */
const known = new Map<string, Fraction | undefined>();
const MOST_KNOWN = 1_000;
/** As long as the schemas of our kinds let one be: nobody fills the memory with longer ones. */
const LONGEST_KNOWN = 64;

function parse(text: string): Fraction | undefined {
  if (text.length > LONGEST_KNOWN) return parseAnew(text);
  if (known.has(text)) return known.get(text);
  const parsed = parseAnew(text);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(text, parsed);
  return parsed;
}

function parseAnew(text: string): Fraction | undefined {
  const [, sign, digits, suffix, exponent] = PATTERN.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const [whole = '', fraction = ''] = digits.split('.');
  const value = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n);
  const scale = scaleOf(suffix, exponent);
  return shift({ numerator: value * scale.factor, denominator: 1n }, scale.exponent - fraction.length);
}

function scaleOf(
  suffix: string | undefined,
  exponent: string | undefined,
): { readonly factor: bigint; readonly exponent: number } {
  const binary = suffix === undefined ? undefined : BINARY_EXPONENT[suffix];
  if (binary !== undefined) return { factor: 1n << binary, exponent: 0 };
  const decimal = suffix === undefined ? Number(exponent ?? 0) : (DECIMAL_EXPONENT[suffix] ?? 0);
  return { factor: 1n, exponent: decimal };
}

/** Multiplies by a power of ten. */
function shift(value: Fraction, exponent: number): Fraction {
  const power = 10n ** BigInt(Math.abs(exponent));
  if (exponent >= 0) return { numerator: value.numerator * power, denominator: value.denominator };
  return { numerator: value.numerator, denominator: value.denominator * power };
}

/**
 * `metav1.MicroTime` on the wire: RFC 3339 with exactly six digits of fraction. The API server refuses the three digits of
 * `toISOString`, and an operator that stamps its lease so is never elected while its pods look healthy.
 */
export function microTime(time: Date): string {
  return time.toISOString().replace(/Z$/, '000Z');
}

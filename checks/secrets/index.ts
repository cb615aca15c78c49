/** Finds literal secrets, and never repeats one. */
export { literalSecretsOf, type LiteralSecret } from './literals.ts';
export { secretClassOf } from './secret-class.ts';

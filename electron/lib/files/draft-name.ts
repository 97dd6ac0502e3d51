import { randomBytes } from 'node:crypto';

/** Lies beside what it becomes, so that it becomes that at once. */
export const draftName = (): Buffer => Buffer.from(`.terrarium-${randomBytes(6).toString('hex')}.tmp`);

export const isDraftName = (name: string): boolean => /^\.terrarium-[0-9a-f]{12}\.tmp$/.test(name);

import { expect, it } from 'vitest';
import { describeLayers } from './layer-suite.ts';
import { becomeOrdinaryUser, ordinaryUsers } from './ordinary-user.ts';

becomeOrdinaryUser(ordinaryUsers.layer);

it('is an ordinary user’s', () => expect(process.getuid?.()).not.toBe(0));
await describeLayers('an ordinary user');

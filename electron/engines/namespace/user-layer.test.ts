import { expect, it } from 'vitest';
import { becomeOrdinaryUser, ordinaryUsers } from '../local/ordinary-user.ts';
import { describeLayers } from './layer-suite.ts';

becomeOrdinaryUser(ordinaryUsers.layer);

it('is an ordinary user’s', () => expect(process.getuid?.()).not.toBe(0));
await describeLayers('an ordinary user');

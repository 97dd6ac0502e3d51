import { AppError } from '../../../shared/model/error.ts';

// What is refused before anything of the contract is asked.

export const foreign = new AppError('denied', 'This address is not served here', {
  hint: 'Call it as 127.0.0.1, localhost or [::1] with its port, and from no other page.',
});
export const notFound = new AppError('not_found', 'There is nothing at this path');
export const notBuilt = new AppError('not_found', 'The page is not built yet', { hint: 'npm start builds it.' });
export const unreadable = new AppError('invalid_input', 'The request could not be read');
export const usedLink = new AppError('denied', 'This link was used already or is too old', {
  hint: 'Ask for another one: terrarium open',
});
export const wrongToken = new AppError('denied', 'The bearer token is missing or wrong', {
  hint: 'Send “Authorization: Bearer …” with the token of host.json in Terrarium’s state folder.',
});
export const noSession = new AppError('denied', 'Open Terrarium from its link');
export const tooMany = (most: number) =>
  new AppError('limit_exceeded', `There are ${most} connections already`, {
    hint: 'Close some, and try again.',
  });

export const endlessHeaders = new AppError('limit_exceeded', 'The request’s headers are too long');
export const tooSlow = new AppError('timeout', 'The request did not come to its end in time');

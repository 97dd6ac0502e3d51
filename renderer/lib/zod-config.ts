import { config } from 'zod';

// The page's policy allows no eval, with which zod would make its parsers faster. Must be imported before any schema.
config({ jitless: true });
